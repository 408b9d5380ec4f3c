import { readFileSync } from "node:fs"
import { tensor, type DType, type Tensor } from "thalweg"

/** An array as `array` of `golden_json.py` writes it. */
export interface Flat {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: readonly (number | boolean | string)[]
}

/** What configures an operation, in the words of the script that made the cases. */
export interface Attributes {
  readonly axes: number | readonly number[] | null
  readonly axis: number | null
  readonly keepDims: boolean
  readonly reverse: boolean
  readonly descending: boolean
  readonly nan?: number
  readonly posInf?: number
  readonly negInf?: number
  readonly q: number
  readonly shift: number | readonly number[]
  readonly times: number | readonly number[]
  readonly indexing: "xy" | "ij"
  readonly index: number
  readonly ord: number | string
  readonly subscripts: string
  readonly low: readonly number[]
  readonly high: readonly number[]
  readonly interior: readonly number[]
  readonly value: number
  readonly limit: readonly number[]
  readonly stride: readonly number[]
  readonly permutation: readonly number[]
  readonly segments: number
  readonly diagonal: number
  readonly classes: number
  readonly rows: number
  readonly columns: number
  readonly stop: number
  readonly count: number
  readonly min: number
  readonly max: number
  readonly window: readonly number[]
  readonly strides: readonly number[]
  readonly padding: "VALID" | "SAME" | readonly (readonly [number, number])[]
  readonly inputDilation: readonly number[]
  readonly kernelDilation: readonly number[]
  readonly groups: number
  readonly countPadding: boolean
}

interface Stored {
  readonly name: string
  readonly op: string
  readonly inputs: readonly Flat[]
  readonly attrs: Attributes & { readonly start: number & readonly number[] }
  readonly output: Flat
  readonly cotangent?: Flat
  readonly grads?: readonly Flat[]
}

/** A case of `test/golden/ops.json`, its arrays read. */
export interface Case extends Pick<Stored, "name" | "op" | "attrs"> {
  readonly inputs: readonly Tensor[]
  readonly output: Tensor
  readonly gradient?: { readonly cotangent: Tensor; readonly expected: readonly Tensor[] }
}

const number = (value: number | boolean | string): number | boolean =>
  typeof value !== "string" ? value : value === "inf" ? Infinity : value === "-inf" ? -Infinity : NaN

export const read = ({ dtype, shape, data }: Flat): Tensor => tensor(data.map(number), { dtype, shape })

const decode = ({ name, op, attrs, inputs, output, cotangent, grads }: Stored): Case => ({
  name,
  op,
  attrs,
  inputs: inputs.map(read),
  output: read(output),
  ...(cotangent && grads ? { gradient: { cotangent: read(cotangent), expected: grads.map(read) } } : {})
})

const file = new URL("../golden/ops.json", import.meta.url)

export const cases: readonly Case[] = (
  JSON.parse(readFileSync(file, "utf8")) as { readonly cases: readonly Stored[] }
).cases.map(decode)
