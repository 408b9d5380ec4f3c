import { PARITY, ROTATIONS, ROUNDS_OF_FOUR } from "../interpreter/threefry.js"
import type { Building } from "./building.js"
import type { View } from "./node.js"

/** The two words of every block, of the interpreter's cipher written out as sums, rotations and xor. */
export const wordsOf = (key: readonly [View, View], counter: View, building: Building): readonly View[] => {
  const add = (x: View, y: View): View => building.map("add", x, y)
  const xor = (x: View, y: View): View => building.map("xor", x, y)
  const schedule = [...key, xor(xor(...key), building.word(PARITY))]
  let [a, b] = [key[0], add(counter, key[1])]
  for (let round = 0; round < ROUNDS_OF_FOUR; round++) {
    for (const by of ROTATIONS[round % 2]!) {
      a = add(a, b)
      b = building.map("rotateXor", b, building.word(by), a)
    }
    a = add(a, schedule[(round + 1) % 3]!)
    b = add(b, add(schedule[(round + 2) % 3]!, building.word(round + 1)))
  }
  return [a, b]
}
