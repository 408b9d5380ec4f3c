import { pad } from "../dataflow/concat.js"
import { zerosLike } from "../dataflow/create.js"
import type { OpOf, Padding, Tensor } from "../dataflow/primitive.js"
import { slice } from "../dataflow/slice.js"

/** Puts the cotangent of a slice back where it was taken from, zeros around and between. */
export const unslice = ({ starts, steps }: OpOf<"slice">, x: Tensor, ct: Tensor): Tensor => {
  if (ct.shape.includes(0)) return zerosLike(x)
  const padding = x.shape.map((n, i): Padding => {
    const [start, step] = [starts[i] ?? 0, steps[i] ?? 1]
    return [start, n - start - ((ct.shape[i] ?? 1) - 1) * step - 1]
  })
  return pad(ct, padding, { interior: steps.map(step => step - 1) })
}

/** Takes the padding away, and puts zeros where elements had been cropped. */
export const unpad = ({ padding, interior }: Pick<OpOf<"pad">, "padding" | "interior">, ct: Tensor): Tensor => {
  const whole = pad(
    ct,
    padding.map(([low, high]): Padding => [Math.max(0, -low), Math.max(0, -high)])
  )
  return slice(whole, {
    start: padding.map(([low]) => Math.max(0, low)),
    stop: padding.map(([, high], axis) => (whole.shape[axis] ?? 0) - Math.max(0, high)),
    step: interior.map(n => n + 1)
  })
}
