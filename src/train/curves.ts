import { checkFunction, checkList } from "../dataflow/check.js"
import { describeValue, isRecord } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { evaluate } from "../engine/index.js"
import { fixed, type OptionsOf } from "../options/fields.js"
import { checkNumber, finite, nonNegative, positiveInteger } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import type { TreeLike } from "../tree/index.js"
import { exampleCount, firstExamples } from "./dataset.js"
import type { Fold } from "./k-fold.js"

/** What training came to on a fold, measured in the same way on both parts: a loss, or a metric. */
export interface Scores {
  readonly training: number
  readonly validation: number
}

/** A point of a curve: the means of scores over folds, and their deviations (n - 1), which are 0 of one fold. */
export interface CurvePoint<A> extends Scores {
  readonly at: A
  readonly trainingDeviation: number
  readonly validationDeviation: number
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

const deviation = (values: readonly number[]): number => {
  const center = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - center) * (value - center), 0)
  return values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1))
}

const checkScores = (operation: string, scores: Scores): Scores =>
  isRecord(scores) && typeof scores.training === "number" && typeof scores.validation === "number"
    ? scores
    : fail("DataError", operation, "scores { training, validation } as numbers", describeValue(scores))

const isIterable = (value: unknown): boolean => typeof value === "object" && value !== null && Symbol.iterator in value

const checkFolds = function* <D>(operation: string, folds: Iterable<Fold<D>>): Generator<Fold<D>> {
  if (!isIterable(folds)) fail("DataError", operation, "folds, as kFold gives them", describeValue(folds))
  for (const fold of folds)
    yield isRecord(fold) && "train" in fold && "validation" in fold
      ? fold
      : fail("DataError", operation, "folds { train, validation }", describeValue(fold))
}

/** Scores at some values, one fold after the other, so that only one of them is in memory. */
const curve = <D, A>(
  operation: string,
  values: readonly A[],
  score: (fold: Fold<D>, value: A) => Scores,
  folds: Iterable<Fold<D>>
): readonly CurvePoint<A>[] => {
  const rows = Array.from(checkFolds(operation, folds), fold =>
    values.map(value => checkScores(operation, score(fold, value)))
  )
  if (rows.length === 0) fail("DataError", operation, "at least one fold", "none")
  return values.map((at, i) => {
    const of = (part: keyof Scores): readonly number[] => rows.map(row => (row[i] as Scores)[part])
    const [training, validation] = [of("training"), of("validation")]
    return {
      at,
      training: mean(training),
      validation: mean(validation),
      trainingDeviation: deviation(training),
      validationDeviation: deviation(validation)
    }
  })
}

/**
 * Computes a validation curve: how training comes out at each of some values of a hyperparameter, as plain numbers to be
 * plotted.
 *
 * `score` trains on `fold.train` and measures both parts. `folds`: those of `kFold`, or a list of one split.
 * Scores that are no numbers, and no folds at all, are a `DataError`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, mean, tensor, type Tensor } from "thalweg"
 * import { kFold, validationCurve } from "thalweg/train"
 *
 * const data = { x: tensor([0, 1, 2, 3, 4, 5]) }
 * const distance = ({ x }: { readonly x: Tensor }, guess: number) => Math.abs(item(mean(x)) - guess)
 * const curve = validationCurve([2.5, 3], ({ train, validation }: { train: typeof data; validation: typeof data }, guess) => ({
 *   training: distance(train, guess),
 *   validation: distance(validation, guess)
 * }))(kFold({ k: 3 })(data))
 * assert.deepStrictEqual(curve.map(({ at }) => at), [2.5, 3])
 * assert.ok((curve[0]?.training ?? 1) < (curve[1]?.training ?? 0))
 */
export const validationCurve = <D, A>(values: readonly A[], score: (fold: Fold<D>, value: A) => Scores) => {
  const own = [...checkList("validationCurve", "a list of values", values)]
  checkFunction("validationCurve", score)
  return (folds: Iterable<Fold<D>>): readonly CurvePoint<A>[] => curve("validationCurve", own, score, folds)
}

