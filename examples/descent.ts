// Descent on 0.1 x₁² + 2 x₂²: slow along the valley or unstable across it; with momentum, neither.
import assert from "node:assert"
import { add, at, grad, mul, pipe, scan, square, tensor, toArray, type Tensor } from "thalweg"
import { sgd, withMomentum, type Optimizer } from "thalweg/optimizer"
import type { StateFamily } from "thalweg/transform"
import { grid, lossCurves, pathsOverContours, writeSvg } from "./lib/plot/index.js"

const f = (x: Tensor) => add(mul(0.1, square(at(x, 0))), mul(2, square(at(x, 1))))
const start = tensor([-5, -2], { dtype: "f64" })

/** The points of 20 steps, the start included. */
const descend = <F extends StateFamily>(name: string, { init, step }: Optimizer<F>) => {
  const from = [start, init(start)] as const
  const [, points] = scan(([x, state]) => [step(x, state, grad(f)(x)), x] as const, from, [], { length: 21 })
  return { name, points: toArray(points) as [number, number][] }
}

const slow = descend("rate 0.4", sgd({ learningRate: 0.4 }))
const unstable = descend("rate 0.6", sgd({ learningRate: 0.6 }))
const steady = descend("rate 0.6, momentum 0.5", pipe(sgd({ learningRate: 0.6 }), withMomentum(0.5)))

const surface = (x1: number, x2: number) => 0.1 * x1 ** 2 + 2 * x2 ** 2
const paths = [slow, unstable, steady]
const losses = paths.map(({ name, points }) => [name, { losses: points.map(point => surface(...point)) }] as const)
const onSurface = pathsOverContours({
  title: "20 steps of descent",
  f: surface,
  domain: [
    [-5.5, 1],
    [-3, 3]
  ],
  paths,
  minimum: [0, 0],
  clip: true
})
const overTime = lossCurves({ title: "Height", x: "step", scale: "log", runs: Object.fromEntries(losses) })
await writeSvg("examples/out/descent.svg", grid([onSurface, overTime], 2))

const isNear = (a: number, b: number) => Math.abs(a - b) < 1e-12 * Math.abs(b)
/** Without momentum, a step multiplies each coordinate by 1 - rate · (the second derivative). */
const isGeometric = (path: [number, number][], rate: number) =>
  path.every(([x1, x2], n) => isNear(x1, -5 * (1 - 0.2 * rate) ** n) && isNear(x2, -2 * (1 - 4 * rate) ** n))

assert.ok(isGeometric(slow.points, 0.4), "factors 0.92 and -0.6")
assert.ok(isGeometric(unstable.points, 0.6), "factors 0.88 and -1.4")
assert.ok(Math.hypot(...(steady.points.at(-1) ?? [NaN])) < 0.01)
