import { hvp } from "../autodiff/jacobian.js"
import { mul, neg } from "../dataflow/arithmetic.js"
import { onesLike } from "../dataflow/create.js"
import type { FloatDType } from "../dataflow/dtype.js"
import { where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice } from "../options/fields.js"
import { bernoulli, normal, split } from "../random/index.js"
import { Tree, type TreeLike } from "../tree/index.js"

/** What the Hessian is multiplied by. */
export const probeField = {
  /** What the Hessian is multiplied by: "normal" numbers (the default), or "signs", ±1 alike, of which less noise comes. */
  probe: choice(["normal", "signs"], "normal")
}

/** What the Hessian is multiplied by, of variance 1. */
export type Probe = "signs" | "normal"

const probes: { readonly [P in Probe]: (key: Tensor, like: Tensor) => Tensor } = {
  signs: (key, like) => where(bernoulli(key, 0.5, like.shape), onesLike(like), neg(onesLike(like))),
  normal: (key, { shape, dtype }) => normal(key, shape, { dtype: dtype as FloatDType })
}

/**
 * Hutchinson's estimate of the diagonal of the Hessian, `z ⊙ ∇²f(p)·z` with a random `z`, and the key of the next: of signs it is
 * exact where the Hessian is diagonal, of either right on average (Bekas, Kokiopoulou & Saad 2007).
 */
export const diagonalEstimate = <P extends Tree>(
  objective: (at: P) => Tensor,
  params: P,
  key: Tensor,
  probe: Probe
): readonly [diagonal: P, key: Tensor] => {
  const { leaves, structure } = Tree.flatten(params)
  const [later, ...keys] = split(key, leaves.length + 1) as readonly [Tensor, ...Tensor[]]
  const z = Tree.unflatten<P>(structure)(leaves.map((leaf, i) => probes[probe](keys[i] as Tensor, leaf)))
  const product = hvp<P & TreeLike<P>>(objective)(params, z)
  return [Tree.zipWith((x: Tensor, y: Tensor) => mul(x, y))(z, product), later]
}