/**
 * Computes a learning curve: how training comes out on the first `n` examples, for each of some sizes `n` of the training
 * set, as plain numbers to be plotted. What is held out stays the same, and smaller sets are part of larger ones; shuffle
 * the folds, or the first examples are not like the others.
 *
 * `sizes`: whole numbers from 1, else a `HyperparameterError`; none larger than the training part, else a `DataError`.
 * The rest as of `validationCurve`.
 *
 * @example
 * import assert from "node:assert"
 * import { arange } from "thalweg"
 * import { learningCurve } from "thalweg/train"
 *
 * const fold = { train: { x: arange(4) }, validation: { x: arange(2) } }
 * const seen = learningCurve([1, 3], ({ train }: typeof fold) => ({ training: train.x.shape[0] ?? 0, validation: 0 }))
 * assert.deepStrictEqual(seen([fold]).map(({ at, training }) => [at, training]), [[1, 1], [3, 3]])
 */
export const learningCurve = <D extends TreeLike<D>>(sizes: readonly number[], score: (fold: Fold<D>) => Scores) => {
  checkFunction("learningCurve", score)
  const own = checkList("learningCurve", "a list of sizes", sizes).map(size =>
    checkNumber("learningCurve", "sizes", positiveInteger, size)
  )
  const begin = ({ train, validation }: Fold<D>, size: number): Fold<D> => {
    const n = exampleCount("learningCurve", train)
    if (size > n)
      fail("DataError", "learningCurve", `at most ${n} examples, as many as there are to train on`, String(size))
    return { train: evaluate(firstExamples(train, size)), validation }
  }
  return (folds: Iterable<Fold<D>>): readonly CurvePoint<number>[] =>
    curve("learningCurve", own, (fold: Fold<D>, size) => score(begin(fold, size)), folds)
}

const diagnosisFields = {
  /** A loss that would be good enough, such as that of people, or of the noise in the labels: nothing else can say it. */
  acceptable: fixed(finite),
  /** By how much more, ≥ 0, a loss may be above what it is held against before that counts. */
  tolerance: fixed(nonNegative)
}

/** What losses are held against. */
export interface DiagnosisOptions extends OptionsOf<typeof diagnosisFields> {}

/** What two losses say. */
export interface Diagnosis {
  /** How far the training loss is above what is acceptable: the avoidable bias. */
  readonly bias: number
  /** How far the validation loss is above the training loss: the variance. */
  readonly variance: number
  /** Whether the bias is above the tolerance. */
  readonly underfitting: boolean
  /** Whether the variance is above the tolerance. Both may be. */
  readonly overfitting: boolean
}

/**
 * Diagnoses under- and overfitting of two losses, smaller being better: `bias = training - acceptable`,
 * `variance = validation - training`, each held against the tolerance. It compares numbers, and knows nothing of their
 * noise, which the deviations over folds tell. A loss that is NaN is neither.
 *
 * `acceptable` and `tolerance` must be given, since without them two losses say nothing: no default would fit all losses.
 *
 * Source: Ng 2018, "Machine Learning Yearning", chapters 20 to 25.
 *
 * @example
 * import assert from "node:assert"
 * import { diagnose } from "thalweg/train"
 *
 * const verdict = diagnose({ acceptable: 0.25, tolerance: 0.125 })({ training: 0.25, validation: 1 })
 * assert.deepStrictEqual(verdict, { bias: 0, variance: 0.75, underfitting: false, overfitting: true })
 */
export const diagnose: Recipe<typeof diagnosisFields, (options: DiagnosisOptions) => (losses: Scores) => Diagnosis> =
  recipe("diagnose", diagnosisFields, {}, ({ acceptable, tolerance }) => (losses: Scores): Diagnosis => {
    const { training, validation } = checkScores("diagnose", losses)
    const [bias, variance] = [training - acceptable, validation - training]
    return { bias, variance, underfitting: bias > tolerance, overfitting: variance > tolerance }
  })
