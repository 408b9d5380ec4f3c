import { minimum, neg, reciprocal } from "../dataflow/arithmetic.js"
import { and, isFinite, lt, not, or, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { norm } from "../dataflow/reduce.js"
import { dot } from "./vector.js"

/** Where a method wants to go. */
export interface Wish {
  readonly direction: Tensor
  /** The length that is tried first, in units of the direction. */
  readonly length: Tensor
  /** A bool scalar: whether nothing is remembered, so that the direction is that of -∇f, which has no length of its own. */
  readonly isFresh: Tensor
}

/** Where to look. */
export interface Aim {
  readonly along: Tensor
  readonly first: Tensor
  /** Bool scalars: whether the wish was a direction of descent, and whether it begins anew, along -∇f. */
  readonly isDescent: Tensor
  readonly begins: Tensor
}

/**
 * What is no direction of descent gives way to -∇f, along which the first length is 1, or that of the gradient if it is longer;
 * of the `free` gradient, where bounds hold some variables.
 */
export const aimed = (gradient: Tensor, { direction, length, isFresh }: Wish, free: Tensor = gradient): Aim => {
  const slope = dot(gradient, direction)
  const isDescent = and(isFinite(slope), lt(slope, 0))
  const begins = or(isFresh, not(isDescent))
  return {
    along: where(isDescent, direction, neg(gradient)),
    first: where(begins, minimum(1, reciprocal(norm(free))), length),
    isDescent,
    begins
  }
}
