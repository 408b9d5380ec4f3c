import { where } from "../dataflow/logic.js"
import { eye } from "../dataflow/matrix.js"
import type { Kind, Op, Tensor } from "../dataflow/primitive.js"
import { toRank, type Batched } from "./batched.js"

/** What takes the place of a value for examples that only go along. */
interface Harmless {
  /** Which argument may throw. */
  readonly place: number
  readonly valueFor: (value: Tensor) => Tensor | number
}

const matrix: Harmless = { place: 0, valueFor: ({ shape, dtype }) => eye(shape.at(-2) ?? 0, shape.at(-1), dtype) }
const indices: Harmless = { place: 1, valueFor: () => 0 }

/** Primitives that throw for some values of an argument, and values for which they do not. */
const throwing: { readonly [K in Kind]?: Harmless } = {
  factor: matrix,
  triangularSolve: matrix,
  gather: indices,
  scatterAdd: indices,
  scatterSet: indices
}

/**
 * The arguments of a primitive that is computed for all examples: those that did not choose the branch, or are done with the
 * loop, go along, and what they hold may be what the branch or the condition is there to keep away. So they throw nothing.
 */
export const harmless = (op: Op, args: readonly Batched[], active: Tensor | undefined): readonly Batched[] => {
  const { place, valueFor } = throwing[op.kind] ?? {}
  if (active === undefined || place === undefined || valueFor === undefined) return args
  if ("onFailure" in op && op.onFailure === "nan") return args
  return args.map((arg, i) =>
    i === place && arg.mapped ? { value: ifActive(active, arg.value, valueFor(arg.value)), mapped: true } : arg
  )
}

/** What an example computes that is active, and something else for those that are not. */
export const ifActive = (active: Tensor, value: Tensor, otherwise: Tensor | number): Tensor =>
  where(toRank({ value: active, mapped: true }, value.shape.length - 1), value, otherwise)
