// Descent on 0.1 x₁² + 2 x₂²: slow along the valley or unstable across it; with momentum, neither.
import assert from "node:assert"
import * as R from "fp-ts/lib/ReadonlyRecord.js"
import { add, at, grad, item, mul, norm, pipe, scan, square, tensor, toArray, transpose, type Tensor } from "thalweg"
import { sgd, withMomentum, type AnyOptimizer } from "thalweg/optimizer"
import { grid, lossCurves, pathsOverContours, writeSvg } from "./lib/plot/index.js"
import { paths } from "./lib/walk.js"

const f = (x: Tensor) => add(mul(0.1, square(at(x, 0))), mul(2, square(at(x, 1))))
const start = tensor([-5, -2], { dtype: "f64" })

/** The points of 20 steps, the start included. */
const descend = ({ init, step }: AnyOptimizer) => {
  const from = [start, init(start)] as const
  return scan(([x, state]) => [step(x, state, grad(f)(x)), x] as const, from, [], { length: 21 })[1]
}
const slow = descend(sgd({ learningRate: 0.4 }))
const unstable = descend(sgd({ learningRate: 0.6 }))
const steady = descend(pipe(sgd({ learningRate: 0.6 }), withMomentum(0.5)))

const runs = { "rate 0.4": slow, "rate 0.6": unstable, "rate 0.6, momentum 0.5": steady }
const onSurface = pathsOverContours({
  title: "20 steps of descent",
  f,
  domain: { x: [-5.5, 1], y: [-3, 3] },
  paths: paths(runs),
  minimum: [0, 0],
  clip: true
})
const heights = R.map((points: Tensor) => ({ losses: toArray(f(transpose(points))) as number[] }))
const overTime = lossCurves({ title: "Height", x: "step", scale: "log", runs: heights(runs) })
await writeSvg("examples/out/descent.svg", grid([onSurface, overTime], 2))

/** Without momentum, a step multiplies each coordinate by 1 - rate · (the second derivative). */
const isGeometric = (points: Tensor, rate: number) => {
  const isNear = (a: number, b: number) => Math.abs(a - b) < 1e-12 * Math.abs(b)
  return (toArray(points) as [number, number][]).every(
    ([x1, x2], n) => isNear(x1, -5 * (1 - 0.2 * rate) ** n) && isNear(x2, -2 * (1 - 4 * rate) ** n)
  )
}
assert.ok(isGeometric(slow, 0.4), "factors 0.92 and -0.6")
assert.ok(isGeometric(unstable, 0.6), "factors 0.88 and -1.4")
assert.ok(item(norm(at(steady, -1))) < 0.01)
