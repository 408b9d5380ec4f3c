// Near a ridge the slope is tiny: plain descent stalls at the saddle, what rescales its gradients leaves at once.
import assert from "node:assert"
import { add, at, div, grad, scan, square, sub, tensor, toArray, type Tensor } from "thalweg"
import { adam, momentum, rmsprop, sgd, type Optimizer } from "thalweg/optimizer"
import type { StateFamily } from "thalweg/transform"
import { pathsOverContours, writeSvg } from "./lib/plot/index.js"

/** x² + (y² - 1)² / 4: a saddle at (0, 0), on the ridge y = 0 between the minima at (0, -1) and (0, 1). */
const f = (p: Tensor) => add(square(at(p, 0)), div(square(sub(square(at(p, 1)), 1)), 4))

const walk = <F extends StateFamily>(name: string, { init, step }: Optimizer<F>, y: number) => {
  const start = tensor([1.5, y], { dtype: "f64" })
  const from = [start, init(start)] as const
  const [, points] = scan(([p, state]) => [step(p, state, grad(f)(p)), p] as const, from, [], { length: 151 })
  return { name, points: toArray(points) as [number, number][] }
}

const race = (y: number) => [
  walk("sgd", sgd({ learningRate: 0.1 }), y),
  walk("momentum", momentum({ learningRate: 0.1 }), y),
  walk("rmsprop", rmsprop({ learningRate: 0.1, eps: 1e-16 }), y),
  walk("adam", adam({ learningRate: 0.1, eps: 1e-16 }), y)
]
/** The step at which each is half the way to a minimum; -1 if none of 150. */
const leaving = (y: number) =>
  Object.fromEntries(race(y).map(({ name, points }) => [name, points.findIndex(([, y]) => y > 0.5)]))

const [far, near, on] = [leaving(1e-2), leaving(1e-6), leaving(0)]
console.table({ "from y = 0.01": far, "from y = 0.000001": near, "from y = 0": on })

const figure = pathsOverContours({
  title: "150 steps from y = 0.000001",
  f: (x, y) => x ** 2 + (y ** 2 - 1) ** 2 / 4,
  domain: [
    [-1.5, 2],
    [-0.5, 1.6]
  ],
  paths: race(1e-6),
  minimum: [0, 1]
})
await writeSvg("examples/out/saddle.svg", figure)

assert.deepStrictEqual([far.sgd, near.sgd], [43, 139], "while y is small, a step makes it 1.1 times as large")
assert.deepStrictEqual([near.rmsprop, near.adam], [far.rmsprop, far.adam], "these do not see how small it is")
assert.ok(
  Object.values(on).every(step => step === -1),
  "exactly on the ridge there is no slope to follow"
)
