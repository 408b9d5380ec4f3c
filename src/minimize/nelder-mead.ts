import { abs, add, maximum, mul, sub } from "../dataflow/arithmetic.js"
import { concat } from "../dataflow/concat.js"
import { scalar, zerosLike } from "../dataflow/create.js"
import { cast } from "../dataflow/elementwise.js"
import { at, take } from "../dataflow/indexing.js"
import { and, eq, isFinite, isNaN, le, lt, not, or, where } from "../dataflow/logic.js"
import { eye } from "../dataflow/matrix.js"
import type { Tensor } from "../dataflow/primitive.js"
import { argSort, max, mean } from "../dataflow/reduce.js"
import { sliceAxis } from "../dataflow/slice.js"
import { expandDims } from "../dataflow/structure.js"
import { choice, fixed, type OptionsOf } from "../options/fields.js"
import { positive } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { cond } from "../tree/cond.js"
import { scan } from "../tree/scan.js"
import { counted, type Iterate, type Method } from "./method.js"
import type { Problem } from "../search/problem.js"
import { GOING, NOT_FINITE } from "./status.js"
import { count } from "../search/vector.js"

const fields = {
  /**
   * Which coefficients: "adaptive" (the default; Gao & Han), for n variables 1, 1 + 2/n, ¾ - 1/2n and 1 - 1/n, or "classical",
   * 1, 2, ½ and ½, which is the same for two variables.
   */
  coefficients: choice(["adaptive", "classical"], "adaptive"),
  /**
   * > 0: by which share of itself a coordinate is changed for a corner of the first simplex; by four times the tolerance at least,
   * since a simplex that is narrower would pass for one that was drawn together. Default 0.05.
   */
  spread: fixed(positive, 0.05),
  /** > 0: by how much, at least as well, where it is 0. Default 0.00025. */
  zeroSpread: fixed(positive, 0.00025)
}

/** The options of Nelder and Mead's method. */
export interface NelderMeadOptions extends OptionsOf<typeof fields> {}

/** What the method remembers: a simplex, the best corner first. */
export interface NelderMeadMemory extends Readonly<Record<string, Tensor>> {
  /** The corners, `[n + 1, n]`. */
  readonly corners: Tensor
  /** The values there, `[n + 1]`, rising. */
  readonly values: Tensor
}

interface Coefficients {
  readonly reflection: number
  readonly expansion: number
  readonly contraction: number
  readonly shrinkage: number
}

const coefficientsOf = (kind: "adaptive" | "classical", size: number): Coefficients => {
  const n = kind === "classical" ? 2 : Math.max(size, 2) // of one variable a shrunken simplex would be a point
  return { reflection: 1, expansion: 1 + 2 / n, contraction: 0.75 - 1 / (2 * n), shrinkage: 1 - 1 / n }
}

/** What is no number is worse than all numbers. */
const valueAt = (problem: Problem, point: Tensor): Tensor => {
  const value = problem.value(point)
  return where(isNaN(value), Infinity, value)
}

const valuesAt = (problem: Problem, corners: Tensor): Tensor =>
  scan((none: readonly Tensor[], corner: Tensor) => [none, valueAt(problem, corner)] as const, [], corners)[1]

const sorted = ({ corners, values }: NelderMeadMemory): NelderMeadMemory => {
  const order = argSort(values)
  return { corners: take(corners, order), values: take(values, order) }
}

type Shown = Omit<Iterate<NelderMeadMemory>, "evaluations">

const shown = (memory: NelderMeadMemory, value = at(memory.values, 0)): Shown => {
  const point = at(memory.corners, 0)
  const status = where(isFinite(value), count(GOING), count(NOT_FINITE))
  return { point, value, gradient: add(zerosLike(point), NaN), status, memory }
}

/** How much wider than the tolerance the first simplex is, at least: what scipy has where a coordinate is 0, nearly. */
const LEAST_WIDTH = 4

/** The first simplex: the start, and for each coordinate a corner that differs in it, by at least so much. */
const simplexAt = (start: Tensor, spread: number, zeroSpread: number, least: number): Tensor => {
  const size = start.shape[0] as number
  const share = mul(spread, start)
  const changes = where(eq(start, 0), Math.max(zeroSpread, least), where(lt(abs(share), least), least, share))
  return concat([expandDims(start, 0), add(start, mul(eye(size, size, start.dtype), changes))])
}

const rows = (x: Tensor, first: number, last: number): Tensor => sliceAxis(x, 0, first, last)

