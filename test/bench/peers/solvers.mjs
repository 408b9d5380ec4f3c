import "fmin"
import { eigs, inv, lup, lusolve, multiply, qr } from "mathjs"
import { levenbergMarquardt } from "ml-levenberg-marquardt"

const { conjugateGradient, nelderMead } = globalThis.fmin // its module exports nothing

const solving = (run, reached) => ({
  steps: count => {
    const start = performance.now()
    for (let i = 0; i < count; i++) run()
    return (performance.now() - start) / count
  },
  reached: () => reached(run())
})

const rosenbrock = x => {
  let sum = 0
  for (let i = 0; i < x.length; i += 2) {
    const [u, v] = [x[i + 1] - x[i] * x[i], 1 - x[i]]
    sum += 100 * u * u + v * v
  }
  return sum
}

const withGradient = (x, gradient) => {
  for (let i = 0; i < x.length; i += 2) {
    const u = x[i + 1] - x[i] * x[i]
    gradient[i] = -400 * x[i] * u - 2 * (1 - x[i])
    gradient[i + 1] = 200 * u
  }
  return rosenbrock(x)
}

const valueOf = ({ fx }) => fx

/** With the coefficients that scipy and thalweg have by default or by option; one tolerance is for values and simplex. */
const byNelderMead = start => (n, maxIterations) => {
  const shape = n > 2 ? { chi: 1 + 2 / n, psi: 1 / (2 * n) - 0.75, sigma: 1 - 1 / n } : {}
  const options = { ...shape, maxIterations, minErrorDelta: 1e-6 }
  return solving(() => nelderMead(rosenbrock, start(n).slice(), options), valueOf)
}

/** It stops where the length of the gradient is 1e-5. */
const byGradients = start => n => solving(() => conjugateGradient(withGradient, start(n)), valueOf)

const decay = {
  model:
    ([a, b, c]) =>
    x =>
      a * Math.exp(-b * x) + c,
  jacobian:
    ([a, b]) =>
    x => {
      const e = Math.exp(-b * x)
      return [e, -a * x * e, 1]
    }
}

const bells = {
  model:
    ([a, b, c, d, e, f]) =>
    x =>
      a * Math.exp(-(((x - b) / c) ** 2)) + d * Math.exp(-(((x - e) / f) ** 2)),
  jacobian:
    ([a, b, c, d, e, f]) =>
    x => {
      const [u, v] = [(x - b) / c, (x - e) / f]
      const [p, q] = [Math.exp(-u * u), Math.exp(-v * v)]
      return [p, (2 * a * p * u) / c, (2 * a * p * u * u) / c, q, (2 * d * q * v) / f, (2 * d * q * v * v) / f]
    }
}

/** Its one criterion is a bound on the error, which nobody knows before: it makes as many iterations as it may, by default 100. */
const fitting =
  (curve, { model, jacobian }, options) =>
  n => {
    const { x, y, start } = curve(n)
    const all = { ...options, initialValues: start, jacobianFunction: jacobian }
    return solving(
      () => levenbergMarquardt({ x, y }, model, all),
      ({ parameterError }) => parameterError
    )
  }

const totalOf = x => (typeof x === "number" ? Math.abs(x) : x.reduce((sum, y) => sum + totalOf(y), 0))

const computing =
  (matrix, f, parts = x => [x]) =>
  n => {
    const a = matrix(n)
    return solving(
      () => f(a),
      result => totalOf(parts(result))
    )
  }

export const open = ({ rosenbrockStart, decayPoints, bellPoints, square, symmetric }) => {
  const gradients = byGradients(rosenbrockStart)
  const fits = options => ({
    decay: fitting(decayPoints, decay, options),
    bells: fitting(bellPoints, bells, options)
  })
  return [
    {
      name: "fmin",
      solves: { nelderMead: byNelderMead(rosenbrockStart), lbfgs: gradients, conjugateGradients: gradients }
    },
    { name: "ml-levenberg-marquardt", solves: fits({}) },
    { name: "10 of its iterations", solves: fits({ maxIterations: 10 }) },
    {
      name: "mathjs",
      solves: {
        multiply: computing(square, a => multiply(a, a)),
        solve: computing(square, a => lusolve(a, a[0])),
        inverse: computing(square, inv),
        lu: computing(square, lup, ({ L, U }) => [L, U]),
        eigh: computing(symmetric, eigs, ({ values, eigenvectors }) => [
          values,
          eigenvectors.map(({ vector }) => vector)
        ]),
        qr: computing(square, qr, ({ Q, R }) => [Q, R])
      }
    }
  ]
}
