import { add, at, div, mul, pow, sin, square, sub, tensor, type Tensor } from "thalweg"

type Pair = readonly [number, number]

export interface Surface {
  readonly title: string
  /** Of a point `[2]`, or of many at once, `[2, n]`. */
  readonly f: (p: Tensor) => Tensor
  /** Where it is drawn. */
  readonly domain: { readonly x: Pair; readonly y: Pair }
  readonly start: Tensor
  readonly minimum: Pair
  readonly steps: number
  /** Of optimizers that follow the gradient. */
  readonly rate: number
  /** Of optimizers that rescale the gradient: about the length of a step. */
  readonly pace: number
}

const point = (x: number, y: number) => tensor([x, y], { dtype: "f64" })
const of = (height: (x: Tensor, y: Tensor) => Tensor) => (p: Tensor) => height(at(p, 0), at(p, 1))

/** A valley that is flat along and steep across. */
const bowl: Surface = {
  title: "Bowl",
  f: of((x, y) => add(mul(0.1, square(x)), mul(2, square(y)))),
  domain: { x: [-5.5, 2.5], y: [-2.5, 2.5] },
  start: point(-5, -2),
  minimum: [0, 0],
  steps: 60,
  rate: 0.2,
  pace: 0.2
}

/** Plains, and walls: Beale 1958. */
const beale: Surface = {
  title: "Beale",
  f: of((x, y) => [1.5, 2.25, 2.625].map((c, i) => square(sub(c, mul(x, sub(1, pow(y, i + 1)))))).reduce(add)),
  domain: { x: [0, 4], y: [-1.5, 1.2] },
  start: point(0.5, -1),
  minimum: [3, 0.5],
  steps: 300,
  rate: 0.01,
  pace: 0.05
}

/** A curved ravine whose bed is almost level: Rosenbrock 1960. */
export const rosenbrock: Surface = {
  title: "Rosenbrock",
  f: of((x, y) => add(square(sub(1, x)), mul(100, square(sub(y, square(x)))))),
  domain: { x: [-2, 2], y: [-1, 3] },
  start: point(-1.5, 2),
  minimum: [1, 1],
  steps: 500,
  rate: 5e-4,
  pace: 0.03
}

/** A winding ravine. */
export const ravine: Surface = {
  title: "Ravine",
  f: of((x, y) => add(mul(0.05, square(x)), mul(4, square(sub(y, sin(x)))))),
  domain: { x: [-5.5, 2], y: [-3, 3.5] },
  start: point(-4.5, 2.5),
  minimum: [0, 0],
  steps: 150,
  rate: 0.05,
  pace: 0.2
}

/** A saddle at (0, 0), on the ridge y = 0 between the minima (0, -1) and (0, 1). */
export const saddle: Surface = {
  title: "Saddle",
  f: of((x, y) => add(square(x), div(square(sub(square(y), 1)), 4))),
  domain: { x: [-1.8, 1.8], y: [-1.5, 1.5] },
  start: point(1.5, 1e-3),
  minimum: [0, 1],
  steps: 60,
  rate: 0.1,
  pace: 0.1
}

/** The textbook surfaces. */
export const surfaces = [bowl, beale, rosenbrock, ravine, saddle]
