import { checkFunction, checkPair, checkTensor } from "../dataflow/check.js"
import { describeValue } from "../dataflow/describe.js"
import { fail, withPath } from "../dataflow/error.js"
import type { Pullback, Tensor } from "../dataflow/primitive.js"
import * as shapes from "../dataflow/rules.js"
import { apply } from "../dataflow/tensor.js"
import { variable } from "../dataflow/symbol.js"
import { sameType, showType } from "../dataflow/type.js"
import type { Tree } from "../tree/index.js"

/** What a hand-written derivative returned, if it fits the arguments. */
const requireCotangents = (
  args: readonly Tensor[],
  cotangents: readonly (Tensor | undefined)[]
): readonly (Tensor | undefined)[] => {
  if (!Array.isArray(cotangents) || cotangents.length !== args.length)
    fail(
      "GradientError",
      "customVjp",
      `a backward that returns ${args.length} cotangents, one per argument`,
      describeValue(cotangents)
    )
  args.forEach((t, i) => {
    const ct = cotangents[i]
    if (ct !== undefined && !sameType(checkTensor("customVjp", ct, "a tensor or nothing as cotangent"), t))
      fail("GradientError", "customVjp", `a cotangent of ${showType(t)}`, showType(ct), String(i))
  })
  return cotangents
}

/**
 * Makes a function with a derivative of one's own. `forward` gives the value and what the derivative needs; `backward`
 * turns that and the cotangent of the value into the cotangents of the arguments (`undefined` where nothing flows).
 *
 * `backward` must be linear in the cotangent, and must not read its values: a `jacobian` traces it, as does a derivative
 * that is compiled or in a loop, and `item` of it is an `UnboundInputError` there. Throws a `GradientError` when a
 * cotangent has another shape than its argument, or when `forward` closes over a value by which one differentiates.
 *
 * @example
 * import assert from "node:assert"
 * import { customVjp, grad, round, sum, tensor, toArray, type Tensor } from "thalweg"
 *
 * const straightThrough = customVjp(
 *   (x: Tensor) => [round(x), []] as const,
 *   (_, cotangent) => [cotangent] as const
 * )
 * const x = tensor([0.4, 1.6])
 * assert.deepStrictEqual(toArray(straightThrough(x)), [0, 2])
 * assert.deepStrictEqual(toArray(grad((x: Tensor) => sum(straightThrough(x)))(x)), [1, 1])
 */
export const customVjp = <X extends readonly Tensor[], S extends Tree>(
  forward: (...x: X) => readonly [value: Tensor, saved: S],
  backward: (saved: S, cotangent: Tensor) => { readonly [K in keyof X]: Tensor | undefined }
): ((...x: X) => Tensor) => {
  checkFunction("customVjp", forward, "forward to be a function")
  checkFunction("customVjp", backward, "backward to be a function")
  return (...x) => {
    const own = x.map(t => variable(checkTensor("customVjp", t)))
    const returned = forward(...(own as unknown as X))
    const [value, saved] = checkPair("customVjp", "a forward that returns [value, saved]", returned)
    checkTensor("customVjp", value, "a value that is a tensor")
    const at = `backward of ${forward.name || "customVjp"}`
    const pullback: Pullback = ct =>
      requireCotangents(
        x,
        withPath(at, () => backward(saved, ct))
      )
    return apply(shapes.customVjp, { kind: "customVjp", name: forward.name, pullback }, [value, ...own])
  }
}
