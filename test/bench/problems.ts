/** What everybody is given to solve, as numbers. `peers/scipy.py` has the same. */

const numbers = (n: number, f: (i: number) => number): readonly number[] => Array.from({ length: n }, (_, i) => f(i))

/** Where minimizations of Rosenbrock's function start, of an even number of variables. */
export const rosenbrockStart = (n: number): readonly number[] => numbers(n, i => (i % 2 === 0 ? -1.2 : 1))

/** A curve through points at `x`, with what is not of it, and where its fit starts. */
export interface Curve {
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly start: readonly number[]
}

const curve = (n: number, start: readonly number[], at: (x: number) => number): Curve => {
  const x = numbers(n, i => (10 * i) / n)
  return { x, y: x.map((x, i) => at(x) + 0.05 * Math.sin(i * i)), start }
}

/** Points of `a·exp(-b·x) + c`. */
export const decayPoints = (n: number): Curve => curve(n, [1, 1, 0], x => 2.5 * Math.exp(-0.7 * x) + 0.3)

const bell = (x: number, height: number, center: number, width: number): number =>
  height * Math.exp(-(((x - center) / width) ** 2))

/** Points of `a·exp(-((x - b)/c)²) + d·exp(-((x - e)/f)²)`. */
export const bellPoints = (n: number): Curve =>
  curve(n, [1, 2.5, 1.5, 1, 6.5, 1], x => bell(x, 2, 3, 1) + bell(x, 1, 6, 1.5))

type Matrix = readonly (readonly number[])[]

/** A matrix without any structure. */
export const square = (n: number): Matrix => numbers(n, i => i).map(i => numbers(n, j => Math.sin((i * n + j) ** 2)))

export const symmetric = (n: number): Matrix => {
  const a = square(n)
  return a.map((row, i) => row.map((x, j) => x + (a[j]?.[i] ?? NaN)))
}

export const positiveDefinite = (n: number): Matrix => {
  const a = square(n)
  const along = (p: readonly number[], q: readonly number[]) => p.reduce((sum, x, k) => sum + x * (q[k] ?? NaN), 0)
  return a.map((p, i) => a.map((q, j) => along(p, q) / n + (i === j ? 1 : 0)))
}
