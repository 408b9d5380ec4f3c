import * as t from "thalweg"
import { conjugateGradients, lbfgs, leastSquares, minimize, nelderMead, type Method } from "thalweg/minimize"
import { called } from "./measure.js"
import {
  bellPoints,
  decayPoints,
  positiveDefinite,
  rosenbrockStart,
  square,
  symmetric,
  type Curve
} from "./problems.js"
import type { Solves, Solving } from "./works.js"

const f64 = (data: t.Nested): t.Tensor => t.tensor(data, { dtype: "f64" })

const solving = <A>(run: () => A, reached: (result: A) => number): Solving => ({
  steps: called(run),
  reached: () => reached(run())
})

/** How what is planned for a limit of iterations is called. */
type Calls = <A>(plan: (maxSteps: number) => () => A) => () => A

/** Iterations that are enough for all but simplices of many variables. */
export const ENOUGH = 1000
let programs = 0

/** The same program, again and again. */
const again: Calls = plan => plan(ENOUGH)

/** A program that was not there before: no other has its limit. */
const anew: Calls = plan => () => plan(ENOUGH + (programs += 1))()

/** Σ 100(y - x²)² + (1 - x)² over pairs of variables. */
const rosenbrock = (variables: t.Tensor): t.Tensor => {
  const pairs = t.reshape(variables, [-1, 2])
  const [x, y] = [t.at(pairs, 0, 1), t.at(pairs, 1, 1)]
  return t.sum(t.add(t.mul(100, t.square(t.sub(y, t.square(x)))), t.square(t.sub(1, x))))
}

const minimized = <M extends t.Tree>(calls: Calls, n: number, method: Method<M>, iterations = Infinity): Solving => {
  const start = f64(rosenbrockStart(n))
  const run = calls(maxSteps => {
    const found = minimize(rosenbrock, { method, tolerance: 1e-6, maxSteps: Math.min(maxSteps, iterations) })
    return () => found(start)
  })
  return solving(run, ({ value }) => value)
}

type Model = (parameters: t.Tensor, x: t.Tensor) => t.Tensor

const fitted = (calls: Calls, { start, x, y }: Curve, model: Model): Solving => {
  const given = [start, x, y].map(f64) as [t.Tensor, t.Tensor, t.Tensor]
  const residuals = (parameters: t.Tensor, x: t.Tensor, y: t.Tensor) => t.sub(model(parameters, x), y)
  const run = calls(maxSteps => {
    const found = leastSquares(residuals, { maxSteps })
    return () => found(...given)
  })
  return solving(run, ({ value }) => 2 * value)
}

const decay: Model = (p, x) => t.add(t.mul(t.at(p, 0), t.exp(t.neg(t.mul(t.at(p, 1), x)))), t.at(p, 2))
const bell = (p: t.Tensor, x: t.Tensor) =>
  t.mul(t.at(p, 0), t.exp(t.neg(t.square(t.div(t.sub(x, t.at(p, 1)), t.at(p, 2))))))
const bells: Model = (p, x) => t.add(bell(t.sliceAxis(p, 0, 0, 3), x), bell(t.sliceAxis(p, 0, 3, 6), x))

const iterated = (calls: Calls) =>
  ({
    nelderMead: (n, iterations) => minimized(calls, n, nelderMead(), iterations),
    lbfgs: n => minimized(calls, n, lbfgs()),
    conjugateGradients: n => minimized(calls, n, conjugateGradients()),
    decay: n => fitted(calls, decayPoints(n), decay),
    bells: n => fitted(calls, bellPoints(n), bells)
  }) satisfies Partial<Solves>

/** A compiled function of a matrix to some tensors. */
const computed = (matrix: t.Nested, f: (a: t.Tensor) => Readonly<Record<string, t.Tensor>>): Solving => {
  const [a, run] = [f64(matrix), t.compile(f)]
  return solving(
    () => run(a),
    results => Object.values(results).reduce((total, x) => total + t.item(t.sum(t.abs(x))), 0)
  )
}

/** What comes to something through the public API, where each step plans a program anew. */
export const firstCalls = iterated(anew)

/** Through the public API. What a matrix comes to is the sum of the absolute elements of all results. */
export const solves = {
  ...iterated(again),
  multiply: n => computed(square(n), a => ({ product: t.matmul(a, a) })),
  solve: n => computed(square(n), a => ({ x: t.solve(a, t.at(a, 0)) })),
  inverse: n => computed(square(n), a => ({ inverse: t.inverse(a) })),
  lu: n =>
    computed(square(n), a => {
      const { lower, upper } = t.lu(a)
      return { lower, upper }
    }),
  cholesky: n => computed(positiveDefinite(n), a => ({ lower: t.cholesky(a) })),
  eigh: n => computed(symmetric(n), a => ({ ...t.eigh(a) })),
  qr: n => computed(square(n), a => ({ ...t.qr(a) })),
  svd: n => computed(square(n), a => ({ ...t.svd(a) }))
} satisfies Solves
