import { customVjp } from "../autodiff/custom-vjp.js"
import { add, sub } from "../dataflow/arithmetic.js"
import { zerosLike } from "../dataflow/create.js"
import { isFloat } from "../dataflow/dtype.js"
import { isInf } from "../dataflow/finite.js"
import { and, eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { Tree } from "../tree/index.js"
import type { Move } from "./motion.js"

/** What is more in one tree than in another: 0 where they are alike, infinities too, and for whole numbers. */
export const excess = Tree.zipWith((more: Tensor, less: Tensor) => {
  if (!isFloat(more.dtype)) return zerosLike(more)
  return where(and(eq(more, less), isInf(more)), zerosLike(more), sub(more, less))
})

/** A sum, and the first term to the bit where the second is 0 (`-0 + 0` is 0). */
const keptByZero = /* @__PURE__ */ customVjp(
  (before: Tensor, by: Tensor) => [where(eq(by, 0), before, add(before, by)), []] as const,
  (_, cotangent) => [cotangent, cotangent]
)

/** A tree with what is more; where that is 0, the same bits. */
const raised = Tree.zipWith((before: Tensor, by: Tensor) => (isFloat(before.dtype) ? keptByZero(before, by) : before))

/**
 * What a step left, had it been given more: what comes of that beyond what came of nothing is added. Exact for what is
 * linear in it, as velocities and averages are.
 */
export const madeUp = <T extends Tree>(left: T, withIt: T, without: T): T => raised(left, excess(withIt, without))

/** The move by a displacement that was held back: where that is 0, the parameters keep their bits. */
export const moveLate = <P extends Tree>(params: P, by: P): Move<P> => ({ by, to: raised(params, by) })
