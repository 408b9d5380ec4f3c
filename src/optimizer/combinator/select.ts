import { where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { Tree } from "../../tree/index.js"

/** The first tree where a condition holds, else the second, which has the same structure. */
export const select = <T extends Tree>(condition: Tensor, yes: T, no: T): T =>
  Tree.zipWith((a: Tensor, b: Tensor) => where(condition, a, b))(yes, no)
