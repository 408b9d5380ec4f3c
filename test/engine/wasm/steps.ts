import fc from "fast-check"
import {
  add,
  concat,
  flip,
  max,
  maximum,
  mul,
  neg,
  pad,
  shiftLeft,
  slice,
  sub,
  sum,
  tensor,
  transpose,
  where,
  lt,
  type Tensor
} from "thalweg"
import type { Program } from "thalweg/laws"

/** What makes one more value of two of those that are there, all of one type: elementwise, or looking at other places. */
const makers: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
  add,
  sub,
  (a, b) => mul(a, sub(b, 1)),
  (a, b) => maximum(a, neg(b)),
  (a, b) => where(lt(a, b), b, a),
  (a, b) => where(lt(a, b), a, -0),
  (a, b) => (a.dtype === "i32" ? shiftLeft(a, 40) : where(lt(a, 0), 1, b)),
  a => sub(a, max(slice(a, { step: [2, 1] }), { axes: 0 })),
  a => flip(a),
  a => flip(a, 0),
  a => transpose(a),
  (a, b) => concat([slice(b, { start: [1, 0] }), slice(a, { stop: [1, a.shape[1]!] })]),
  (a, b) => concat([slice(a, { start: [1, 0] }), sub(slice(b, { stop: [1, a.shape[1]!] }), 1)]),
  a =>
    pad(a, [
      [1, -1],
      [0, 0]
    ]),
  (a, b) => add(a, max(b)),
  (a, b) => sub(a, sum(b, { axes: 0 })),
  (a, b) => add(a, max(b, { axes: -1, keepDims: true }))
]

const SIDES = [1, 2, 3, 5, 8, 17]

/**
 * Makes random steps of a state: each value of the next state is any value of its type, be it an old one at another place,
 * and so are further results. All are square matrices, so that everything fits everything, and whatever may be written
 * over something else is.
 */
export const arbStep: fc.Arbitrary<Program> = fc
  .record({
    side: fc.constantFrom(...SIDES),
    dtype: fc.constantFrom("f32" as const, "f64" as const, "i32" as const),
    states: fc.integer({ min: 1, max: 4 }),
    instructions: fc.array(fc.tuple(fc.nat(makers.length - 1), fc.nat(20), fc.nat(20)), {
      minLength: 1,
      maxLength: 12
    }),
    results: fc.array(fc.nat(20), { minLength: 4, maxLength: 6 })
  })
  .map(({ side, dtype, states, instructions, results }) => {
    const build = (inputs: readonly Tensor[]): readonly Tensor[] => {
      const pick = (pool: readonly Tensor[], back: number): Tensor => pool[pool.length - 1 - (back % pool.length)]!
      const pool = instructions.reduce<readonly Tensor[]>(
        (known, [maker, a, b]) => [...known, makers[maker]!(pick(known, a), pick(known, b))],
        inputs
      )
      return results.map(back => pick(pool, back))
    }
    const inputs = Array.from({ length: states }, (_, k) =>
      tensor(
        Array.from({ length: side * side }, (__, i) => ((7 * i + 3 * k) % 11) - 5),
        { dtype, shape: [side, side] }
      )
    )
    return { inputs, build, toString: () => build(inputs).map(String).join("\n") }
  })
