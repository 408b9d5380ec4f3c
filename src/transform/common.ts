import { checkTensor } from "../dataflow/check.js"
import { customVjp } from "../autodiff/custom-vjp.js"
import { scalar, zerosLike } from "../dataflow/create.js"
import { abs, add, div, mul } from "../dataflow/arithmetic.js"
import { isFloat, smallestNormal, type FloatDType } from "../dataflow/dtype.js"
import { cast } from "../dataflow/elementwise.js"
import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { eq, lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isTensor } from "../dataflow/tensor.js"
import { sqrt } from "../dataflow/transcendental.js"
import { knownIn } from "../options/extent.js"
import { Tree } from "../tree/index.js"
import type { AtLoss, AtObjective } from "./transform.js"

/** One as an f64 scalar. */
export const one: Tensor = scalar(1, "f64")

/** Zero as an f64 scalar. */
export const zero: Tensor = scalar(0, "f64")

/** A count that begins. */
export const zeroCount: Tensor = scalar(0, "i32")

/** One more. */
export const next = (count: Tensor): Tensor => add(count, 1)

/** A scalar hyperparameter in the dtype of a leaf. */
export const castLike = (value: Tensor, leaf: Tensor): Tensor => cast(value, leaf.dtype)

/**
 * Multiplies a leaf by a scalar hyperparameter, which is rounded to the dtype of the leaf.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, tensor, toArray } from "thalweg"
 * import { times } from "thalweg/transform"
 *
 * assert.deepStrictEqual(toArray(times(tensor([2, 4]), scalar(0.5, "f64"))), [1, 2])
 */
export const times = (leaf: Tensor, factor: Tensor): Tensor => mul(leaf, castLike(factor, checkTensor("times", leaf)))

/** Every leaf times one scalar. */
export const scaledBy = (factor: Tensor): (<P extends Tree>(tree: P) => P) => Tree.map(leaf => times(leaf, factor))

/** Leaves like the given ones that hold one value. */
export const filledLike = (value: Tensor): (<P extends Tree>(params: P) => P) =>
  Tree.map(t => add(zerosLike(t), castLike(value, t)))

/** Updates every leaf together with what is kept for it, in a list in the order of the leaves. */
export const withKept =
  <K>(update: (leaf: Tensor, kept: K) => readonly [leaf: Tensor, kept: K]) =>
  <P extends Tree>(tree: P, kept: readonly K[]): readonly [tree: P, kept: readonly K[]] => {
    const { leaves, structure } = Tree.flatten(tree)
    const updated = leaves.map((leaf, i) => update(leaf, kept[i] as K))
    return [Tree.unflatten<P>(structure)(updated.map(([leaf]) => leaf)), updated.map(([, after]) => after)]
  }

/** What is not negative, plus ε, perhaps times a scalar; an ε that is known to be 0 is not added. */
export const plusEps = (x: Tensor, eps: Tensor, factor?: Tensor): Tensor =>
  knownIn(eps) === 0 ? x : add(x, castLike(factor === undefined ? eps : mul(factor, eps), x))

/** Whether an ε is known, and so large that in no dtype it becomes 0, nor times `1 - βᵗ`, which is at least 2⁻⁵³. */
const isSurelyPositive = (eps: Tensor): boolean => (knownIn(eps) ?? 0) >= 2 ** -64

/**
 * A quotient by a root or a norm, which is 0 where gradients were: `x / d`, and `x` where `d = 0`, so that `0/0` is 0. Where
 * one of the ε that are part of `d` is surely positive, this is not asked. It is taken in the dtype of `d`, and has that of
 * `x`.
 */
export const quotient = (x: Tensor, d: Tensor, ...eps: readonly Tensor[]): Tensor =>
  castLike(div(castLike(x, d), eps.some(isSurelyPositive) ? d : where(eq(d, 0), 1, d)), x)

/**
 * A root of sums of powers, which is flat where all of them are 0, as `abs` is: the derivative of a root itself is
 * infinite there, and those of the powers, which are 0, would make it NaN.
 */
export const flatRoot = (order: number, root: (x: Tensor) => Tensor): ((x: Tensor) => Tensor) => {
  const flat: (x: Tensor) => Tensor = customVjp(
    (x: Tensor) => [root(x), x] as const,
    (x, cotangent) => [mul(cotangent, div(flat(x), mul(order, where(eq(x, 0), 1, x))))] as const
  )
  return flat
}

/** The square root of a sum of squares. */
export const rootOf = flatRoot(2, sqrt)

const flushing = (size: (x: Tensor) => Tensor): ((x: Tensor) => Tensor) =>
  customVjp(
    (x: Tensor) => [where(lt(size(x), smallestNormal[x.dtype as FloatDType]), 0, x), []] as const,
    (_, cotangent) => [cotangent] as const
  )

/**
 * A moment of which subnormal elements, those of a size below 2⁻¹²⁶ (f32) or 2⁻¹⁰²² (f64), are 0. Without gradients a
 * moment would decay to such numbers and stay there, where arithmetic is many times as slow. Derivatives are those of the
 * moment itself.
 */
export const flushed = flushing(abs)

/** The same of what is never negative. */
export const flushedSquare = flushing(x => x)

/** The loss that a step was given, in f64. */
export const lossAt = (operation: string, atLoss: AtLoss | undefined): Tensor => {
  const loss: unknown = (atLoss as { readonly loss?: unknown } | undefined)?.loss
  return isTensor(loss) && loss.shape.length === 0 && isFloat(loss.dtype)
    ? cast(loss, "f64")
    : fail(
        "ShapeError",
        operation,
        "{ loss } as the last argument, a scalar of f32 or f64",
        loss === undefined ? "nothing" : describeValue(loss)
      )
}

/** The objective that a step was given, which has to give scalars of floats. */
export const objectiveAt = <P>(operation: string, atObjective: AtObjective<P>): ((at: P) => Tensor) => {
  const objective: unknown = (atObjective as Partial<AtObjective<P>> | undefined)?.objective
  return typeof objective === "function"
    ? (objective as (at: P) => Tensor)
    : fail(
        "DataError",
        operation,
        "{ objective } as the last argument, the loss as a function of the parameters",
        objective === undefined ? "nothing" : describeValue(objective)
      )
}
