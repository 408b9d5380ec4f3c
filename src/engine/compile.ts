import { checkFunction } from "../dataflow/check.js"
import { literalOf } from "../dataflow/create.js"
import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { valueIn } from "../dataflow/literal.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isSymbolic } from "../dataflow/scope.js"
import { sameType, showType, typeOf, type Type } from "../dataflow/type.js"
import type { Tree, TreeLike, TreesLike } from "../tree/index.js"
import { leavesOf } from "../tree/structure.js"
import { builtOf, flattenArguments, pathOf, type Structure, type Trail } from "../tree/tree.js"
import { checkEngineOptions, type Engine, type EngineOptions, type Executable } from "./engine.js"
import { evaluateAll } from "./evaluate.js"
import { engine } from "./in-use.js"
import { ownOutputs } from "./program/share.js"
import { recall } from "./recall.js"
import { programOf, trace, type Traced } from "./trace.js"

/** Signatures kept per compiled function; the least recently used one is dropped. */
const CAPACITY = 32

/** What is kept for a signature: the structure, dtypes and shapes of the arguments. */
interface Plan {
  readonly types: readonly Type[]
  readonly structure: Structure
  readonly executable: Executable
  readonly result: Structure
  readonly own: readonly boolean[]
}

const structureKey = (structure: Structure): string =>
  structure.kind === "leaf"
    ? "*"
    : structure.kind === "array"
      ? `[${structure.items.map(structureKey).join(",")}]`
      : `{${structure.items.map((item, i) => `${JSON.stringify(structure.keys[i])}:${structureKey(item)}`).join(",")}}`

/** What programs are kept by: the structure, dtypes and shapes of arguments. */
export const signature = (structure: Structure, leaves: readonly Tensor[]): string =>
  `${structureKey(structure)} ${leaves.map(showType).join(" ")}`

const planOf = (engine: Engine, options: EngineOptions, traced: Traced, structure: Structure): Plan => {
  const program = programOf(traced)
  return {
    types: traced.symbols.map(typeOf),
    structure,
    executable: engine.prepare(program, options),
    result: traced.structure,
    own: ownOutputs(program)
  }
}

/** The leaves of arguments whose signature is that of a plan. No text is made. */
const leavesFor = ({ structure, types }: Plan, args: readonly Tree[]): readonly Tensor[] | undefined => {
  const leaves = leavesOf(structure, args)
  return leaves?.every((t, i) => sameType(t, types[i]!)) === true ? leaves : undefined
}

/** What a compiled call computed, and which of its leaves nobody else holds. */
export interface Computed<B extends Tree> {
  readonly result: B
  readonly own: readonly boolean[]
}

/** A compiled function, which is told the leaves of its arguments that nobody looks at again. */
export type Compiled<A extends readonly Tree[], B extends Tree> = (
  args: A,
  spent: Pick<ReadonlySet<Tensor>, "has">
) => Computed<B>

/** What was planned for each signature of a compiled function. */
const explanations = new WeakMap<object, () => readonly string[]>()

/** The paths of leaves, as errors name them. */
const pathsIn = (structure: Structure, trail: Trail = []): readonly string[] =>
  structure.kind === "leaf"
    ? [pathOf(trail)]
    : structure.items.flatMap((item, i) =>
        pathsIn(item, [...trail, structure.kind === "record" ? structure.keys[i]! : i])
      )

const explained = ({ types, structure, result, executable }: Plan): string => {
  const results = pathsIn(result).map(path => path || "the result")
  return [`(${types.map(showType).join(", ")})`, executable.explain({ args: pathsIn(structure), results })].join("\n")
}

