import { literalOf } from "../dataflow/create.js"
import { ThalwegError } from "../dataflow/error.js"
import { isLiteral, valueIn } from "../dataflow/literal.js"
import { isLoop, type Literal, type Tensor, type Vertex } from "../dataflow/primitive.js"
import { isSymbolic, whenOver } from "../dataflow/scope.js"
import { range, sizeOf } from "../dataflow/shape.js"
import { settle } from "../dataflow/tensor.js"
import type { Type } from "../dataflow/type.js"
import type { Value } from "../dataflow/value.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { engine } from "./in-use.js"
import { mostOf, perform } from "./interpreter/run.js"
import { operands, operandsOf, opOf, outsOf } from "./program/lower.js"
import { typesOf, type Program, type ProgramKind, type Step } from "./program/program.js"

/** The values of nodes that are still needed as they were built. */
const remembered = new WeakMap<Vertex, Literal>()

const literalFor = (t: Tensor): Literal | undefined => (isLiteral(t) ? t : remembered.get(t))

const isKnown = (vertex: Vertex): boolean => !isLoop(vertex) && literalFor(vertex) !== undefined

/** Makes a literal of a node that was computed, as soon as nobody can differentiate it any more. */
const remember = (t: Tensor, value: Value): void => {
  whenOver(t, () => {
    settle(t, value)
  })
  if (!isLiteral(t)) remembered.set(t, literalOf(value))
}

/** Kinds of steps that the engine computes in a fraction of the time; what moves elements is not worth the way there. */
const COMPUTING: ReadonlySet<ProgramKind> = new Set<ProgramKind>([
  "dot",
  "conv",
  "scan",
  "unary",
  "threefry",
  "reduce",
  "argReduce",
  "argSort",
  "cumSum",
  "windowReduce",
  "maxPoolPullback",
  "fold"
])

/** Steps of so much work, in elements or products, are worth a program of their own. */
const MUCH = 2 ** 17

const elementsIn = (types: readonly Type[]): number => types.reduce((n, { shape }) => n + sizeOf(shape), 0)

/** How many products a step makes at most, or how many elements it reads and writes. */
const workOf = ({ op, outs }: Pick<Step, "op" | "outs">, args: readonly Value[]): number => {
  const types: readonly Type[] = args.map(({ type }) => type)
  const [x, kernel] = types as readonly [Type, Type]
  if (op.kind === "dot") return elementsIn(outs) * sizeOf(op.contract[0].map(axis => x.shape[axis]!))
  if (op.kind === "conv") return elementsIn(outs) * sizeOf(kernel.shape.slice(0, -1))
  if (op.kind === "scan") {
    const count = args.slice(op.body.inputs.length).map(value => value.read())
    return mostOf(op, count) * elementsIn(typesOf(op.body))
  }
  return elementsIn([...types, ...outs])
}

/** A step as a program. */
const alone = ({ op, outs }: Pick<Step, "op" | "outs">, inputs: readonly Type[]): Program => ({
  inputs,
  consts: [],
  steps: [{ op, args: range(inputs.length), outs }],
  outputs: range(outs.length).map(i => inputs.length + i)
})

/** Runs a step on the engine that runs compiled functions, if its memory has room for it. */
const onEngine = (step: Pick<Step, "op" | "outs">, args: readonly Value[]): readonly Value[] | undefined => {
  const spend = args.map(() => false)
  try {
    return engine.prepare(alone(step, args.map(({ type }) => type)), { fusedMultiplyAdd: false }).run(args, spend) // prettier-ignore
  } catch (error) {
    if (error instanceof ThalwegError && error.name === "MemoryError") return undefined
    throw error
  }
}

/** Runs a step: in the interpreter, or, where that would take milliseconds, on the engine. */
const performed = (step: Pick<Step, "op" | "outs">, args: readonly Value[]): readonly Value[] => {
  const isMuch = COMPUTING.has(step.op.kind) && workOf(step, args) >= MUCH
  return (isMuch ? onEngine(step, args) : undefined) ?? perform(step, args)
}

/** Computes a node whose operands are known. */
const compute = (operation: string, vertex: Vertex): void => {
  const args = operandsOf(vertex).map(a => valueIn(literalFor(a as Tensor)!))
  const op = opOf(vertex, operation)
  const values = op === undefined ? args : performed({ op, outs: outsOf(vertex) }, args)
  const results = isLoop(vertex) ? vertex.parts : [vertex]
  results.forEach((t, i) => remember(t, values[i]!))
}

/** What is to be computed, the last first. */
const pending = (tensors: readonly Tensor[]): Vertex[] => operands(tensors, { has: isKnown }).toReversed()

/**
 * The values of some tensors. Every node on the way is computed once and remembers its value, and nobody but the user and
 * what is still to be computed holds it then, so that memory is free again as soon as it can be.
 */
export const evaluateAll = (tensors: readonly Tensor[], operation = "evaluate"): readonly Literal[] => {
  const rest = tensors.every(isKnown) ? [] : pending(tensors)
  for (let vertex = rest.pop(); vertex !== undefined; vertex = rest.pop())
    if (!isKnown(vertex)) compute(operation, vertex)
  return tensors.map(t => literalFor(t)!)
}

/**
 * Computes a tree: the same tree, every leaf a literal. What the leaves share is computed once.
 *
 * Every node that is computed on the way, whether in `tree` or not, keeps its value and lets go of its arguments: it is
 * computed once, and is a literal from then on. (What may yet be differentiated, by a `vjp`, keeps them.)
 *
 * Laws: `evaluate(evaluate(t)) ≡ evaluate(t)`; `compile(f)(x) ≡ evaluate(f(x))`; the same inputs give the same bits.
 *
 * Inside a function that is being traced (by `grad`, `scan` or `compile`) a tree that depends on its arguments is
 * returned as it is, so that derivatives flow through; values do not exist there yet, or are not to be fixed.
 *
 * @example
 * import assert from "node:assert"
 * import { add, evaluate, scalar } from "thalweg"
 *
 * const x = add(scalar(1), 2) // built, not run
 * assert.match(String(x), /= add\(1, 2\)/)
 * assert.match(String(evaluate({ x }).x), /3$/)
 */
export const evaluate = <T extends TreeLike<T>>(tree: T): T => {
  const { leaves, structure } = Tree.flatten(tree)
  if (isSymbolic(leaves)) return tree
  return Tree.unflatten<T>(structure)(evaluateAll(leaves))
}