/** One iteration: the worst corner goes elsewhere, or all draw near the best. Gives how many values that took, as well. */
const moved = (
  problem: Problem,
  { corners, values }: NelderMeadMemory,
  { reflection, expansion, contraction, shrinkage }: Coefficients
): readonly [simplex: NelderMeadMemory, evaluated: Tensor] => {
  const n = problem.size
  const [best, second, worst] = [0, n - 1, n].map(i => at(values, i)) as [Tensor, Tensor, Tensor]
  const center = mean(rows(corners, 0, n), { axes: 0 })
  const away = sub(center, at(corners, n))
  const along = (share: Tensor | number): Tensor => add(center, mul(share, away))

  const reflected = valueAt(problem, along(reflection))
  const [isBest, isGood] = [lt(reflected, best), lt(reflected, second)]
  const isBetter = lt(reflected, worst)
  const outside = where(isBetter, contraction * reflection, scalar(-contraction, problem.dtype))
  const share = where(isBest, reflection * expansion, outside)
  const asks = or(isBest, not(isGood))
  const other = cond(
    asks,
    (point: Tensor) => valueAt(problem, point),
    () => scalar(Infinity, problem.dtype),
    along(share)
  )
  const takes = where(isBest, lt(other, reflected), where(isBetter, le(other, reflected), lt(other, worst)))
  const takesOther = and(asks, takes)
  const shrinks = and(not(isGood), not(takes))

  const replaced: NelderMeadMemory = {
    corners: concat([rows(corners, 0, n), expandDims(along(where(takesOther, share, reflection)), 0)]),
    values: concat([rows(values, 0, n), expandDims(where(takesOther, other, reflected), 0)])
  }
  const first = at(corners, 0)
  const simplex = cond<readonly [NelderMeadMemory, Tensor, Tensor], NelderMeadMemory>(
    shrinks,
    (_, drawn, value) => ({
      corners: drawn,
      values: concat([expandDims(value, 0), valuesAt(problem, rows(drawn, 1, n + 1))])
    }),
    kept => kept,
    replaced,
    add(first, mul(shrinkage, sub(corners, first))),
    best
  )
  return [sorted(simplex), add(add(1, cast(asks, "i32")), where(shrinks, count(n), count(0)))]
}

/**
 * Makes the method of Nelder and Mead, for functions whose derivative is of no use, or too rough. It keeps n + 1 corners of a
 * simplex and moves the worst, x, along the line through the center c of the others, to c + t(c - x):
 *
 *     t = ρ  (reflection), then where that is the best so far t = ρχ (expansion), where it is no better than all others
 *     t = ψρ or -ψ (contraction, outside or inside), and where that is no better either x' = x₀ + σ(x - x₀) for all (shrinkage)
 *
 * A value that is NaN counts as worse than all others. It has no gradient: the one in its state is NaN, and `tolerance` bounds how
 * wide the simplex is, in every coordinate and in the values at its corners: max(‖xᵢ - x₀‖∞, f(xᵢ) - f(x₀)).
 *
 * Throws a `HyperparameterError` for options out of range. Laws: as of `minimize`; monotone.
 *
 * Nelder & Mead, Computer Journal 7, 1965; Lagarias et al., SIAM J. Optim. 9, 1998; adaptive: Gao & Han, Comput. Optim. Appl. 51,
 * 2012. The first simplex is that of `scipy.optimize` and MATLAB, where that is wider than the tolerance.
 *
 * @example
 * import assert from "node:assert"
 * import { abs, add, sub, tensor, sum, toArray, type Tensor } from "thalweg"
 * import { minimize, nelderMead } from "thalweg/minimize"
 *
 * const kinked = (x: Tensor) => sum(abs(sub(x, 3)))
 * const { at, evaluations } = minimize(kinked, { method: nelderMead() })(tensor([0, 1], { dtype: "f64" }))
 * assert.ok((toArray(at) as number[]).every(x => Math.abs(x - 3) < 1e-5))
 * assert.strictEqual(evaluations.gradients, 0)
 */
export const nelderMead: Recipe<typeof fields, (options?: NelderMeadOptions) => Method<NelderMeadMemory>> = recipe(
  "nelderMead",
  fields,
  {},
  ({ coefficients, spread, zeroSpread }): Method<NelderMeadMemory> => ({
    name: "nelderMead",
    measure: {
      name: "the width of the simplex",
      of: ({ point, value, memory: { corners, values } }) =>
        maximum(max(abs(sub(corners, point))), max(sub(values, value)))
    },
    init: (problem, start, tolerance) => {
      const corners = simplexAt(start, spread, zeroSpread, LEAST_WIDTH * tolerance)
      const values = valuesAt(problem, corners)
      const memory = sorted({ corners, values })
      // no corner makes up for a start that is not finite
      const isSound = isFinite(at(values, 0))
      const evaluations = { values: count(problem.size + 1), gradients: count(0), hessianProducts: count(0) }
      return { ...shown(memory, where(isSound, at(memory.values, 0), NaN)), evaluations }
    },
    step: (problem, { memory, evaluations }) => {
      const [simplex, evaluated] = moved(problem, memory, coefficientsOf(coefficients, problem.size))
      return { ...shown(simplex), evaluations: counted(evaluations, { values: evaluated }) }
    }
  })
)
