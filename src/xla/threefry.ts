import { PARITY, ROTATIONS, ROUNDS_OF_FOUR } from "../engine/interpreter/threefry.js"
import type { Row } from "./row.js"
import { typesText, typeText } from "./text.js"
import type { Named } from "./writer.js"

const BITS = 32

/** Spelled out in u32, so that the bits are the same everywhere: `rng_bit_generator` promises none. */
export const threefry: Row<"threefry"> = (_, [key, counter], out, w) => {
  const number = (x: number): Named => w.constant(counter, x)
  const word = (i: number): Named => {
    const part = w.define(
      { shape: [1], dtype: "u32" },
      `stablehlo.slice ${key.name} [${i}:${i + 1}] : (tensor<2xui32>) -> tensor<1xui32>`
    )
    return w.spread(w.reshape(part, []), counter.shape)
  }
  const rotated = (x: Named, by: number): Named =>
    w.same("or", w.same("shift_left", x, number(by)), w.same("shift_right_logical", x, number(BITS - by)))
  const [k0, k1] = [word(0), word(1)]
  const schedule = [k0, k1, w.same("xor", w.same("xor", k0, k1), number(PARITY))] as const
  let [a, b] = [k0, w.same("add", counter, k1)]
  for (let round = 0; round < ROUNDS_OF_FOUR; round++) {
    for (const by of ROTATIONS[(round % 2) as 0 | 1]) {
      a = w.same("add", a, b)
      b = w.same("xor", rotated(b, by), a)
    }
    a = w.same("add", a, schedule[((round + 1) % 3) as 0 | 1 | 2])
    b = w.same("add", w.same("add", b, schedule[((round + 2) % 3) as 0 | 1 | 2]), number(round + 1))
  }
  const columns = [a, b].map(words => w.reshape(words, [...counter.shape, 1]))
  return w.define(
    out,
    `stablehlo.concatenate ${columns.map(({ name }) => name).join(", ")}, dim = ${counter.shape.length} : (${typesText(columns)}) -> ${typeText(out)}`
  )
}
