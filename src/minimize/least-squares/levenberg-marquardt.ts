import { abs, add, div, maximum, minimum, mul, neg, square, sub } from "../../dataflow/arithmetic.js"
import { concat } from "../../dataflow/concat.js"
import { matmul } from "../../dataflow/contract.js"
import { scalar, zeros } from "../../dataflow/create.js"
import { cast } from "../../dataflow/elementwise.js"
import { and, eq, ge, gt, isFinite, le, lt, ne, not, or, where } from "../../dataflow/logic.js"
import { eye } from "../../dataflow/matrix.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { any, norm, sum } from "../../dataflow/reduce.js"
import { sqrt } from "../../dataflow/transcendental.js"
import { lstsq } from "../../linalg/least-squares.js"
import { fixed, type OptionsOf } from "../../options/fields.js"
import { nonNegative, positive, positiveInteger } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { cond } from "../../tree/cond.js"
import { whileLoop } from "../../tree/while-loop.js"
import { moved, stepWithin as cutStep, type Bounds } from "../../search/bounds.js"
import { unit } from "../../search/ranges.js"
import { GOING } from "../status.js"
import { count, dot, epsilonOf } from "../../search/vector.js"
import type { LeastSquaresMethod } from "./method.js"
import { columnLengths, dampedStep, sizeOf, spectrumOf, type Spectrum } from "./model.js"
import type { Fit, LeastSquaresProblem } from "./problem.js"
import { NOTHING_LEFT, OUT_OF_TRIALS, STALLED } from "./status.js"

const fields = {
  /** > 0: how long the first step may be, in multiples of the start, each variable in its units. Default 1. */
  radius: fixed(positive, 1),
  /** 0 < η < 1: the share of what the model promises that a step must bring at least. Default 1e-4. */
  sufficient: fixed(unit, 1e-4),
  /** Up to this share the model was poor, and the region shrinks. Default 0.25. */
  poor: fixed(unit, 0.25),
  /** From this share on it was good, and the region grows. Default 0.75. */
  good: fixed(unit, 0.75),
  /** How many steps are tried from one point, at most: a whole number from 1. Default 50. */
  maxTrials: fixed(positiveInteger, 50),
  /** ≥ 0: how many roundings of the cost count as even. Default 4. */
  roundings: fixed(nonNegative, 4)
}

/** The options of Levenberg–Marquardt. */
export interface LevenbergMarquardtOptions extends OptionsOf<typeof fields> {}

/** What Levenberg–Marquardt remembers. */
export interface LevenbergMarquardtMemory extends Readonly<Record<string, Tensor>> {
  /** D, `[n]`: the longest that each column of the Jacobian was. */
  readonly units: Tensor
  /** Δ, a scalar: how long the next step may be, in these units. */
  readonly radius: Tensor
}

/** How far the length of a step may be from the radius, as a share of it (Moré, 1978). */
const NEAR = 0.1
/** More than enough: it takes two or three. */
const MAX_DAMPINGS = 50
/** By how many roundings the cost has to rise at a point that is looked at, to tell how it bends. */
const RISE = 10

/** λ ≥ 0 such that the damped step is as long as the radius, but for a tenth; 0 if the whole step is no longer. (Hebden's iteration, which comes from below.) */
const dampingFor = (spectrum: Spectrum, radius: Tensor): Tensor => {
  const { s, along, counts } = spectrum
  const { damping } = whileLoop<{ damping: Tensor; length: Tensor; tries: Tensor }>(
    ({ length, tries }) => and(gt(length, mul(1 + NEAR, radius)), lt(tries, MAX_DAMPINGS)),
    ({ damping, length, tries }) => {
      const spread = add(square(s), damping)
      const parts = where(counts, div(mul(s, along), spread), 0)
      // -‖q‖' = Σ qᵢ² / (sᵢ² + λ) / ‖q‖, divided by the length so that no square overflows
      const shares = square(div(parts, length))
      const slope = sum(where(counts, div(shares, spread), 0))
      const next = add(damping, div(div(sub(length, radius), radius), slope))
      return { damping: next, length: norm(dampedStep(spectrum, next)), tries: add(tries, 1) }
    },
    {
      damping: scalar(0, s.dtype),
      length: norm(dampedStep(spectrum, scalar(0, s.dtype))),
      tries: count(0)
    }
  )
  return damping
}

/**
 * The step where bounds are: a variable that would go beyond one is held there, and the rest is solved again, by the QR of the
 * augmented Jacobian, until none does.
 */
