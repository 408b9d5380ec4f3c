// The ways of the optimizers down the textbook surfaces.
import assert from "node:assert"
import { add, at, compile, grad, item, mul, pow, scalar, scan, sin, square, sub, tensor, toArray } from "thalweg"
import type { Tensor } from "thalweg"
import { adagrad, adam, momentum, nag, rmsprop, sgd, type Optimizer } from "thalweg/optimizer"
import type { StateFamily } from "thalweg/transform"
import { grid, pathsOverContours, writeSvg } from "./lib/plot/index.js"

type Surface = (x: Tensor, y: Tensor) => Tensor
type Point = [x: number, y: number]

const bowl: Surface = (x, y) => add(mul(0.1, square(x)), mul(2, square(y)))
const rosenbrock: Surface = (x, y) => add(square(sub(1, x)), mul(100, square(sub(y, square(x)))))
const ravine: Surface = (x, y) => add(mul(0.05, square(x)), mul(4, square(sub(y, sin(x)))))
const saddle: Surface = (x, y) => sub(square(x), square(y))
const beale: Surface = (x, y) =>
  [1.5, 2.25, 2.625].map((c, i) => square(sub(c, mul(x, sub(1, pow(y, i + 1)))))).reduce(add)

/** The points of some steps down a surface, by name; the start included. */
const walk = (f: Surface, start: Point, steps: number) => {
  const slope = grad((p: Tensor) => f(at(p, 0), at(p, 1)))
  return <F extends StateFamily>(name: string, { init, step, gradientPoint }: Optimizer<F>) => {
    const p0 = tensor(start, { dtype: "f64" })
    const from = [p0, init(p0)] as const
    const next = ([p, state]: typeof from) => [step(p, state, slope(gradientPoint(p, state))), p] as const
    return { name, points: toArray(scan(next, from, [], { length: steps + 1 })[1]) as Point[] }
  }
}

/** Those that follow the gradient go at `rate`, those that rescale it at `pace`: about the length of a step. */
const race = (name: string, f: Surface, start: Point, steps: number, rate: number, pace: number) => {
  const by = walk(f, start, steps)
  const paths = [
    by("sgd", sgd({ learningRate: rate })),
    by("momentum", momentum({ learningRate: rate })),
    by("nag", nag({ learningRate: rate })),
    by("adagrad", adagrad({ learningRate: 4 * pace })),
    by("rmsprop", rmsprop({ learningRate: pace })),
    by("adam", adam({ learningRate: pace }))
  ]
  return { title: `${name}, ${steps} steps`, f, paths }
}

const descents = [
  { ...race("0.1x² + 2y²", bowl, [-5, -2], 60, 0.2, 0.2), x: [-5.5, 2.5], y: [-2.5, 2.5], minimum: [0, 0] },
  { ...race("Beale", beale, [0.5, -1], 300, 0.01, 0.05), x: [0, 4], y: [-1.5, 1.2], minimum: [3, 0.5] },
  { ...race("Rosenbrock", rosenbrock, [-1.5, 2], 500, 5e-4, 0.03), x: [-2, 2], y: [-1, 3], minimum: [1, 1] },
  { ...race("Ravine", ravine, [-4.5, 2.5], 150, 0.05, 0.2), x: [-5.5, 2], y: [-3, 3.5], minimum: [0, 0] }
] as const
const ridge = { ...race("x² - y²", saddle, [-1.5, 1e-3], 50, 0.05, 0.05), x: [-2, 2], y: [-2, 2] } as const

const figures = [...descents, ridge].map(({ f, x, y, ...chart }) => {
  const height = compile(f)
  const surface = (x: number, y: number) => item(height(scalar(x, "f64"), scalar(y, "f64")))
  return pathsOverContours({ ...chart, f: surface, domain: [x, y], clip: true })
})
await writeSvg("examples/out/surfaces.svg", grid(figures, 2))

const ends = ({ paths }: { readonly paths: typeof ridge.paths }, [cx, cy]: readonly [number, number]) =>
  paths.flatMap(({ points }) => points.slice(-1)).map(([x, y]) => Math.hypot(x - cx, y - cy))
for (const descent of descents) {
  const [plain = NaN, ...others] = ends(descent, descent.minimum)
  assert.ok(
    others.every(distance => distance < plain),
    `${descent.title}: none is slower than sgd`
  )
}
const [plain = NaN, ...others] = ends(ridge, [0, 0])
assert.ok(plain < 0.2 && others.every(distance => distance > 2), "only sgd is at the saddle still")
