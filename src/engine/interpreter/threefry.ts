import type { Data } from "../../dataflow/dtype.js"

export const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24]
] as const

/** The parity constant of Skein's key schedule, for words of 32 bits. */
export const PARITY = 0x1bd11bda

export const ROUNDS_OF_FOUR = 5

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by))

/**
 * Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): enciphers the 64-bit
 * counter `(0, counter)` under a key of two words. Writes the two words of each block.
 */
export const threefry = (key: Data, counter: Data): Uint32Array => {
  const [k0, k1] = [key[0]! | 0, key[1]! | 0]
  const schedule = [k0, k1, k0 ^ k1 ^ PARITY] as const
  const out = new Uint32Array(counter.length * 2)
  for (let i = 0; i < counter.length; i++) {
    out[2 * i] = k0
    out[2 * i + 1] = counter[i]! + k1
  }
  // All blocks go through four rounds before any goes through the next: the inner loop looks nothing up.
  for (let round = 0; round < ROUNDS_OF_FOUR; round++) {
    const [r0, r1, r2, r3] = ROTATIONS[(round % 2) as 0 | 1]
    const addA = schedule[((round + 1) % 3) as 0 | 1 | 2]
    const addB = schedule[((round + 2) % 3) as 0 | 1 | 2] + round + 1
    for (let i = 0; i < out.length; i += 2) {
      let a = out[i]! | 0
      let b = out[i + 1]! | 0
      a = (a + b) | 0
      b = rotate(b, r0) ^ a
      a = (a + b) | 0
      b = rotate(b, r1) ^ a
      a = (a + b) | 0
      b = rotate(b, r2) ^ a
      a = (a + b) | 0
      b = rotate(b, r3) ^ a
      out[i] = a + addA
      out[i + 1] = b + addB
    }
  }
  return out
}
