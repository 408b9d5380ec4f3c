import type { AnyOptimizer } from "thalweg/optimizer"
import type { AnyTransform } from "./arbitrary/transform.js"

/** A combinator of optimizers of whose states nothing is known. */
export type Wrap = (inner: AnyOptimizer) => AnyOptimizer

interface Moving {
  readonly motion: object
}

interface Updating {
  readonly update: (...args: never) => unknown
}

/** Optimizers, transforms and combinators of such, of whose states nothing is known. */
type Made<A> = A extends Moving
  ? AnyOptimizer
  : A extends Updating
    ? AnyTransform
    : A extends (inner: AnyOptimizer) => Moving
      ? Wrap
      : A extends (inner: AnyTransform) => Updating
        ? (inner: AnyTransform) => AnyTransform
        : A

/**
 * A function that is called as a recipe is, and makes what it makes, but that its states may look otherwise. What a
 * recipe carries besides is not asked for.
 */
export type FunctionOf<R extends (...args: never) => unknown> = (...args: Parameters<R>) => Made<ReturnType<R>>
