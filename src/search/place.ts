import type { Tensor } from "../dataflow/primitive.js"

/** A point, with what a method with derivatives knows of the function there. */
export interface Place {
  /** A vector: see `Problem`. */
  readonly point: Tensor
  /** f(point), a scalar. */
  readonly value: Tensor
  /** ∇f(point), a vector. */
  readonly gradient: Tensor
}

/** How often the function was computed so far, i32 scalars. */
export interface Evaluations {
  /** At how many points its value was computed, with or without the gradient. */
  readonly values: Tensor
  /** At how many of them its gradient was. */
  readonly gradients: Tensor
  /** How many products of its Hessian with a vector were. */
  readonly hessianProducts: Tensor
}
