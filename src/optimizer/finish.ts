import { add, sub } from "../dataflow/arithmetic.js"
import { zerosLike } from "../dataflow/create.js"
import { isFloat } from "../dataflow/dtype.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { Tree } from "../tree/index.js"
import type { Move } from "./motion.js"

/** What is more in one tree than in another: 0 where they are alike, infinities too, and for whole numbers. */
export const excess = Tree.zipWith((more: Tensor, less: Tensor) =>
  isFloat(more.dtype) ? where(eq(more, less), zerosLike(more), sub(more, less)) : zerosLike(more)
)

/** A tree with what is more; where that is 0, the same bits (`-0 + 0` is 0). */
const raised = Tree.zipWith((before: Tensor, by: Tensor) =>
  isFloat(before.dtype) ? where(eq(by, 0), before, add(before, by)) : before
)

/**
 * What a step left, had it been given more: what comes of that beyond what came of nothing is added. Exact for what is
 * linear in it, as velocities and averages are.
 */
export const madeUp = <T extends Tree>(left: T, withIt: T, without: T): T => raised(left, excess(withIt, without))

/** The move by a displacement that was held back: where that is 0, the parameters keep their bits. */
export const moveLate = <P extends Tree>(params: P, by: P): Move<P> => ({ by, to: raised(params, by) })
