import fc from "fast-check"
import {
  add,
  flip,
  iota,
  lt,
  matmul,
  mul,
  reshape,
  scalar,
  scan,
  scatterAdd,
  scatterSet,
  sliceAxis,
  sub,
  sum,
  take,
  tensor,
  whileLoop,
  type Tensor
} from "thalweg"
import type { Program } from "thalweg/laws"
import { closeLoop } from "../../../src/dataflow/loop.js"
import { newScope } from "../../../src/dataflow/scope.js"
import { input, inputLike } from "../../../src/dataflow/symbol.js"

const SIZES = [1, 3, 5, 16, 17]
const CARRIED = 3

const filled = (shape: readonly number[], from: number): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  return tensor(
    Array.from({ length: size }, (_, i) => (((37 * i + from) % 101) - 50) / 64),
    { shape }
  )
}

const sizeOf = ({ shape }: Tensor): number => shape[0] as number

const first = (a: Tensor): Tensor => sliceAxis(a, 0, 0, 1)

const few = (a: Tensor): Tensor => sliceAxis(a, 0, 0, Math.min(2, sizeOf(a)))

/** Indices that are known, all the same or not. */
const places = (a: Tensor, step: number): Tensor =>
  tensor(
    Array.from({ length: sizeOf(a) }, (_, i) => (i * step) % sizeOf(a)),
    { dtype: "i32" }
  )

const repeated = (values: readonly number[], a: Tensor): Tensor =>
  tensor(Array.from({ length: sizeOf(a) }, (_, i) => values[i % values.length] as number))

const square = (a: Tensor, values: readonly number[]): Tensor => {
  const n = sizeOf(a)
  return tensor(
    Array.from({ length: n * n }, (_, i) => values[i % values.length] as number),
    { shape: [n, n] }
  )
}

/** How a tensor is made of two of those that a body is given: elementwise, elsewhere, beside constants, by a loop. */
const makers: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
  a => a,
  a => flip(a),
  (a, b) => add(mul(a, 0.5), b),
  (a, b) => mul(flip(a), b),
  (a, b) => add(a, sum(b)),
  a => mul(a, iota(a.shape, 0, "f32")),
  a => repeated([1, 2, 3], a),
  a => matmul(square(a, [0.25]), a),
  a => matmul(a, square(a, [0.25, -0.5, 0.125])),
  a => take(a, places(a, 0)),
  a => take(repeated([0.5], a), places(a, 2)),
  (a, b) => scatterAdd(a, places(a, 0), b),
  (a, b) => scatterAdd(a, first(places(a, 0)), first(b)),
  (a, b) => scatterSet(a, places(a, 0), b),
  (a, b) => scatterAdd(a, few(places(a, 0)), few(b)),
  (a, b) => scatterAdd(scatterSet(a, first(places(a, 0)), first(b)), places(a, 2), b),
  (a, b) => {
    const next = scatterAdd(a, first(places(a, 0)), first(b))
    return scatterSet(next, places(a, 2), next)
  },
  a => scatterSet(a, places(a, 1), flip(a)),
  a => scatterSet(a, places(a, 2), a),
  (a, b) => add(scatterSet(a, places(a, 0), b), flip(a)),
  (a, b) => scan(c => [add(mul(c, repeated([0.5, 0.25], c)), b), c] as const, a, reshape(b, [sizeOf(b), 1]))[0],
  (a, b) => scan((c, x) => [add(flip(c), matmul(square(c, [0.5]), c)), add(x, sum(c))] as const, a, b)[1],
  (a, b) =>
    whileLoop(
      c => lt(sum(c), 1),
      c => add(mul(flip(c), 0.5), b),
      a,
      { max: 4 }
    )
]

const made = fc.record({
  maker: fc.constantFrom(...makers),
  a: fc.nat({ max: CARRIED }),
  b: fc.nat({ max: CARRIED })
})

type Flat = readonly Tensor[]
type Body = (carry: Flat, x: Tensor) => readonly [carry: Flat, stacked: Flat]

/** A scan of which only some slices are come to: as many as `count` says, and none after the first carry sums up to `bound`. */
const ending = (
  body: Body,
  init: Flat,
  xs: Tensor,
  { reverse, count, bound }: { reverse: boolean; count: Tensor | undefined; bound: number | null }
): readonly [last: Flat, all: Flat] => {
  const scope = newScope()
  const carry = init.map((t, i) => inputLike(scope, `carry${i}`, t))
  const x = input(scope, "x", xs.shape.slice(1), xs.dtype)
  const parts = closeLoop({
    scope,
    symbols: [...carry, x],
    body: () => body(carry, x).flat(),
    again: bound === null ? undefined : ([first]) => lt(sum(first as Tensor), bound),
    init,
    xs: [xs],
    length: sizeOf(xs),
    count,
    reverse: reverse && bound === null
  })
  return [parts.slice(0, CARRIED), parts.slice(CARRIED)]
}

/**
 * Makes random loops: what is carried moves from place to place, is kept, reversed, summed up and taken from a slice; what
 * they begin with is read again afterwards. Some are told how often they run, and some end by what they computed.
 */
export const arbLoop: fc.Arbitrary<Program> = fc
  .record({
    size: fc.constantFrom(...SIZES),
    length: fc.integer({ min: 1, max: 4 }),
    reverse: fc.boolean(),
    next: fc.array(made, { minLength: CARRIED, maxLength: CARRIED }),
    stacked: fc.array(made, { minLength: 1, maxLength: 2 }),
    late: fc.option(fc.nat({ max: CARRIED - 1 })),
    count: fc.option(fc.integer({ min: -1, max: 5 })),
    bound: fc.option(fc.constantFrom(-2, 0, 0.5, 4))
  })
  .map(({ size, length, reverse, next, stacked, late, count, bound }) => {
    const counts = count === null ? [] : [scalar(count, "i32")]
    const inputs = [...next.map((_, i) => filled([size], 7 * i)), filled([length, size], 11), ...counts]
    const build = (given: readonly Tensor[]): readonly Tensor[] => {
      const [init, xs] = [given.slice(0, CARRIED), given[CARRIED] as Tensor]
      const body: Body = (carry, x) => {
        const there = [...carry, x]
        const make = ({ maker, a, b }: (typeof next)[number]): Tensor => maker(there[a] as Tensor, there[b] as Tensor)
        return [next.map(make), stacked.map(make)]
      }
      const isWhole = count === null && bound === null
      const [last, all] = isWhole
        ? scan(body, init, xs, { reverse })
        : ending(body, init, xs, { reverse, count: given[CARRIED + 1], bound })
      const first = late === null ? [] : [sub(sum(last[0] as Tensor), flip(init[late] as Tensor))]
      return late === null ? [...last, ...all] : [...first, ...last.slice(1), ...all]
    }
    return { inputs, build, toString: () => build(inputs).map(String).join("\n") }
  })
