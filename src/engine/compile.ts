import { literal } from "../dataflow/create.js"
import type { Data } from "../dataflow/dtype.js"
import type { Scope, Tensor } from "../dataflow/primitive.js"
import { dataOf } from "../dataflow/literal.js"
import { borderOf, orderWithin } from "../dataflow/order.js"
import { isSymbolic, newScope } from "../dataflow/scope.js"
import { inputLike } from "../dataflow/symbol.js"
import { Tree } from "../tree/index.js"
import type { Structure } from "../tree/tree.js"
import { evaluateAll } from "./evaluate.js"
import { plan, run, type Program } from "./interpreter/program.js"

/** Programs kept per compiled function; the least recently used one is dropped. */
const CAPACITY = 32

interface Compiled {
  readonly scope: Scope
  readonly symbols: readonly Tensor[]
  readonly outputs: readonly Tensor[]
  readonly structure: Structure
}

const structureKey = (structure: Structure): string =>
  structure.kind === "leaf"
    ? "*"
    : structure.kind === "array"
      ? `[${structure.items.map(structureKey).join(",")}]`
      : `{${structure.items.map((item, i) => `${JSON.stringify(structure.keys[i])}:${structureKey(item)}`).join(",")}}`

const signature = (structure: Structure, leaves: readonly Tensor[]): string =>
  `${structureKey(structure)} ${leaves.map(t => `${t.dtype}[${t.shape.join(",")}]`).join(" ")}`

const trace = <A extends readonly Tree[]>(
  f: (...args: A) => Tree,
  structure: Structure,
  leaves: readonly Tensor[]
): Compiled => {
  const scope = newScope()
  const symbols = leaves.map((t, i) => inputLike(scope, `argument${i}`, t))
  const result = Tree.flatten(scope.trace(() => f(...Tree.unflatten<A>(structure)(symbols))))
  return { scope, symbols, outputs: result.leaves, structure: result.structure }
}

/** A program, and the values of what it closes over, computed once. */
interface Planned {
  readonly program: Program
  readonly closedOver: readonly Data[]
}

const planned = ({ scope, symbols, outputs }: Compiled): Planned => {
  const order = orderWithin(scope, outputs)
  const border = borderOf(scope, outputs, order)
  const inputs = [...symbols, ...border]
  return { program: plan(outputs, inputs), closedOver: evaluateAll(border).map(dataOf) }
}

/** The value under a key, made if absent, in a map that forgets the least recently used beyond its capacity. */
const recall = <A>(cache: Map<string, A>, key: string, make: () => A): A => {
  const value = cache.get(key) ?? make()
  cache.delete(key)
  cache.set(key, value)
  if (cache.size > CAPACITY) cache.delete(cache.keys().next().value!)
  return value
}

/**
 * Makes a function that plans `f` once for each structure, dtype and shape of its arguments and then only runs.
 *
 * `f` takes and returns trees and must be pure: it is called once per signature, with symbols for tensors. Programs are
 * kept for the 32 signatures used last. Where its arguments, or values that `f` closes over, are themselves being
 * traced (inside `grad`, `scan` or another compiled function) the compiled function is `f`.
 *
 * Law: `compile(f)(x) ≡ evaluate(f(x))`. Throws what `f` throws, and an `UnboundInputError` if `f` reads a value.
 *
 * @example
 * import assert from "node:assert"
 * import { compile, item, mul, scalar, tensor, toArray, type Tensor } from "thalweg"
 *
 * let plans = 0
 * const double = compile((x: Tensor) => {
 *   plans += 1
 *   return mul(x, 2)
 * })
 * assert.deepStrictEqual([1, 2, 3].map(n => item(double(scalar(n)))), [2, 4, 6])
 * assert.strictEqual(plans, 1)
 * assert.deepStrictEqual(toArray(double(tensor([1, 2]))), [2, 4])
 * assert.strictEqual(plans, 2)
 */
export const compile = <A extends readonly Tree[], B extends Tree>(f: (...args: A) => B): ((...args: A) => B) => {
  const cache = new Map<string, Compiled>()
  const plans = new WeakMap<Compiled, Planned>()
  return (...args) => {
    const { leaves, structure } = Tree.flatten(args)
    if (isSymbolic(leaves)) return f(...args)
    const compiled = recall(cache, signature(structure, leaves), () => trace(f, structure, leaves))
    if (isSymbolic(compiled.outputs)) return f(...args)
    const { program, closedOver } = plans.get(compiled) ?? planned(compiled)
    plans.set(compiled, { program, closedOver })
    const results = run(program, [...evaluateAll(leaves).map(dataOf), ...closedOver])
    const literals = compiled.outputs.map((t, i) => literal(results[i]!, t.shape, t.dtype))
    return Tree.unflatten<B>(compiled.structure)(literals)
  }
}
