import { add, div, mul, reciprocal, sub } from "../dataflow/arithmetic.js"
import { concat } from "../dataflow/concat.js"
import { scalar, zeros } from "../dataflow/create.js"
import type { FloatDType } from "../dataflow/dtype.js"
import { and, eq, gt, isFinite, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { norm } from "../dataflow/reduce.js"
import { sliceAxis } from "../dataflow/slice.js"
import { expandDims } from "../dataflow/structure.js"
import { fixed } from "../options/fields.js"
import { nonNegative, positiveInteger } from "../options/range.js"
import { Tree } from "../tree/index.js"
import { scan } from "../tree/scan.js"
import { dot, inItsUnit, largest } from "./vector.js"

/** What is remembered, and what not. */
export const memoryFields = {
  /** m, a whole number from 1: how many steps it remembers. Default 10. */
  memory: fixed(positiveInteger, 10),
  /** ≥ 0: the least cosine between a step and how the gradient changed, for it to be remembered. Default 1e-10. */
  leastCurvature: fixed(nonNegative, 1e-10)
}

/** What L-BFGS remembers, the newest last: steps, how the gradient changed with each, and what makes their product 1. */
export interface LbfgsMemory extends Readonly<Record<string, Tensor>> {
  /** sᵢ = xᵢ₊₁ - xᵢ, `[m, n]`; zeros where there is none yet. */
  readonly steps: Tensor
  /** yᵢ = ∇f(xᵢ₊₁) - ∇f(xᵢ), `[m, n]`. */
  readonly changes: Tensor
  /** 1 / sᵢ·yᵢ, `[m]`; 0 where there is none yet. */
  readonly rho: Tensor
  /** γ = s·y / y·y of the newest, a scalar: the first guess of the inverse of the Hessian is γ times the identity. */
  readonly gamma: Tensor
}

/** H·g, by the two loops (Nocedal & Wright, algorithm 7.4); a pair whose rho is 0 changes nothing. */
export const inverseTimes = ({ steps, changes, rho, gamma }: LbfgsMemory, gradient: Tensor): Tensor => {
  const pairs = { s: steps, y: changes, r: rho }
  const [q, alphas] = scan(
    (q: Tensor, { s, y, r }: typeof pairs) => {
      const alpha = mul(r, dot(s, q))
      return [sub(q, mul(alpha, y)), alpha] as const
    },
    gradient,
    pairs,
    { reverse: true }
  )
  return scan(
    (z: Tensor, { s, y, r, alpha }: typeof pairs & { alpha: Tensor }) => {
      const beta = mul(r, dot(y, z))
      return [add(z, mul(s, sub(alpha, beta))), [] as readonly Tensor[]] as const
    },
    mul(gamma, q),
    { ...pairs, alpha: alphas }
  )[0]
}

/** γ = s·y / y·y, in which no square of y overflows. */
export const scaleAlong = (step: Tensor, change: Tensor): Tensor => {
  const { scaled, unit } = inItsUnit(change)
  return div(div(dot(step, scaled), dot(scaled, scaled)), unit)
}

const pushed = (rows: Tensor, row: Tensor): Tensor =>
  concat([sliceAxis(rows, 0, 1, rows.shape[0] as number), expandDims(row, 0)])

/** Remembers a step, where the function curves up along it. */
export const remember = (memory: LbfgsMemory, step: Tensor, change: Tensor, least: number): LbfgsMemory => {
  const product = dot(step, change)
  const inverse = reciprocal(product)
  const isCurved = and(gt(product, mul(mul(least, norm(step)), norm(change))), isFinite(inverse))
  const more: LbfgsMemory = {
    steps: pushed(memory.steps, step),
    changes: pushed(memory.changes, change),
    rho: pushed(memory.rho, inverse),
    gamma: scaleAlong(step, change)
  }
  return Tree.zipWith((a: Tensor, b: Tensor) => where(isCurved, a, b))(more, memory)
}

/** The memory of no step, for vectors of a size. */
export const noMemory = (m: number, size: number, dtype: FloatDType): LbfgsMemory => {
  const none = zeros([m, size], dtype)
  return { steps: none, changes: none, rho: zeros([m], dtype), gamma: scalar(1, dtype) }
}

/** A bool scalar: whether no step is remembered. */
export const isForgotten = ({ rho }: LbfgsMemory): Tensor => eq(largest(rho), 0)
