import { readFileSync } from "node:fs"

import { minimize, type Method, type Minimum } from "thalweg/minimize"
import type { Tensor, Tree } from "thalweg"
import { startOf, sumOfSquares, type TestProblem } from "./problems.js"

/** What scipy.optimize needed, by method. */
export interface Peer {
  readonly value: number | string
  readonly gradientNorm: number | string
  readonly iterations: number
  readonly values: number
  readonly gradients: number
  readonly hessianProducts: number
}

/** A problem as the script of Python has it. */
export interface GoldenProblem {
  readonly name: string
  readonly start: readonly number[]
  readonly value: number
  readonly gradient: readonly number[]
  readonly direction: readonly number[]
  readonly hessianProduct: readonly number[]
  readonly scipy: Readonly<Record<string, Peer>>
}

const file = new URL("../golden/minimize.json", import.meta.url)

/** What test/golden/minimize.py wrote. */
export const golden = JSON.parse(readFileSync(file, "utf8")) as {
  readonly tolerance: number
  readonly cases: readonly GoldenProblem[]
}

/** Whether a value is that of a minimum of the problem: to a share of 1e-4, or 1e-8 where it is 0. */
export const isMinimum = ({ minima }: TestProblem, value: number): boolean =>
  minima.some(least => Math.abs(value - least) <= 1e-4 * Math.abs(least) + 1e-8)

/** What a method comes to, under the tolerance and the bounds that scipy has. */
export const solve = <M extends Tree>(problem: TestProblem, method: Method<M>): Minimum<Tensor> =>
  minimize(sumOfSquares(problem), {
    method,
    tolerance: golden.tolerance,
    maxSteps: method.name === "nelderMead" ? 10_000 : 2000
  })(startOf(problem))
