import { grad, scan, toArray, type Tensor } from "thalweg"
import type { AnyOptimizer } from "thalweg/optimizer"
import type { Series } from "./plot/index.js"

interface Descent {
  readonly f: (p: Tensor) => Tensor
  readonly start: Tensor
  readonly steps: number
}

/** Goes some steps down f and gives the points, the start first, stacked along a new first axis. */
export const walk =
  ({ f, start, steps }: Descent) =>
  ({ init, step, gradientPoint }: AnyOptimizer): Tensor => {
    const from = [start, init(start)] as const
    const next = ([p, state]: typeof from) => [step(p, state, grad(f)(gradientPoint(p, state))), p] as const
    return scan(next, from, [], { length: steps + 1 })[1]
  }

/** Walks in the plane, by name, as plots take them. */
export const paths = (walks: Readonly<Record<string, Tensor>>): readonly Series[] =>
  Object.entries(walks).map(([name, points]) => ({ name, points: toArray(points) as [x: number, y: number][] }))