/** `compile` for an engine. */
export const compileOn =
  (engine: Engine) =>
  <A extends readonly Tree[], B extends Tree>(f: (...args: A) => B, options: EngineOptions = {}): Compiled<A, B> => {
    const plans = new Map<string, Traced | Plan>()
    let last: Plan | undefined
    const plain = (args: A): Computed<B> => ({ result: f(...args), own: [] })
    const run = (plan: Plan, leaves: readonly Tensor[], spent: Pick<ReadonlySet<Tensor>, "has">): Computed<B> => {
      const spend = leaves.map(t => spent.has(t))
      const values = plan.executable.run(evaluateAll(leaves).map(valueIn), spend)
      return { result: builtOf(plan.result, values.map(literalOf)) as B, own: plan.own }
    }
    const call: Compiled<A, B> = (args, spent) => {
      const known = last && leavesFor(last, args)
      if (last && known && !isSymbolic(known)) return run(last, known, spent)
      const { leaves, structure } = flattenArguments(args)
      if (isSymbolic(leaves)) return plain(args)
      const key = signature(structure, leaves)
      const found = recall(plans, key, CAPACITY, () => trace(f, structure, leaves))
      if ("outputs" in found && isSymbolic(found.outputs)) return plain(args)
      last = "outputs" in found ? planOf(engine, options, found, structure) : found
      plans.set(key, last)
      return run(last, leaves, spent)
    }
    explanations.set(call, () => [...plans].flatMap(([, plan]) => ("outputs" in plan ? [] : [explained(plan)])))
    return call
  }

/** Compiled functions on the engine in use. */
export const compiled = compileOn(engine)

const nothing: ReadonlySet<Tensor> = new Set()

/**
 * Makes a function that plans `f` once for each structure, dtype and shape of its arguments and then only runs.
 *
 * `f` takes and returns trees and must be pure: it is called once per signature, with symbols for tensors. Programs are
 * kept for the 32 signatures used last; what `f` closes over is computed once for each. Where its arguments, or values
 * that `f` closes over, are themselves being traced (inside `grad`, `scan` or another compiled function) the compiled
 * function is `f`. To plan takes milliseconds: pad arguments to a few shapes where they have many.
 *
 * Results stay in the memory of the engine until they are read or collected, 128 MB of them at most, and as many copies of
 * what was read or is given more than once, which is kept for further calls; `foldBatches` needs no more than one state.
 *
 * Law: `compile(f)(x) ≡ evaluate(f(x))`, to the last bit with `{ fusedMultiplyAdd: false }`; without it, where the host
 * can, products in `matmul`, `conv` and their kin are added before they are rounded (`EngineOptions`).
 * Throws what `f` throws, an `UnboundInputError` if `f` reads a value, and a `HyperparameterError` for other options.
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
export const compile = <A extends TreesLike<A>, B extends TreeLike<B>>(
  f: (...args: A) => B,
  options: EngineOptions = {}
): ((...args: A) => B) => {
  checkFunction("compile", f)
  checkEngineOptions("compile", options)
  const run = compiled(f as (...args: never) => B as (...args: readonly Tree[]) => B, options)
  const call = (...args: A): B => run(args as readonly Tree[], nothing).result
  explanations.set(call, explanations.get(run)!)
  return call
}

/**
 * Tells how a compiled function runs, as text: for each signature that it was called with, the loops, the buffers that they
 * go through, the bytes that they move and their operations, and what runs in the interpreter, and why. The text is for
 * people, and changes. (Of a fold, compile its step, and call it once.)
 *
 * `loop[…]` goes once through arrays of these sizes and does all that it lists to each element; `scalars` are single
 * numbers, a `product` is of matrices, batches × rows × depth × columns, and what else is named is a call. After `→`
 * stands what is put into memory. Arguments and results have the paths that errors give them; `in place` are results
 * that go over the argument at their place when a fold carries it. (In the interpreter, all steps of the program.)
 *
 * Throws a `DataError` for what `compile` did not make.
 *
 * @example
 * import assert from "node:assert"
 * import { compile, explain, mul, sum, tensor, type Tensor } from "thalweg"
 *
 * const squares = compile((x: Tensor) => sum(mul(x, x)))
 * squares(tensor([1, 2, 3]))
 * assert.match(explain(squares), /^\(f32\[3\]\)\n/)
 */
export const explain = (compiled: (...args: never) => unknown): string => {
  const texts = explanations.get(checkFunction("explain", compiled))
  return texts === undefined
    ? fail("DataError", "explain", "a function that compile made (of a fold, its step)", describeValue(compiled))
    : texts().join("\n\n") || "Nothing is planned before the first call."
}
