import { matrixLike } from "../../transform/scale-by-muon.js"
import type { AnyF, StateFamily, Transform } from "../../transform/transform.js"
import type { Tree } from "../../tree/index.js"
import { chosen, type Mask } from "../../tree/mask.js"
import { byDepth } from "../by-depth.js"
import { together, type PartitionF } from "../combinator/partition.js"
import { motionOf, type Motion } from "../motion.js"
import { checkMoving, optimizerOf, type AnyOptimizer, type Optimizer } from "../optimizer.js"

/** The states for the matrices and for the other leaves. */
export type OnMatricesF<F extends StateFamily> = PartitionF<{ readonly matrices: F; readonly elsewhere: AnyF }>

/** Which leaves are matrices, and what steps elsewhere. */
interface Division {
  readonly matrices: Mask
  readonly flatten: boolean
  readonly elsewhere: AnyOptimizer
}

/** An optimizer of a transform for matrices, whose `rate` it says, and another for all other leaves. */
export const onMatrices = <F extends StateFamily>(
  title: string,
  { matrices: mask, flatten, elsewhere }: Division,
  transform: Transform<F>
): Optimizer<OnMatricesF<F>> => {
  const matrices = motionOf(transform)
  const labelsOf = (params: Tree): readonly string[] =>
    chosen(title, mask, params, matrixLike(flatten)).map(meant => (meant ? "matrices" : "elsewhere"))
  const parts = together({ matrices, elsewhere: checkMoving(title, elsewhere, "elsewhere").motion }, labelsOf)
  return byDepth(
    optimizerOf({ ...parts, rate: (state, now) => matrices.rate(state.matrices, now) } as Motion<OnMatricesF<F>>)
  )
}
