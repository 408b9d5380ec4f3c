import { PARITY, ROTATIONS, ROUNDS_OF_FOUR } from "../interpreter/threefry.js"
import type { Fn, View } from "./node.js"

/** Makes nodes of u32. */
export interface Words {
  readonly constant: (x: number) => View
  readonly elementwise: (fn: Fn, ...args: readonly View[]) => View
}

/** The two words of every block, of the interpreter's cipher written out as sums, rotations and xor. */
export const wordsOf = (key: readonly [View, View], counter: View, { constant, elementwise }: Words) => {
  const add = (x: View, y: View): View => elementwise("add", x, y)
  const xor = (x: View, y: View): View => elementwise("xor", x, y)
  const schedule = [...key, xor(xor(...key), constant(PARITY))]
  let [a, b] = [key[0], add(counter, key[1])]
  for (let round = 0; round < ROUNDS_OF_FOUR; round++) {
    for (const by of ROTATIONS[round % 2]!) {
      a = add(a, b)
      b = elementwise("rotateXor", b, constant(by), a)
    }
    a = add(a, schedule[(round + 1) % 3]!)
    b = add(b, add(schedule[(round + 2) % 3]!, constant(round + 1)))
  }
  return [a, b] as const
}
