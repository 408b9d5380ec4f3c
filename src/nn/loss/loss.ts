import { div, mul } from "../../dataflow/arithmetic.js"
import { checkFunction, checkNoMore, checkOptions, checkTensor } from "../../dataflow/check.js"
import { scalar } from "../../dataflow/create.js"
import { cast, requireFloat } from "../../dataflow/elementwise.js"
import { fail } from "../../dataflow/error.js"
import { and, eq, lt, ne, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { mean, sum } from "../../dataflow/reduce.js"
import { sameShape, showShape, sizeOf, type Shape } from "../../dataflow/shape.js"
import { reshape } from "../../dataflow/structure.js"
import { showType } from "../../dataflow/type.js"
import { choice, type AnyFields, type OptionsOf, type Resolved } from "../../options/fields.js"
import { finiteF32, nonNegativeF32 } from "../../options/range.js"
import { resolve } from "../../options/resolve.js"
import { checkValues } from "../labels.js"
import { withName } from "../../options/with-name.js"

/** A loss that is configured: of outputs and what was wanted of them, and of weights for the examples, if they differ. */
export interface Weighable<T extends object = Tensor> {
  (prediction: Tensor, target: T, weights?: Tensor): Tensor
  /**
   * How much the examples count together, a scalar: by what means over batches are weighed, to be that of the whole. Not
   * there where the loss is no mean.
   */
  readonly weight?: (prediction: Tensor, target: T, weights?: Tensor) => Tensor
}

/**
 * A loss: called, the mean over examples; `with` options, another function of the same arguments.
 *
 * `weights`: a finite number that f32 can hold (or a `bool`) for each example; another one, where it is known, is a
 * `DataError`. An example of weight 0 does not count, whatever its loss: it is replaced and not multiplied, so that neither an
 * infinity in it nor the derivative there becomes NaN. So the derivative by a weight that is 0 is 0, not what a little more of
 * the example would cost: weights that are learned must not begin there. The mean is `Σ wᵢ·lᵢ / Σ wᵢ`, and 0 where nothing
 * counts; a weight below 0 has no meaning in it: a `DataError` where it is known, and else NaN.
 * `reduction`: "mean" (default); "sum", `Σ wᵢ·lᵢ`; "none", the `wᵢ·lᵢ` themselves.
 * `weight`: of the same arguments, how much the examples count together, `Σ wᵢ`; without weights, how many there are. By it
 * `assess` and `epochs` weigh batches, so that the loss of a data set does not depend on how it is cut into them.
 *
 * Throws a `HyperparameterError` for other options, a `ShapeError` for weights of another shape than the losses have.
 */
export interface LossFunction<O extends object, T extends object = Tensor> {
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- the last is what `compile` makes a function of
  (prediction: Tensor, target: T, weights: Tensor | undefined): Tensor
  (prediction: Tensor, target: T): Tensor
  readonly weight: (prediction: Tensor, target: T, weights?: Tensor) => Tensor
  readonly with: (options: O) => Weighable<T>
}

/** What each example costs, and how much each counts in a mean: 1, if nothing is said. */
interface Costs {
  readonly each: Tensor
  readonly shares?: Tensor
}

/** How a loss is computed. */
interface Rule<Fs extends AnyFields, T extends object> {
  /** How many axes of a prediction, the last ones, belong to one example. */
  readonly axes: number
  /** Throws where a prediction, which is of floats, and a target do not fit. */
  readonly check: (prediction: Tensor, target: T, options: Resolved<Fs>) => void
  /** Which examples count by what is wanted of them; all, if nothing is said. */
  readonly counting?: (target: T, options: Resolved<Fs>) => Tensor | undefined
  /** Predictions that do not count are 0. */
  readonly costs: (prediction: Tensor, target: T, options: Resolved<Fs>, counts: Tensor | undefined) => Costs
}

const reducing = {
  /** What becomes of the losses of the examples: "mean", "sum" or "none". Default "mean". */
  reduction: choice(["mean", "sum", "none"], "mean")
}

/** How a loss is reduced. */
export interface Reducing extends OptionsOf<typeof reducing> {}

/** The options of a loss: its own, and how it is reduced. */
export type LossOptions<Fs extends AnyFields> = OptionsOf<Fs & typeof reducing>

/** The losses of examples, each times how much it counts, and that; all examples count alike, if nothing is said. */
interface Counted {
  readonly each: Tensor
  readonly shares: Tensor | undefined
}

/** The mean is `Σ w·l / Σ w`, and 0 where nothing counts. */
const reduce = (reduction: "mean" | "sum" | "none", { each, shares }: Counted): Tensor => {
  if (reduction === "none") return each
  if (reduction === "sum") return sum(each)
  if (shares === undefined) return mean(each)
  const total = sum(shares)
  return div(sum(each), where(eq(total, 0), 1, total))
}

/** Weights for examples, in a dtype; of a mean, none is negative. */
const weightsFor = (
  title: string,
  weights: Tensor,
  examples: Shape,
  dtype: Tensor["dtype"],
  isMean: boolean
): Tensor => {
  if (!sameShape(checkTensor(title, weights, "weights as a tensor").shape, examples))
    fail("ShapeError", title, `weights of shape ${showShape(examples)}`, showShape(weights.shape))
  const { expected, holds } = isMean ? nonNegativeF32 : finiteF32
  const given = cast(checkValues(title, `each weight to be ${expected}`, holds, weights), dtype)
  return isMean ? where(lt(given, 0), NaN, given) : given
}

/** The product of what there is. */
const productOf = (a: Tensor | undefined, b: Tensor | undefined): Tensor | undefined =>
  a === undefined || b === undefined ? (a ?? b) : mul(a, b)

/** Makes a loss of its options and its rule. */
export const lossOf = <Fs extends AnyFields, T extends object = Tensor>(
  title: string,
  fields: Fs,
  { axes, check, counting, costs }: Rule<Fs, T>
): LossFunction<LossOptions<Fs>, T> => {
  const configured = <M extends object>(given: LossOptions<Fs>, more: M): Weighable<T> & M => {
    const options = resolve(title, { ...fields, ...reducing }, given) as Resolved<Fs> & Resolved<typeof reducing>
    const counted = (prediction: Tensor, target: T, weights: Tensor | undefined): Counted => {
      const { shape, dtype } = requireFloat(title, checkTensor(title, prediction))
      check(prediction, target, options)
      const examples = shape.slice(0, Math.max(0, shape.length - axes))
      const given = weights && weightsFor(title, weights, examples, dtype, options.reduction === "mean")
      const [weighed, wanted] = [given && ne(given, 0), counting?.(target, options)]
      const counts = weighed && wanted ? and(weighed, wanted) : (weighed ?? wanted)
      const over = (own: Tensor) => reshape(own, [...examples, ...shape.slice(examples.length).map(() => 1)])
      const safe = counts === undefined ? prediction : where(over(counts), prediction, 0)
      const { each, shares } = costs(safe, target, options, counts)
      const ifCounted = (t: Tensor): Tensor => (counts === undefined ? t : where(counts, t, 0))
      const share = productOf(given, shares) ?? (counts && cast(counts, dtype))
      return { each: ifCounted(productOf(given, each) ?? each), shares: share && ifCounted(share) }
    }
    const loss = (prediction: Tensor, target: T, weights?: Tensor, ...rest: readonly never[]): Tensor => {
      checkNoMore(title, "a prediction, a target and weights", rest)
      return reduce(options.reduction, counted(prediction, target, weights))
    }
    const weight = (prediction: Tensor, target: T, weights?: Tensor): Tensor => {
      const { each, shares } = counted(prediction, target, weights)
      return shares === undefined ? scalar(sizeOf(each.shape), each.dtype) : sum(shares)
    }
    return withName(title, loss, { ...(options.reduction === "mean" && { weight }), ...more })
  }
  const others = { with: (options: LossOptions<Fs>) => configured(options, {}) }
  return configured({} as LossOptions<Fs>, others) as LossFunction<LossOptions<Fs>, T> // of a mean, which has a weight
}

/** Says that the shapes of two tensors do not fit. */
export const mismatch = (title: string, expected: string, a: Tensor, b: Tensor): never =>
  fail("ShapeError", title, expected, `${showShape(a.shape)} and ${showShape(b.shape)}`)

/** A prediction and a target of one type, or a `ShapeError` or a `DTypeError`. */
export const checkAlike = (title: string, prediction: Tensor, target: Tensor): void => {
  checkTensor(title, target)
  if (!sameShape(prediction.shape, target.shape))
    mismatch(title, "prediction and target of one shape", prediction, target)
  if (prediction.dtype !== target.dtype) fail("DTypeError", title, `a target of ${prediction.dtype}`, showType(target))
}

/** Reduces the last axis, of outputs, if there is one. */
export const overOutputs =
  (reduce: typeof mean) =>
  (x: Tensor): Tensor =>
    x.shape.length === 0 ? x : reduce(x, { axes: -1 })

/** Makes a loss that is the mean over outputs (or another reduction) of a function of each of them. */
export const elementwise = <Fs extends AnyFields>(
  title: string,
  fields: Fs,
  f: (prediction: Tensor, target: Tensor, options: Resolved<Fs>) => Tensor,
  over = mean
): LossFunction<LossOptions<Fs>> =>
  lossOf(title, fields, {
    axes: 1,
    check: (prediction, target) => {
      checkAlike(title, prediction, target)
    },
    costs: (prediction, target, options) => ({ each: overOutputs(over)(f(prediction, target, options)) })
  })

/** A target, and how much each example counts. */
export interface Weighed<T extends object = Tensor> {
  readonly target: T
  readonly weights: Tensor
}

/** A loss of targets with weights. */
export interface WeighedLoss<T extends object = Tensor> {
  (prediction: Tensor, wanted: Weighed<T>): Tensor
  readonly weight?: (prediction: Tensor, wanted: Weighed<T>) => Tensor
}

/**
 * Makes a loss take its weights with the target, as `{ target, weights }`, so that a data set can hold them:
 * `trainStep({ model, loss: weighted(crossEntropy), optimizer })` over batches `{ x, y: { target, weights } }`. Metrics beside it are
 * made to look at the target by `metricFold`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { squaredError, weighted } from "thalweg/nn"
 *
 * const y = { target: tensor([[0], [0]]), weights: tensor([3, 1]) }
 * assert.strictEqual(item(weighted(squaredError)(tensor([[1], [3]]), y)), 3) // (3·1² + 1·3²) / 4
 */
export const weighted = <T extends object>(loss: Weighable<T>): WeighedLoss<T> => {
  checkFunction("weighted", loss, "a loss")
  const applied =
    (f: Weighable<T>) =>
    (prediction: Tensor, wanted: Weighed<T>): Tensor => {
      const { target, weights } = checkOptions("weighted", wanted, ["target", "weights"])
      return f(prediction, target, checkTensor("weighted", weights, "{ target, weights }"))
    }
  return withName(loss.name, applied(loss), { ...(loss.weight && { weight: applied(loss.weight) }) })
}
