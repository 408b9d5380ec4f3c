import fc from "fast-check"
import {
  add,
  compile,
  div,
  evaluate,
  full,
  grad,
  inverse,
  item,
  lstsq,
  matmul,
  mul,
  scalar,
  sin,
  sqrt,
  square,
  sub,
  sum,
  take,
  tensor,
  toTyped,
  transpose,
  Tree,
  type Tensor
} from "thalweg"
import {
  gaussNewton,
  levenbergMarquardt,
  type AnyLeastSquaresMethod,
  type leastSquares,
  type LeastSquaresFit,
  type leastSquaresMinimizer,
  type RobustLoss
} from "thalweg/minimize"
import { exact, relative, unfused } from "./equality.js"
import { law, type Law } from "./law.js"
import { truth } from "./sides.js"

/** What fits, and is held to laws. */
export interface Fitting {
  readonly leastSquares: typeof leastSquares
  readonly leastSquaresMinimizer: typeof leastSquaresMinimizer
}

/** r(x) = A (x + q sin x) - y, of which A has full rank: one minimum. */
interface Bent {
  readonly method: AnyLeastSquaresMethod
  readonly matrix: Tensor
  readonly bend: number
  readonly y: Tensor
  readonly start: Tensor
  readonly order: Tensor
  readonly weights: Tensor
  readonly units: Tensor
}

const residualsOf =
  ({ matrix, bend, y }: Bent) =>
  (x: Tensor): Tensor =>
    sub(matmul(matrix, add(x, mul(bend, sin(x)))), y)

