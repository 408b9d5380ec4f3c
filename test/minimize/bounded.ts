import { readFileSync } from "node:fs"

import { add, at, div, log, mul, pow, prod, sin, square, sub, sum, tensor, type Tensor } from "thalweg"
import { problems, sumOfSquares } from "./problems.js"

/** Problems with bounds, as the script of Python has them, and what L-BFGS-B of scipy needs. */
export interface GoldenBounded {
  readonly name: string
  readonly start: readonly number[]
  readonly lower: readonly (number | "-inf")[]
  readonly upper: readonly (number | "inf")[]
  readonly valueAtStart: number
  readonly scipy: {
    readonly at: readonly number[]
    readonly value: number
    readonly gradientNorm: number
    readonly iterations: number
    readonly values: number
  }
}

const file = new URL("../golden/bounds.json", import.meta.url)

/** What test/golden/bounds.py wrote. */
export const golden = JSON.parse(readFileSync(file, "utf8")) as {
  readonly tolerance: number
  readonly cases: readonly GoldenBounded[]
}

const named = (name: string): ((x: Tensor) => Tensor) => {
  const found = problems.find(problem => problem.name === name)
  if (found === undefined) throw new Error(`no problem ${name}`)
  return sumOfSquares(found)
}

/** The problems of Hock & Schittkowski, 1981, that have no constraints but bounds. */
const hockSchittkowski: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  "HS 1": named("Rosenbrock"),
  "HS 2": named("Rosenbrock"),
  "HS 3": x => add(at(x, 1), mul(1e-5, square(sub(at(x, 1), at(x, 0))))),
  "HS 4": x => add(div(pow(add(at(x, 0), 1), 3), 3), at(x, 1)),
  "HS 5": x => {
    const [a, b] = [at(x, 0), at(x, 1)]
    return add(add(sin(add(a, b)), square(sub(a, b))), add(sub(mul(2.5, b), mul(1.5, a)), 1))
  },
  "HS 25": named("Gulf research and development"),
  "HS 38": named("Wood"),
  "HS 45": x => sub(2, div(prod(x), 120)),
  "HS 110": x => sub(sum(add(square(log(sub(x, 2))), square(log(sub(10, x))))), pow(prod(x), 0.2))
}

/** The function of a case. */
export const functionOf = ({ name }: GoldenBounded): ((x: Tensor) => Tensor) => hockSchittkowski[name] ?? named(name)

/** Its start and its bounds. */
export const placesOf = ({ start, lower, upper }: GoldenBounded) => {
  const f64 = (data: readonly (number | string)[]): Tensor =>
    tensor(
      data.map(x => (x === "inf" ? Infinity : x === "-inf" ? -Infinity : Number(x))),
      { dtype: "f64" }
    )
  return { start: f64(start), lower: f64(lower), upper: f64(upper) }
}
