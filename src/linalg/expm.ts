import { abs, add, ceil, div, maximum, mul, neg, sub } from "../dataflow/arithmetic.js"
import { checkOptions, checkTensor } from "../dataflow/check.js"
import { matmul } from "../dataflow/contract.js"
import { describeValue } from "../dataflow/describe.js"
import { cast, stopGradient } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import { exp2, log2 } from "../dataflow/exponential.js"
import { gt, le, where } from "../dataflow/logic.js"
import { eye } from "../dataflow/matrix.js"
import type { Tensor } from "../dataflow/primitive.js"
import { max, sum } from "../dataflow/reduce.js"
import * as shapes from "../dataflow/rules.js"
import { arange } from "../dataflow/sequence.js"
import { scan } from "../tree/scan.js"
import { expandDims } from "../dataflow/structure.js"
import { solve } from "./solve.js"

/** How far an exponential is followed. */
export interface ExponentialOptions {
  /**
   * How often the exponential of a part may be squared, a whole number from 0 on: matrices whose columns sum up (in absolute
   * value) to more than 5.37 · 2^maxSquarings give NaN. Each takes the time of a product, needed or not; of more than 1024, which
   * no finite matrix needs, only so many are made. Default 16.
   */
  readonly maxSquarings?: number
}

/** Padé's approximant of degree 13 of the exponential function: its numerator, from the constant on. */
const PADE = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1
] as const

/** Up to this norm it is exact in f64 (Higham 2005, table 2.3). */
const LARGEST = 5.371920351148152

/** No sum of f64 needs more. */
const MOST_SQUARINGS = 1024

/** `Σₖ cₖ·Aᵏ` over even powers of the numerator from `from` on. */
const combined = (powers: readonly Tensor[], from: number): Tensor =>
  powers.map((power, k) => mul(power, PADE[from + 2 * k] ?? 0)).reduce(add)

/** The approximant of a small matrix. */
const approximant = (a: Tensor): Tensor => {
  const one = eye(a.shape.at(-1) ?? 0, undefined, a.dtype)
  const a2 = matmul(a, a)
  const a4 = matmul(a2, a2)
  const a6 = matmul(a4, a2)
  const [low, high] = [
    [one, a2, a4, a6],
    [a2, a4, a6]
  ] as const
  const odd = matmul(a, add(matmul(a6, combined(high, 9)), combined(low, 1)))
  const even = add(matmul(a6, combined(high, 8)), combined(low, 0))
  return solve(sub(even, odd), add(even, odd))
}

const overMatrix = (x: Tensor): Tensor => expandDims(expandDims(x, -1), -1)

/**
 * Computes matrix exponentials `exp(A) = Σₖ Aᵏ/k!`, by scaling, Padé's approximant and squaring, in f64, rounded once.
 *
 * Shape: that of `a`, `[..., n, n]` of `f32` or `f64`, else a `ShapeError` or `DTypeError`. How often is squared depends on the matrix,
 * each of a batch by itself, up to a limit: see `ExponentialOptions`.
 *
 * Laws: `exp(A)·exp(-A) ≡ I`; `det(exp(A)) ≡ exp(tr(A))`. Source: Higham 2005 (doi 10.1137/04061101X), with degree 13
 * always; `scipy.linalg.expm`, and jax for the limit.
 *
 * @example
 * import assert from "node:assert"
 * import { expm, tensor, toArray } from "thalweg"
 *
 * // a turn by a right angle
 * const turn = toArray(expm(tensor([[0, -Math.PI / 2], [Math.PI / 2, 0]], { dtype: "f64" }))) as number[][]
 * assert.ok(Math.abs((turn[0]?.[1] ?? 0) + 1) < 1e-15)
 */
export const expm = (a: Tensor, options: ExponentialOptions = {}): Tensor => {
  const { dtype, shape } = shapes.squares("expm", checkTensor("expm", a))
  const { maxSquarings: limit = 16 } = checkOptions("expm", options, ["maxSquarings"])
  if (!Number.isSafeInteger(limit) || limit < 0)
    fail("HyperparameterError", "expm", "maxSquarings to be a whole number from 0 on", describeValue(limit))
  if (shape.at(-1) === 0) return a
  const wide = cast(a, "f64")
  const size = max(sum(abs(stopGradient(wide)), { axes: -2 }), { axes: -1 })
  const squarings = maximum(ceil(log2(div(where(gt(size, 0), size, 1), LARGEST))), 0)
  const start = approximant(mul(wide, overMatrix(exp2(neg(squarings)))))
  const square = (x: Tensor, time: Tensor): readonly [Tensor, readonly []] => [
    where(overMatrix(gt(squarings, time)), matmul(x, x), x),
    []
  ]
  const [found] = scan(square, start, arange(Math.min(limit, MOST_SQUARINGS), { dtype: "f64" }))
  return cast(where(overMatrix(le(squarings, limit)), found, NaN), dtype)
}
