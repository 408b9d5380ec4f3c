import { customVjp } from "../autodiff/custom-vjp.js"
import { div, maximum, mul, sub } from "../dataflow/arithmetic.js"
import { matmul } from "../dataflow/contract.js"
import { transposed } from "../dataflow/factor.js"
import { eq, where } from "../dataflow/logic.js"
import { smallestNormal, type FloatDType } from "../dataflow/dtype.js"
import type { Tensor } from "../dataflow/primitive.js"
import { expandDims } from "../dataflow/structure.js"
import { exp, expm1, log } from "../dataflow/transcendental.js"
import { eigh } from "../linalg/eigh.js"
import { castLike } from "./common.js"

const rebuilt = (vectors: Tensor, values: Tensor): Tensor =>
  matmul(mul(vectors, expandDims(values, -2)), transposed(vectors))

/** `(λᵢᵖ - λⱼᵖ)/(λᵢ - λⱼ)` for all pairs, `p·λᵖ⁻¹` where they are equal: as `λⱼᵖ⁻¹·(rᵖ - 1)/(r - 1)`, `r = λᵢ/λⱼ`, so that nothing cancels. */
const dividedDifferences = (logs: Tensor, p: number): Tensor => {
  const ratio = sub(expandDims(logs, -1), expandDims(logs, -2))
  const isEven = eq(ratio, 0)
  const safe = where(isEven, 1, ratio)
  const share = where(isEven, p, div(expm1(mul(safe, p)), expm1(safe)))
  return mul(exp(mul(expandDims(logs, -2), p - 1)), share)
}

/**
 * The power `A^(-1/k)` of a symmetric matrix of which no eigenvalue is below a bound, nor the smallest normal number: what
 * rounding took below is put there. Its
 * derivative by the matrix is that of a function of a matrix, also where eigenvalues are equal (Daleckii & Krein 1965).
 */
export const inverseRoot = (k: number): ((a: Tensor, least: Tensor) => Tensor) =>
  customVjp(
    (a: Tensor, least: Tensor) => {
      const { values, vectors } = eigh(a)
      const logs = log(maximum(values, maximum(castLike(least, a), smallestNormal[a.dtype as FloatDType])))
      return [rebuilt(vectors, exp(mul(logs, -1 / k))), { logs, vectors }] as const
    },
    ({ logs, vectors }, cotangent) => {
      const turned = matmul(matmul(transposed(vectors), cotangent), vectors)
      const own = mul(turned, dividedDifferences(logs, -1 / k))
      return [matmul(matmul(vectors, own), transposed(vectors)), undefined] as const
    }
  )
