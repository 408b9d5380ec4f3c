import { add, compile, cos, grad, iota, mul, reshape, sum, tensor, toTyped, type Tensor } from "thalweg"
import type { Sample } from "./samples.js"

const STEP = 1e-3

/** Fixed weights of mixed sign, so that no cotangent is like another. */
const weigh = (y: Tensor): Tensor => {
  const size = y.shape.reduce((n, axis) => n * axis, 1)
  return sum(mul(y, reshape(cos(iota([size], 0, y.dtype)), y.shape)))
}

/** The weighted sum of what a sample computes: a scalar that depends on every element. */
export const lossOf =
  (f: Sample["f"]) =>
  (at: readonly Tensor[]): Tensor =>
    weigh(f(...at))

const moved = (at: readonly Tensor[], argument: number, element: number, by: number): readonly Tensor[] =>
  at.map((t, i) => {
    if (i !== argument) return t
    const data = toTyped(t)
    data[element] = (data[element] ?? 0) + by
    return tensor(data, { shape: t.shape, dtype: t.dtype })
  })

/** Derivatives by central differences of fourth order: `(8 (f₁ - f₋₁) - (f₂ - f₋₂)) / 12 h`. */
const differences = (
  loss: (at: readonly Tensor[]) => Tensor,
  at: readonly Tensor[]
): readonly (readonly number[])[] => {
  const run = compile(loss)
  return at.map((t, argument) =>
    Array.from(toTyped(t), (_, element) => {
      const value = (steps: number): number => toTyped(run(moved(at, argument, element, steps * STEP)))[0] ?? NaN
      return (8 * (value(1) - value(-1)) - (value(2) - value(-2))) / (12 * STEP)
    })
  )
}

/** Derivatives by reverse mode, as plain numbers. */
export const gradients = (
  loss: (at: readonly Tensor[]) => Tensor,
  at: readonly Tensor[]
): readonly (readonly number[])[] => grad(loss)(at).map(t => Array.from(toTyped(t)))

/** The largest error, relative above 1 and absolute below; infinite when the sizes differ or something is not a number. */
export const errorOf = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  if (actual.length !== expected.length) return Infinity
  return Array.from(actual).reduce((worst, a, i) => {
    const b = expected[i] ?? NaN
    const error = a === b ? 0 : Math.abs(a - b) / Math.max(1, Math.abs(a), Math.abs(b))
    return Number.isNaN(error) ? Infinity : Math.max(worst, error)
  }, 0)
}

/** The error of the gradient of a sample against central differences, over all arguments. */
export const gradientError = ({ f, at }: Sample): number => {
  const loss = lossOf(f)
  return errorOf(gradients(loss, at).flat(), differences(loss, at).flat())
}

/** A sample's derivatives by all arguments, weighted into one scalar: what is differentiated next. */
export const slopeOf =
  (f: Sample["f"]): Sample["f"] =>
  (...xs) =>
    grad(lossOf(f))(xs).map(weigh).reduce(add)
