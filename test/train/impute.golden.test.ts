import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { tensor, toTyped, type Tensor } from "thalweg"
import { impute } from "thalweg/train"

interface Stored {
  readonly shape: readonly number[]
  readonly data: readonly (number | "NaN")[]
}
type Filled = Readonly<Record<"fill" | "other", Stored>>
type Golden = Readonly<Record<"train" | "other", Stored>> & Readonly<Record<"mean" | "median", Filled>>

const golden = JSON.parse(readFileSync(new URL("../golden/impute.json", import.meta.url), "utf8")) as Golden
const read = ({ shape, data }: Stored): Tensor => tensor(data.map(Number), { shape, dtype: "f64" })

const distance = (own: Tensor, theirs: Stored): number => {
  const [a, b] = [toTyped(own), toTyped(read(theirs))]
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] ?? NaN)) / Math.abs(value)))
}

test.each(["mean", "median"] as const)("impute with the %s is SimpleImputer of scikit-learn", way => {
  const { fit, apply } = impute({ with: way })
  const fitted = fit(read(golden.train))
  expect(distance(fitted.fill, golden[way].fill)).toBeLessThan(1e-14)
  expect(distance(apply(fitted, read(golden.other)), golden[way].other)).toBeLessThan(1e-14)
})
