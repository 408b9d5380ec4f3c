import { add } from "../dataflow/arithmetic.js"
import { dataOf, isLiteral } from "../dataflow/literal.js"
import { argOf, argsOf, type OpOf, type Tensor } from "../dataflow/primitive.js"
import * as shapes from "../dataflow/rules.js"
import { apply } from "../dataflow/tensor.js"

const isZeros = (t: Tensor): boolean => {
  if (t.op.kind === "broadcast") return isZeros(argOf(t, 0))
  return isLiteral(t) && dataOf(t).every(x => x === 0)
}

/** Whether a cotangent is that of something of which only elements at some indices were read. */
const isScattered = (ct: Tensor): boolean => ct.op.kind === "scatterAdd" && isZeros(argOf(ct, 0))

/**
 * Adds a cotangent to another. What is 0 but at some indices is added there, and not everywhere: where a sum is the carry of
 * a loop, it takes the time of what is added, not that of the whole.
 */
export const plus = (sum: Tensor, ct: Tensor): Tensor => {
  if (!isScattered(ct)) return isScattered(sum) ? plus(ct, sum) : add(sum, ct)
  const [, indices, updates] = argsOf(ct) as readonly [Tensor, Tensor, Tensor]
  return apply(shapes.scatterAdd, ct.op as OpOf<"scatterAdd">, [sum, indices, updates])
}
