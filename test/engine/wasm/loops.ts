import fc from "fast-check"
import { add, flip, iota, mul, scan, sum, tensor, type Tensor } from "thalweg"
import type { Program } from "thalweg/laws"

const SIZES = [1, 3, 5, 16, 17]
const CARRIED = 3

/** How a tensor is made of two of those that a body is given. */
const makers: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
  a => a,
  a => flip(a),
  (a, b) => add(mul(a, 0.5), b),
  (a, b) => mul(flip(a), b),
  (a, b) => add(a, sum(b)),
  a => mul(a, iota(a.shape, 0, "f32")),
  a => tensor(Array.from({ length: a.shape[0]! }, (_, i) => i / 3))
]

const made = fc.record({
  maker: fc.constantFrom(...makers),
  a: fc.nat({ max: CARRIED }),
  b: fc.nat({ max: CARRIED })
})

const filled = (shape: readonly number[], from: number): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  return tensor(
    Array.from({ length: size }, (_, i) => (((37 * i + from) % 101) - 50) / 64),
    { shape }
  )
}

/** Makes random loops: what is carried moves from place to place, is kept, reversed, summed up and taken from a slice. */
export const arbLoop: fc.Arbitrary<Program> = fc
  .record({
    size: fc.constantFrom(...SIZES),
    length: fc.integer({ min: 1, max: 5 }),
    reverse: fc.boolean(),
    next: fc.array(made, { minLength: CARRIED, maxLength: CARRIED }),
    stacked: fc.array(made, { minLength: 1, maxLength: 2 })
  })
  .map(({ size, length, reverse, next, stacked }) => {
    const inputs = [filled([length, size], 11), ...next.map((_, i) => filled([size], 7 * i))]
    const build = ([xs, ...init]: readonly Tensor[]): readonly Tensor[] => {
      const body = (carry: readonly Tensor[], x: Tensor): readonly [readonly Tensor[], readonly Tensor[]] => {
        const given = [...carry, x]
        const make = ({ maker, a, b }: (typeof next)[number]): Tensor => maker(given[a]!, given[b]!)
        return [next.map(make), stacked.map(make)]
      }
      return scan(body, init, xs!, { reverse }).flat()
    }
    return { inputs, build, toString: () => build(inputs).map(String).join("\n") }
  })
