import fc from "fast-check"
import { abs, atan2, cast, max, mean, min, norm, prod, sum, tensor, type ReduceOptions, type Tensor } from "thalweg"
import type { Program } from "thalweg/laws"

/** Of a function that is computed one element after the other. */
const leastAngle = (x: Tensor, options: ReduceOptions): Tensor => min(atan2(abs(x), -1), options)

/** Makes reductions of numbers far into both ends of the exponent, the first of them -0, over each axis and over all. */
export const arbReduction: fc.Arbitrary<Program> = fc
  .record({
    shape: fc.tuple(fc.constantFrom(1, 3, 4, 5, 17), fc.constantFrom(1, 3, 4, 8, 16, 130)),
    dtype: fc.constantFrom("f32" as const, "f64" as const),
    exponent: fc.integer({ min: -1060, max: 1020 })
  })
  .map(({ shape, dtype, exponent }) => {
    const scale = 2 ** (dtype === "f32" ? Math.trunc(exponent / 8) : exponent)
    const values = Array.from({ length: shape[0] * shape[1] }, (_, i) => (20 - ((29 * i + 20) % 41)) * -scale)
    const inputs = [tensor(values, { dtype, shape })]
    const build: Program["build"] = ([x]) =>
      [undefined, 0, 1].flatMap(axes => {
        const along = axes === undefined ? {} : { axes }
        return [sum, mean, norm, max, prod, leastAngle].flatMap(f => [f(x!, along), f(cast(x!, "f64"), along)])
      })
    return { inputs, build, toString: () => build(inputs).map(String).join("\n") }
  })