const boundedStep = (
  bounds: Bounds,
  { point, triangle, rotated }: Fit,
  { units }: Spectrum,
  damping: Tensor,
  free: Tensor,
  step: Tensor
): Tensor => {
  const { dtype } = point
  const size = point.shape[0] as number
  const identity = eye(size, size, dtype)
  const stepTo = (p: Tensor): Tensor => cutStep(bounds, point, p)
  const isBeyond = (p: Tensor, held: Tensor): Tensor => and(not(held), ne(stepTo(p), p))
  return whileLoop<{ step: Tensor; held: Tensor; beyond: Tensor }>(
    ({ beyond }) => any(beyond),
    ({ step: before, held: heldBefore, beyond }) => {
      const held = or(heldBefore, beyond)
      const fixedPart = where(held, stepTo(before), 0)
      const mask = cast(not(held), dtype)
      const columns = mul(div(triangle, units), mask)
      const system = concat([columns, mul(mul(sqrt(damping), identity), mask)])
      const right = concat([neg(add(rotated, matmul(triangle, fixedPart))), zeros([size], dtype)])
      const rest = div(mul(lstsq(system, right), mask), units)
      const next = where(held, fixedPart, rest)
      return { step: next, held, beyond: isBeyond(next, held) }
    },
    { step, held: not(free), beyond: isBeyond(step, not(free)) }
  ).step
}

/** The step to the minimum of the model within a radius, and within the bounds. */
const stepWithin = (
  bounds: Bounds | undefined,
  fit: Fit,
  spectrum: Spectrum,
  free: Tensor | undefined,
  radius: Tensor
) => {
  const damping = dampingFor(spectrum, radius)
  const whole = div(dampedStep(spectrum, damping), spectrum.units)
  const step =
    bounds === undefined || free === undefined
      ? whole
      : boundedStep(bounds, fit, spectrum, damping, free, where(free, whole, 0))
  return { damping, step }
}

interface Trial {
  readonly point: Tensor
  readonly radius: Tensor
  readonly reduction: Tensor
  readonly accepted: Tensor
  readonly done: Tensor
  readonly trials: Tensor
}

/**
 * A bool scalar: whether a step down the slope lowers the cost by no more than a rounding, by the parabola through the cost here and
 * at a point in that direction, so far that it shows how residuals bend. At a kink the parabola falls by a share of how far that is.
 */
const hasNothingLeft = (
  problem: LeastSquaresProblem,
  { point, gradient, residuals }: Fit,
  units: Tensor,
  rounding: Tensor
): Tensor => {
  const size = norm(mul(units, point))
  const far = mul(Math.sqrt(Math.sqrt(epsilonOf(problem.dtype))), where(gt(size, 0), size, norm(residuals)))
  const down = div(gradient, units)
  const to = moved(problem.bounds, point, neg(mul(far, div(div(down, norm(down)), units))))
  const slope = dot(gradient, sub(to, point))
  const rise = sum(sub(problem.costs(problem.residuals(to)), problem.costs(residuals)))
  const gain = div(square(slope), mul(4, sub(rise, slope)))
  return and(and(isFinite(rise), le(gain, rounding)), gt(rise, mul(RISE, rounding)))
}

/**
 * Makes Levenberg–Marquardt, for least squares. Each step goes to the minimum of the linear model within a region in which that is
 * trusted,
 *
 *     p = argmin ½‖r + J p‖²  where  ‖D p‖ ≤ Δ,   so that  (JᵀJ + λD²) p = -Jᵀr  with λ ≥ 0,  λ = 0 if that is within
 *
 * D are the greatest lengths that the columns of J had so far, so that units of variables do not matter. Of what the model promises, a
 * step must bring a share of `sufficient`, else it is not made; up to a share of `poor` Δ shrinks, from `good` on it grows. A
 * cost that is not finite counts as too long a step. Where all that the model could win is less than what the cost changes by when the
 * point is rounded, a step is made if the cost changes by no more than that: there the gradient says more than the cost.
 * The model may promise much where nothing is left: at a minimum where J loses rank residuals only bend. Where no step lowers the cost,
 * one more point down the slope is looked at, and it has converged if the parabola through both costs, with the slope, falls by no more
 * than such a rounding.
 *
 * The model is solved by J = Q R and the singular values of R D⁻¹, never by JᵀJ, which has half of the digits. An iteration takes one
 * Jacobian, and one evaluation for each step that is tried. Bounds are kept: a variable at one that the cost falls
 * beyond stays there, and one that a step would lead beyond is held at it, while the others are solved again.
 *
 * Throws a `HyperparameterError` for options out of range. Laws: as of `leastSquares`; the cost falls, but for roundings.
 *
 * Moré, The Levenberg–Marquardt algorithm: implementation and theory, 1978 (MINPACK's `lmder`). Deviates: singular values
 * instead of a QR for each λ, as in scipy's `trf`; `radius` 1, where MINPACK has 100; bounds; and what it does where costs are rounded.
 *
 * @example
 * import assert from "node:assert"
 * import { square, sub, tensor, type Tensor } from "thalweg"
 * import { leastSquares, levenbergMarquardt } from "thalweg/minimize"
 *
 * const method = levenbergMarquardt({ radius: 0.1 })
 * const { reason } = leastSquares((x: Tensor) => sub(square(x), 2), { method })(tensor([1, -1], { dtype: "f64" }))
 * assert.strictEqual(reason, "converged")
 */
