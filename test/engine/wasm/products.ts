import fc from "fast-check"
import { einsum, flip, mul, tensor, type Tensor } from "thalweg"
import type { Program } from "thalweg/laws"

/** Products with one operand or the other transposed, in batches, of vectors. */
const equations = [
  "bmk,bkc->bmc",
  "mbk,kbc->bmc",
  "mk,kc->mc",
  "km,kc->cm",
  "mk,ck->mc",
  "bmk,kc->bmc",
  "bmk,bmc->kc",
  "k,k->",
  "m,c->mc"
]

const SIZES = [1, 2, 3, 4, 5, 8, 17, 33]

/** Sizes at which a product is made in parts. */
const LARGE = [256, 257, 520, 1030]

type NumberDType = "f32" | "f64" | "i32" | "u32"

/** Fractions, or integers whose products leave 32 bits. */
const filled = (shape: readonly number[], dtype: NumberDType): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  return tensor(
    Array.from({ length: size }, (_, i) => elements[dtype](((37 * i + 11) % 101) - 50)),
    { dtype, shape }
  )
}

const elements: Readonly<Record<NumberDType, (n: number) => number>> = {
  f32: n => n / 7,
  f64: n => n / 7,
  i32: n => n * 40_000_001,
  u32: n => (n + 50) * 40_000_001
}

/** Makes random products of odd sizes, read as they are and backwards. */
export const arbProduct: fc.Arbitrary<Program> = fc
  .record({
    equation: fc.constantFrom(...equations),
    sizes: fc.record({
      b: fc.constantFrom(...SIZES),
      m: fc.constantFrom(...SIZES),
      k: fc.constantFrom(...SIZES),
      c: fc.constantFrom(...SIZES)
    }),
    large: fc.option(fc.record({ axis: fc.constantFrom("m", "k", "c"), size: fc.constantFrom(...LARGE) })),
    dtype: fc.constantFrom<NumberDType>("f32", "f32", "f64", "f64", "i32", "u32")
  })
  .map(({ equation, sizes: small, large, dtype }) => {
    const sizes = large === null ? small : { ...small, [large.axis]: large.size }
    const shapes = equation
      .split("->")[0]!
      .split(",")
      .map(axes => [...axes].map(axis => sizes[axis as keyof typeof sizes]))
    const inputs = shapes.map(shape => filled(shape, dtype))
    const build = ([x, y]: readonly Tensor[]): readonly Tensor[] => [
      einsum(equation, x!, y!),
      einsum(equation, flip(x!), mul(y!, 2))
    ]
    return { inputs, build, toString: () => build(inputs).map(String).join("\n") }
  })