const [ROWS, COLUMNS] = [6, 3]
const f64 = (data: number | readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(data, { dtype: "f64" })
const eighths = fc.integer({ min: -8, max: 8 }).map(i => i / 8)
const listOf = <A>(element: fc.Arbitrary<A>, length: number): fc.Arbitrary<A[]> =>
  fc.array(element, { minLength: length, maxLength: length })
const numbers = (element: fc.Arbitrary<number>, length: number): fc.Arbitrary<Tensor> =>
  listOf(element, length).map(f64)

/** Every third row leans on the same variable, by more than all others together. */
const arbMatrix = listOf(listOf(eighths, COLUMNS), ROWS).map(rows =>
  f64(rows.map((row, i) => row.map((a, j) => a + (i % COLUMNS === j ? 4 : 0))))
)
const methods: readonly AnyLeastSquaresMethod[] = [
  levenbergMarquardt(),
  levenbergMarquardt({ radius: 0.1 }),
  gaussNewton()
]

const arbBent = (of: readonly AnyLeastSquaresMethod[] = methods): fc.Arbitrary<Bent> =>
  fc.record({
    method: fc.constantFrom(...of),
    matrix: arbMatrix,
    bend: fc.constantFrom(0, 0.25, 0.5),
    y: numbers(
      eighths.map(y => 4 * y),
      ROWS
    ),
    start: numbers(eighths, COLUMNS),
    order: fc
      .shuffledSubarray(
        Array.from({ length: ROWS }, (_, i) => i),
        { minLength: ROWS }
      )
      .map(order => tensor(order, { dtype: "i32" })),
    weights: numbers(fc.constantFrom(0.25, 0.5, 2, 4), ROWS),
    units: numbers(fc.constantFrom(2 ** -20, 0.5, 1, 2 ** 10, 2 ** 30), COLUMNS)
  })

/** Where it ended, and how sure that is: what a change of the problem leaves as it is. */
const found = ({ at, standardErrors, covariance }: LeastSquaresFit<Tensor, Tensor>): readonly Tensor[] => [
  at,
  standardErrors,
  covariance
]
/** The same but for what the last iteration leaves. */
const nearly = relative(1e-7, 1)

const sameProblem = ({ leastSquares }: Fitting): readonly Law[] => [
  law(
    "scaled residuals have the same minimum and the same standard errors",
    nearly,
    fc.tuple(arbBent(), fc.constantFrom(1e-6, 0.3, 1e5)),
    ([bent, scale]) => {
      const { method, start } = bent
      const r = residualsOf(bent)
      return [
        found(leastSquares((x: Tensor) => mul(scale, r(x)), { method })(start)),
        found(leastSquares(r, { method })(start))
      ]
    }
  ),
  law(
    "residuals in units of a power of two take the same path to the last bit",
    exact,
    fc.tuple(
      arbBent(),
      fc.constantFrom<RobustLoss>("linear", "huber", "softL1", "cauchy", "arctan"),
      fc.integer({ min: -800, max: 800 })
    ),
    ([bent, loss, power]) => {
      const { method, start } = bent
      const [r, unit] = [residualsOf(bent), 2 ** power]
      const options = { method, loss, maxSteps: 20 }
      const [own, other] = [
        leastSquares(r, options)(start),
        leastSquares((x: Tensor) => mul(unit, r(x)), { ...options, scale: unit })(start)
      ]
      return [
        [...found(other), f64(other.history.gradientCosines)],
        [...found(own), f64(own.history.gradientCosines)]
      ]
    }
  ),
  law("permuted residuals have the same minimum and the same standard errors", nearly, arbBent(), bent => {
    const { method, start, order } = bent
    const r = residualsOf(bent)
    return [
      found(leastSquares((x: Tensor) => take(r(x), order), { method })(start)),
      found(leastSquares(r, { method })(start))
    ]
  }),
  law(
    "variables in other units take the same path",
    nearly,
    fc.tuple(arbBent(), fc.constantFrom(1, 2, 50)),
    ([bent, maxSteps]) => {
      const { method, start, units } = bent
      const r = residualsOf(bent)
      const own = leastSquares(r, { method, maxSteps })(start)
      const other = leastSquares((x: Tensor) => r(mul(units, x)), { method, maxSteps })(div(start, units))
      return [
        [mul(units, other.at), mul(units, other.standardErrors)],
        [own.at, own.standardErrors]
      ]
    }
  ),
  law("weights are what residuals are multiplied by, squared", nearly, arbBent(), bent => {
    const { method, start, weights } = bent
    const r = residualsOf(bent)
    return [
      found(leastSquares(r, { method, weights })(start)),
      found(leastSquares((x: Tensor) => mul(sqrt(weights), r(x)), { method })(start))
    ]
  }),
  law(
    "a robust loss of large scale is the linear one",
    nearly,
    fc.tuple(arbBent(), fc.constantFrom<RobustLoss>("huber", "softL1", "cauchy", "arctan")),
    ([bent, loss]) => {
      const { method, start } = bent
      const r = residualsOf(bent)
      return [found(leastSquares(r, { method, loss, scale: 1e6 })(start)), found(leastSquares(r, { method })(start))]
    }
  ),
  law("bounds that are infinite change nothing", exact, arbBent([levenbergMarquardt()]), bent => {
    const r = residualsOf(bent)
    const [without, within] = [{}, { lower: -Infinity, upper: full([COLUMNS], Infinity, "f64") }].map(options =>
      leastSquares(r, { ...options, ...unfused })(bent.start)
    ) as [LeastSquaresFit<Tensor, Tensor>, LeastSquaresFit<Tensor, Tensor>]
    return [
      [within.at, f64(within.history.values)],
      [without.at, f64(without.history.values)]
    ]
  })
]

const linear = ({ leastSquares }: Fitting): readonly Law[] => [
  law("linear residuals reach what lstsq gives in one Gauss–Newton step", relative(1e-10, 1), arbBent(), bent => {
    const { matrix, y, start } = bent
    const options = { method: gaussNewton(), gradientTolerance: 1e-8 }
    const { at, iterations } = leastSquares(residualsOf({ ...bent, bend: 0 }), options)(start)
    return [
      [at, truth(iterations <= 1)],
      [lstsq(matrix, y), truth(true)]
    ]
  }),
  law("the covariance is that of linear regression", relative(1e-9, 1), arbBent(), bent => {
    const { method, matrix, start } = bent
    const r = residualsOf({ ...bent, bend: 0 })
    const { at, covariance, standardErrors } = leastSquares(r, { method })(start)
    const variance = div(sum(square(r(at))), ROWS - COLUMNS)
    const right = mul(variance, inverse(matmul(transpose(matrix), matrix)))
    const diagonal = [0, 1, 2].map(i => toTyped(right)[i * (COLUMNS + 1)] as number)
    return [
      [covariance, square(standardErrors)],
      [right, f64(diagonal)]
    ]
  })
]

/** Bounds around the start. */
const arbWithin = fc
  .tuple(
    arbBent([levenbergMarquardt()]),
    listOf(fc.tuple(fc.constantFrom(0, 0.25, 1), fc.constantFrom(0, 0.25, 1)), COLUMNS)
  )
  .map(([bent, margins]) => ({
    bent,
    lower: sub(bent.start, f64(margins.map(([below]) => below))),
    upper: add(bent.start, f64(margins.map(([, above]) => above)))
  }))

const ending = ({ leastSquares, leastSquaresMinimizer }: Fitting): readonly Law[] => [
  law(
    "the gradient is that of the cost",
    relative(1e-11, 1e-3),
    fc.tuple(
      arbBent(),
      fc.constantFrom<RobustLoss>("linear", "huber", "softL1", "cauchy", "arctan"),
      fc.constantFrom(0.5, 2)
    ),
    ([bent, loss, scale]) => {
      const { init } = leastSquaresMinimizer(residualsOf(bent), loss === "linear" ? {} : { loss, scale })
      return [init(bent.start).gradient, grad((x: Tensor) => init(x).value)(bent.start)]
    }
  ),
  law(
    "no iterate leaves the bounds, and at the end the gradient points beyond them alone",
    exact,
    arbWithin,
    ({ bent, lower, upper }) => {
      const { init, step } = leastSquaresMinimizer(residualsOf(bent), { lower, upper })
      const next = compile(step)
      let state = compile(init)(bent.start)
      const [low, high] = [toTyped(lower), toTyped(upper)]
      const isWithin = (x: Tensor): boolean =>
        [...toTyped(x)].every((xi, i) => xi >= (low[i] ?? NaN) && xi <= (high[i] ?? NaN))
      let holds = isWithin(state.at)
      while (item(state.status) === 0) {
        state = next(state)
        holds = holds && isWithin(state.at)
      }
      const x = toTyped(state.at)
      const flat = 1e-6
      const isLeast = [...toTyped(state.gradient)].every(
        (g, i) => (g <= flat || x[i] === low[i]) && (g >= -flat || x[i] === high[i])
      )
      return [
        [truth(holds), truth(isLeast)],
        [truth(true), truth(true)]
      ]
    }
  ),
  law("its history falls", exact, arbBent(), bent => {
    const { method, start } = bent
    const { values } = leastSquares(residualsOf(bent), { method })(start).history
    const falls = values.every((v, i) => i === 0 || v <= (values[i - 1] as number) * (1 + 2 ** -44))
    return [truth(falls), truth(true)]
  }),
  law(
    "it has converged by the gradient exactly where its cosine is at most the tolerance",
    exact,
    fc.tuple(arbBent(), fc.constantFrom(1e-6, 1e-2), fc.constantFrom(1, 50)),
    ([bent, gradientTolerance, maxSteps]) => {
      const { method, start } = bent
      const options = { method, gradientTolerance, stepTolerance: 0, maxSteps }
      const { at, reason } = leastSquares(residualsOf(bent), options)(start)
      const { gradientCosine } = leastSquaresMinimizer(residualsOf(bent), options).init(at)
      return [truth(reason === "converged"), truth(item(gradientCosine) <= gradientTolerance)]
    }
  )
]

const transitions = ({ leastSquares, leastSquaresMinimizer }: Fitting): readonly Law[] => [
  law("step by step it leads where the whole fit does", exact, arbBent(), bent => {
    const { method, start } = bent
    const r = residualsOf(bent)
    const { init, step } = leastSquaresMinimizer(r, { method, maxSteps: 4 })
    const next = compile(step)
    let state = compile(init)(start)
    while (item(state.status) === 0) state = next(state)
    const { at, value, iterations } = leastSquares(r, { method, maxSteps: 4 })(start)
    return [
      [state.at, state.value, state.iterations],
      [at, f64(value), scalar(iterations, "i32")]
    ]
  }),
  law("a fit that has stopped stays as it is", exact, arbBent(), bent => {
    const { method, start } = bent
    const { init, step } = leastSquaresMinimizer(residualsOf(bent), { method, maxSteps: 1 })
    const stopped = evaluate(step(init(start)))
    return [Tree.leaves(step(stopped)), Tree.leaves(stopped)]
  })
]

/**
 * Lists the laws of least squares, over random residuals that are bent a little, and all methods: what does not change a problem
 * changes neither its minimum nor its standard errors (within 1e-7), what linear algebra says of linear residuals, that the gradient is
 * that of the cost, that bounds are kept, when it stops, and that the whole fit is its steps.
 *
 * @example
 * import assert from "node:assert"
 * import * as fitting from "thalweg/minimize"
 * import { checkAll, leastSquaresLaws } from "thalweg/laws"
 *
 * assert(checkAll(leastSquaresLaws(fitting), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const leastSquaresLaws = (fitting: Fitting): readonly Law[] => [
  ...sameProblem(fitting),
  ...linear(fitting),
  ...ending(fitting),
  ...transitions(fitting)
]
