import { customVjp } from "../autodiff/index.js"
import { grad } from "../autodiff/grad.js"
import { mul } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import { isFloat } from "../dataflow/dtype.js"
import { isNaN, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sum } from "../dataflow/reduce.js"
import { withName } from "../options/with-name.js"

/** A vector x that arguments θ define by equations, r(x, θ) = 0. */
interface Implicit {
  /** What it is called where it is printed, and in errors. */
  readonly name: string
  /** Finds x; NaN where there is none. How it does so is not differentiated. */
  readonly find: (args: readonly Tensor[]) => Tensor
  /** r(x, θ), a vector like x, as a function of θ at least. */
  readonly residual: (x: Tensor, args: readonly Tensor[]) => Tensor
  /** λ of (∂r/∂x)ᵀ λ = v, linear in v. */
  readonly solveTransposed: (x: Tensor, args: readonly Tensor[], v: Tensor) => Tensor
}

/** λᵀ ∂r/∂θ, of those arguments that have derivatives. */
const pulledBack = (residual: Implicit["residual"], x: Tensor, args: readonly Tensor[], lambda: Tensor) => {
  const isOwn = args.map(({ dtype }) => isFloat(dtype))
  const along = (floats: readonly Tensor[]): Tensor => {
    const rest = [...floats]
    return sum(
      mul(
        residual(
          x,
          args.map((t, i) => (isOwn[i] === true ? (rest.shift() as Tensor) : t))
        ),
        lambda
      )
    )
  }
  const found = [...grad(along)(args.filter((_, i) => isOwn[i]))]
  return isOwn.map(own => (own ? found.shift() : undefined))
}

/**
 * x as a function of θ, with the derivative that the implicit function theorem gives:
 *
 *     dx = -(∂r/∂x)⁻¹ (∂r/∂θ) dθ    so that    θ̄ = -(∂r/∂θ)ᵀ λ,   (∂r/∂x)ᵀ λ = x̄
 *
 * In this formula x is again the function of θ, so that derivatives of any order are right. Where x is NaN, so is its derivative.
 */
export const implicitly = ({ name, find, residual, solveTransposed }: Implicit, args: readonly Tensor[]): Tensor => {
  const named = withName(name, (...own: readonly Tensor[]) => [find(own), []] as const, {})
  const x: Tensor = customVjp(named, (_, cotangent) =>
    // where nothing was found there is no derivative, though the formula may not look at x; a factor, since it has to be linear
    pulledBack(residual, x, args, mul(where(isNaN(x), NaN, scalar(-1, x.dtype)), solveTransposed(x, args, cotangent)))
  )(...args)
  return x
}
