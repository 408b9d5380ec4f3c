import type { Scope, Tensor, Vertex } from "../dataflow/primitive.js"
import { broadcastTo, reshape } from "../dataflow/structure.js"

/** A tensor of every example, along axis 0; or, where it is not `mapped`, one that is the same for all. */
export interface Batched {
  readonly value: Tensor
  readonly mapped: boolean
}

/** A function of one example whose graph is written anew for all examples at once. */
export interface Batching {
  /** The number of examples. */
  readonly size: number
  /** What was traced for one example: the function itself, and the bodies of the loops in it that are entered. */
  readonly scopes: readonly Scope[]
  /** What vertices for one example have become; of a loop, its results. */
  readonly known: Map<Vertex, Batched | readonly Batched[]>
  /** What is around a loop. */
  readonly outer?: Batching
  /** Bool, `[size]`: the examples that this is computed for, where the others only go along (`idle.ts`). All, if absent. */
  readonly active?: Tensor | undefined
}

/** A tensor of every example: copies, where it is the same for all. */
export const forEach = (size: number, { value, mapped }: Batched): Tensor =>
  mapped ? value : broadcastTo(value, [size, ...value.shape])

/** How many axes a tensor has for one example. */
export const rankOf = ({ value, mapped }: Batched): number => value.shape.length - (mapped ? 1 : 0)

/** With axes of size 1 after that of the examples, so that one example has `rank` axes, and broadcasts as it did alone. */
export const toRank = (batched: Batched, rank: number): Tensor => {
  const { value, mapped } = batched
  const missing = rank - rankOf(batched)
  if (!mapped || missing <= 0) return value
  return reshape(value, [...value.shape].toSpliced(1, 0, ...Array.from({ length: missing }, () => 1)))
}
