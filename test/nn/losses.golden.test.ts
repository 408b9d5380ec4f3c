import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { cast, isTensor, item, mul, sum, tensor, toTyped, valueAndGrad, type DType, type Tensor } from "thalweg"
import * as nn from "thalweg/nn"
import type { LossFunction } from "thalweg/nn"

interface Stored {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: readonly number[]
}
interface Found {
  readonly value: Stored
  readonly grad: Stored
}
interface Case {
  readonly name: string
  readonly loss: string
  readonly options: object
  readonly prediction: Stored
  readonly target: Stored | Readonly<Record<string, Stored>>
  readonly weights: Stored
  readonly mean: Found
  readonly sum: Found
  readonly none: Found
  readonly weighted: Found
}

const { cases } = JSON.parse(readFileSync(new URL("../golden/losses.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Case[]
}

const read = ({ data, shape, dtype }: Stored, as: "f32" | "f64"): Tensor => {
  const whole = tensor(data, { shape, dtype })
  return dtype === "f64" ? cast(whole, as) : whole
}
const isStored = (target: Case["target"]): target is Stored => Array.isArray(target["data"])
const targetOf = (target: Case["target"], as: "f32" | "f64"): Tensor =>
  isStored(target)
    ? read(target, as)
    : (Object.fromEntries(Object.entries(target).map(([name, part]) => [name, read(part, as)])) as unknown as Tensor)

/** The worst deviation, in units of the largest element. */
const deviation = (found: Tensor, { data, shape }: Stored): number => {
  expect(found.shape).toEqual(shape)
  const largest = data.reduce((m, x) => Math.max(m, Math.abs(x)), 1e-3)
  return Array.from(toTyped(found)).reduce((worst, x, i) => Math.max(worst, Math.abs(x - (data[i] ?? NaN))), 0) / largest // prettier-ignore
}

const bounds = { f64: 1e-14, f32: 2e-6 }

describe.each(["f64", "f32"] as const)("losses agree with PyTorch and Keras in %s", dtype => {
  test.each(cases.map(c => [c.name, c] as const))("%s", (_, c) => {
    const loss = (nn as unknown as Record<string, LossFunction<object>>)[c.loss] as LossFunction<object>
    const [x, y] = [read(c.prediction, dtype), targetOf(c.target, dtype)]
    const agrees = (reduction: "mean" | "sum" | "none", weights: Tensor | undefined, { value, grad }: Found) => {
      const configured = loss.with({ ...c.options, reduction })
      const weigh = tensor(value.data.map((_, i) => i + 1), { shape: value.shape, dtype }) // prettier-ignore
      const objective = (x: Tensor): Tensor => sum(mul(configured(x, y, weights), weigh))
      const [total, slope] = valueAndGrad(objective)(x)
      const off = [deviation(configured(x, y, weights), value), deviation(slope, grad)]
      if (process.env["DEVIATIONS"] !== undefined) console.log(dtype, c.name, reduction, ...off)
      expect(Math.max(...off)).toBeLessThan(bounds[dtype])
      expect([isTensor(total), slope.dtype, Number.isFinite(item(total))]).toEqual([true, dtype, true])
    }
    agrees("mean", undefined, c.mean)
    agrees("sum", undefined, c.sum)
    agrees("none", undefined, c.none)
    agrees("mean", read(c.weights, dtype), c.weighted)
  })
})
