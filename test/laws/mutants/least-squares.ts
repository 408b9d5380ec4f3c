import { add, full, gt, mul, square, sub, sum, tensor, where, type Tensor } from "thalweg"
import { leastSquaresLaws, type Fitting } from "thalweg/laws"
import * as fitting from "thalweg/minimize"
import {
  levenbergMarquardt,
  type AnyLeastSquaresMethod,
  type LeastSquaresFit,
  type LeastSquaresMinimizer,
  type LeastSquaresOptions
} from "thalweg/minimize"
import type { Tree } from "thalweg"
import { mutant, type Mutants } from "./mutant.js"

type R = (x: Tensor) => Tensor
type Options = LeastSquaresOptions<Tree>
type Run = (start: Tensor) => LeastSquaresFit<Tensor, Tensor>
type Made = LeastSquaresMinimizer<Tensor, readonly [], Tree>

const whole = fitting.leastSquares as unknown as (r: R, options: Options) => Run
const parts = fitting.leastSquaresMinimizer as unknown as (r: R, options: Options) => Made

/** What fits wrongly as a whole, or in parts. */
const runs = (leastSquares: (r: R, options: Options) => Run) =>
  leastSquaresLaws({ ...fitting, leastSquares: leastSquares as unknown as Fitting["leastSquares"] })
const steps = (minimizer: (r: R, options: Options) => Made) =>
  leastSquaresLaws({ ...fitting, leastSquaresMinimizer: minimizer as unknown as Fitting["leastSquaresMinimizer"] })
/** What tells something else than it found. */
const tells = (change: (fit: LeastSquaresFit<Tensor, Tensor>) => Partial<LeastSquaresFit<Tensor, Tensor>>) =>
  runs((r, options) => start => {
    const fit = whole(r, options)(start)
    return { ...fit, ...change(fit) }
  })

/** A region of a radius that knows nothing of the units. */
const unscaled = (): AnyLeastSquaresMethod => {
  const own = levenbergMarquardt() as unknown as AnyLeastSquaresMethod
  return {
    ...own,
    init: (_, { point }) => ({ units: full(point.shape, 1e3, point.dtype), radius: tensor(100, { dtype: "f64" }) })
  }
}

/** Options under which residuals count as they are. */
const plain = ({ loss: _, scale: __, ...options }: Options): Options => options

export const leastSquaresMutants: Mutants = {
  "scaled residuals have the same minimum and the same standard errors": [
    mutant(
      "takes errors for known",
      runs((r, options) => whole(r, { ...options, absoluteSigma: true }))
    ),
    mutant(
      "stops at a gradient in units of the residuals",
      runs((r, options) => start => {
        const scale = Math.sqrt(2 * whole(r, options)(start).value)
        return whole(r, { ...options, gradientTolerance: Math.min(1, 1e-3 / scale) })(start)
      })
    )
  ],
  "residuals in units of a power of two take the same path to the last bit": [
    mutant(
      "takes for 0 what has squares that vanish",
      runs((r, options) => whole(x => where(gt(sum(square(r(x))), 0), r(x), 0), options))
    ),
    mutant(
      "takes the scale of the loss for a share",
      runs((r, options) => whole(r, { ...options, scale: 1 }))
    )
  ],
  "permuted residuals have the same minimum and the same standard errors": [
    mutant(
      "leaves the first residual out",
      runs((r, options) => whole(r, { ...options, weights: tensor([0, 1, 1, 1, 1, 1], { dtype: "f64" }) }))
    )
  ],
  "variables in other units take the same path": [
    mutant(
      "limits the step in units of the variables",
      runs((r, options) => whole(r, { ...options, method: unscaled() }))
    )
  ],
  "weights are what residuals are multiplied by, squared": [
    mutant(
      "multiplies residuals by weights",
      runs((r, options) =>
        whole(r, options.weights === undefined ? options : { ...options, weights: square(options.weights as Tensor) })
      )
    )
  ],
  "a robust loss of large scale is the linear one": [
    mutant(
      "forgets the scale",
      runs((r, { scale, ...options }) => whole(r, { ...options, ...(scale !== undefined && { scale: 1 }) }))
    )
  ],
  "bounds that are infinite change nothing": [
    mutant(
      "does not go far from its start",
      runs((r, options) => start => {
        const near = { lower: sub(start, 0.01), upper: add(start, 0.01) }
        return whole(r, options.lower === undefined ? options : { ...options, ...near })(start)
      })
    )
  ],
  "linear residuals reach what lstsq gives in one Gauss–Newton step": [
    mutant(
      "is damped",
      runs((r, options) => whole(r, { ...options, method: levenbergMarquardt({ radius: 0.01 }) }))
    )
  ],
  "the covariance is that of linear regression": [
    mutant(
      "divides by the number of residuals",
      tells(({ covariance, degreesOfFreedom, residuals }) => ({
        covariance: mul(covariance, degreesOfFreedom / (residuals.shape[0] as number))
      }))
    ),
    mutant(
      "takes variances for errors",
      tells(({ standardErrors }) => ({ standardErrors: square(standardErrors) }))
    )
  ],
  "the gradient is that of the cost": [
    mutant(
      "leaves the loss out of it",
      steps((r, options) => {
        const own = parts(r, options)
        return {
          ...own,
          init: x => ({ ...own.init(x), gradient: parts(r, plain(options)).init(x).gradient })
        }
      })
    )
  ],
  "no iterate leaves the bounds, and at the end the gradient points beyond them alone": [
    mutant(
      "knows no bounds",
      steps((r, options) => parts(r, { ...options, lower: undefined, upper: undefined }))
    ),
    mutant(
      "stays where it began",
      steps((r, options) => {
        const { init, step } = parts(r, options)
        const stopped = tensor(1, { dtype: "i32" })
        return { init: x => ({ ...init(x), status: stopped }), step }
      })
    )
  ],
  "its history falls": [
    mutant(
      "tells it from the end",
      tells(({ history }) => ({ history: { ...history, values: history.values.toReversed() } }))
    )
  ],
  "it has converged by the gradient exactly where its cosine is at most the tolerance": [
    mutant(
      "calls it converged after all steps",
      tells(() => ({ reason: "converged" }))
    ),
    mutant(
      "is content with the square root",
      runs((r, options) => whole(r, { ...options, gradientTolerance: Math.sqrt(options.gradientTolerance ?? 0) }))
    )
  ],
  "step by step it leads where the whole fit does": [
    mutant(
      "makes one step more",
      runs((r, options) => whole(r, { ...options, maxSteps: 5 }))
    ),
    mutant(
      "forgets what the method remembers",
      steps((r, options) => {
        const { init, step } = parts(r, options)
        return { init, step: state => ({ ...step({ ...state, memory: init(state.at).memory }) }) }
      })
    )
  ],
  "a fit that has stopped stays as it is": [
    mutant(
      "steps all the same",
      steps((r, options) => parts(r, { ...options, maxSteps: 100 }))
    )
  ]
}