export const levenbergMarquardt: Recipe<
  typeof fields,
  (options?: LevenbergMarquardtOptions) => LeastSquaresMethod<LevenbergMarquardtMemory>
> = recipe("levenbergMarquardt", fields, {}, ({ radius: reach, sufficient, poor, good, maxTrials, roundings }) => ({
  name: "levenbergMarquardt",
  bounded: true,
  init: (_, fit) => {
    const size = sizeOf(fit)
    const radius = mul(reach, where(eq(size, 0), sqrt(mul(2, fit.value)), size))
    return { units: columnLengths(fit.triangle), radius }
  },
  step: (problem, iterate) => {
    const { point, value, residuals, triangle, rotated, evaluations, memory } = iterate
    const { dtype } = problem
    const units = maximum(memory.units, columnLengths(triangle))
    const free = problem.free?.(iterate)
    const spectrum = spectrumOf(problem, iterate, units, free)
    const size = sizeOf(iterate)
    // what the cost changes by where the point is rounded, or the cost itself
    const rounding = mul(roundings * epsilonOf(dtype), add(value, mul(sqrt(mul(2, value)), size)))
    const most = where(spectrum.counts, spectrum.along, 0)
    const isHidden = le(mul(0.5, dot(most, most)), rounding)
    const costs = problem.costs(residuals)

    const tryStep = ({ radius, trials }: Trial): Trial => {
      const { damping, step } = stepWithin(problem.bounds, iterate, spectrum, free, radius)
      const to = moved(problem.bounds, point, step)
      const made = sub(to, point)
      const length = norm(mul(units, made))
      const bent = matmul(triangle, made)
      const promised = neg(add(dot(bent, rotated), mul(0.5, dot(bent, bent))))
      const after = problem.costs(problem.residuals(to))
      const fall = sum(sub(costs, after))
      const isSound = isFinite(fall)
      const share = where(isSound, div(fall, promised), -1)
      const isEven = and(isHidden, le(abs(fall), rounding))
      const accepted = and(isSound, or(and(gt(promised, 0), ge(share, sufficient)), isEven))

      // where the parabola through both values, with the slope of the cost, has its minimum
      const slope = dot(iterate.gradient, made)
      const parabola = div(mul(0.5, slope), add(slope, fall))
      const shrink = where(isSound, where(lt(fall, 0), maximum(NEAR, minimum(0.5, parabola)), 0.5), NEAR)
      const smaller = mul(shrink, minimum(radius, length))
      const larger = where(or(ge(share, good), eq(damping, 0)), mul(2, length), radius)
      const next = where(and(gt(share, poor), gt(promised, 0)), larger, smaller)
      return {
        point: where(accepted, to, point),
        radius: next,
        reduction: where(isEven, 0, where(gt(share, poor), div(fall, value), Infinity)),
        accepted,
        done: or(accepted, not(gt(next, mul(epsilonOf(dtype), size)))),
        trials: add(trials, 1)
      }
    }
    const found = whileLoop<Trial>(({ done, trials }) => and(not(done), lt(trials, maxTrials)), tryStep, {
      point,
      radius: memory.radius,
      reduction: scalar(Infinity, dtype),
      accepted: scalar(false),
      done: scalar(false),
      trials: count(0)
    })
    const failed = where(found.done, count(STALLED), count(OUT_OF_TRIALS))
    const isLeast = cond(
      found.accepted,
      () => scalar(false),
      (from: Tensor) => hasNothingLeft(problem, { ...iterate, point: from }, units, rounding),
      point
    )
    return {
      ...problem.fitAt(found.point),
      evaluations: {
        residuals: add(evaluations.residuals, add(found.trials, where(found.accepted, count(0), count(1)))),
        jacobians: add(evaluations.jacobians, 1)
      },
      reduction: found.reduction,
      status: where(found.accepted, count(GOING), where(isLeast, count(NOTHING_LEFT), failed)),
      memory: { units, radius: found.radius }
    }
  },
  rescaled: ({ units, radius }, change) => ({ units: change(units), radius: change(radius) })
}))
