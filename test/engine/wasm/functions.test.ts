import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import type { Program } from "thalweg/laws"
import { wasmEngine } from "../../../src/engine/wasm/engine.js"
import { hostOf } from "../../../src/engine/wasm/host.js"
import { difference } from "./agreement.js"
import { mistaken, mistakesInFunctions } from "./mutants.js"

type Unary = (a: t.Tensor) => t.Tensor
type Binary = (a: t.Tensor, b: t.Tensor) => t.Tensor

const { add, sub, mul, div, rem, pow, maximum, minimum, atan2, and, or, xor, shiftLeft, shiftRight } = t
const { eq, ne, lt, le, gt, ge, neg, abs, sign, not } = t
const { floor, ceil, round, sqrt, exp, expm1, log, log1p, sin, cos, atan, tanh, sigmoid, erf, erfInv } = t

const casts = Object.fromEntries(
  (["f32", "f64", "i32", "u32", "bool"] as const).map(to => [`cast to ${to}`, (a: t.Tensor) => t.cast(a, to)])
)
const comparisons = { eq, ne, lt, le, gt, ge, where: (a: t.Tensor, b: t.Tensor) => t.where(lt(a, b), a, b) }
const numbers = { add, sub, mul, div, rem, pow, maximum, minimum }

const elementary = { exp, expm1, log, log1p, sin, cos, atan, tanh, sigmoid, erf, erfInv }
const floats = {
  unary: { neg, abs, sign, floor, ceil, round, sqrt, ...elementary, ...casts },
  binary: { ...comparisons, ...numbers, atan2 }
}
const bits = { and, or, xor }
const integers = { ...comparisons, ...numbers, ...bits, shiftLeft, shiftRight }

/** Every function, by the dtype of its arguments. */
const functions: Record<
  t.DType,
  { readonly unary: Readonly<Record<string, Unary>>; readonly binary: Readonly<Record<string, Binary>> }
> = {
  f32: floats,
  f64: floats,
  i32: { unary: { neg, abs, sign, not, ...casts }, binary: integers },
  u32: { unary: { not, ...casts }, binary: integers },
  bool: { unary: { not, ...casts }, binary: { eq, ne, lt, le, gt, ge, ...bits } }
}

const bothSigns = (values: readonly number[]): readonly number[] => values.flatMap(x => [x, -x])

/** A double and its neighbours. */
const around = (x: number): readonly number[] => {
  const words = new BigInt64Array(Float64Array.of(x).buffer)
  return [...new Float64Array(BigInt64Array.of(words[0]! - 1n, words[0]!, words[0]! + 1n).buffer)]
}

/** Where an elementary function goes over to another formula, or its result out of range; near zeros of sine and cosine. */
const thresholds = [
  ...[5.5, 6, 22, 30, 44, 45, 700, 710, 746, 709.782712893384, 745.1332191019411, 708.3964185322641, 88.72283935546875],
  ...[103.97208, 1 / 16, 1 / 32, 0.6875, 1.375, Math.PI / 2, Math.PI / 128, Math.log(2) / 256],
  ...[Math.PI, 2915.397982531328, 321307.9594422229, 642615.9188844458],
  ...[-1074, -1022, -149, -126, -54, -53, -30, -28, -27, -24, 20, 23, 24, 31, 32, 53, 127, 128, 1000, 1023].map(
    k => 2 ** k
  )
].flatMap(around)

const special = [0, 1, 2, 3, 0.5, 1.5, 2.5, 1e-5, 5e-324, 1e-310, 1e-45, 3e-39, 3.4028234663852886e38, Infinity]
const ends = [NaN, Number.MAX_VALUE, Number.EPSILON]

const specials: Record<t.DType, readonly number[]> = {
  f32: bothSigns([...special, ...ends]).map(Math.fround),
  f64: bothSigns([...special, ...ends]),
  i32: [...bothSigns([1, 2, 3, 5, 7, 31, 32, 33, 0x7fffffff]), 0, -0x80000000],
  u32: [0, 1, 2, 3, 5, 7, 31, 32, 33, 0x7fffffff, 0x80000000, 0xffffffff],
  bool: [0, 1]
}

/** As many words of 32 random bits (xorshift). */
const randomWords = (count: number, seed: number): Uint32Array => {
  let state = seed
  return Uint32Array.from({ length: count }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state
  })
}

/** Of every size alike, and of ordinary ones. */
const random = (dtype: t.DType, count: number, seed: number): readonly number[] => {
  const words = randomWords(2 * count, seed)
  if (dtype === "bool") return Array.from(words.subarray(count), x => x & 1)
  if (dtype === "i32" || dtype === "u32")
    return Array.from(words.subarray(count), x => (dtype === "i32" ? x >> (x & 31) : x >>> (x & 31)))
  const ordinary = Array.from(words.subarray(count), x => (x - 2 ** 31) / 2 ** (31 - (x % 8)))
  const any = dtype === "f32" ? new Float32Array(words.buffer, 0, count) : new Float64Array(words.buffer, 0, count)
  return [...any, ...ordinary]
}

const COUNT = 4096

const tensorOf = (dtype: t.DType, values: readonly number[]): t.Tensor => {
  const kinds = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u32: Uint32Array, bool: Uint8Array }
  return t.tensor(kinds[dtype].from(values), { dtype, shape: [values.length] })
}

/** Alone in four lanes, and beside others. */
const besides = (values: readonly number[]): readonly number[] => [...values.flatMap(x => [x, x, x, x]), ...values]

/** Arguments for functions of two: every special value beside every other, then random ones. */
const pairsOf = (dtype: t.DType): readonly [readonly number[], readonly number[]] => {
  const values = specials[dtype]
  return [
    [...besides(values.flatMap(x => values.map(() => x))), ...random(dtype, COUNT, 1)],
    [...besides(values.flatMap(() => values)), ...random(dtype, COUNT, 2)]
  ]
}

const valuesOf = (dtype: t.DType): readonly number[] => {
  const more = dtype === "f32" || dtype === "f64" ? bothSigns(thresholds) : []
  return [...besides([...specials[dtype], ...more]), ...random(dtype, COUNT, 3)]
}

interface Case extends Program {
  readonly name: string
}

const caseOf = (
  name: string,
  inputs: readonly t.Tensor[],
  f: (...args: readonly [t.Tensor, t.Tensor]) => t.Tensor
): Case => ({ name, inputs, build: ([a, b]) => [f(a!, b!)], toString: () => name })

const cases: readonly Case[] = (Object.keys(functions) as t.DType[]).flatMap(dtype => {
  const { unary, binary } = functions[dtype]
  const one = [tensorOf(dtype, valuesOf(dtype))]
  const two = pairsOf(dtype).map(values => tensorOf(dtype, values))
  return [
    ...Object.entries(unary).map(([name, f]) => caseOf(`${name} of ${dtype}`, one, f)),
    ...Object.entries(binary).map(([name, f]) => caseOf(`${name} of ${dtype}`, two, f))
  ]
})

const FEW = 40

/** The same over the first elements, each of which is a tensor of its own. */
const alone = ({ inputs, build: original, ...one }: Case): Case => {
  const few = inputs.map(a => t.evaluate(t.slice(a, { stop: [FEW] })))
  const at = (a: t.Tensor, i: number): t.Tensor => t.reshape(t.slice(a, { start: [i], stop: [i + 1] }), [])
  const build = (given: readonly t.Tensor[]): readonly t.Tensor[] =>
    Array.from({ length: FEW }, (_, i) => original(given.map(a => at(a, i)))[0]!)
  return { ...one, inputs: few, build }
}

describe("every function has the bits of the interpreter", () => {
  const engine = wasmEngine(hostOf()!)
  test.each(cases.map(one => [one.name, one] as const))("%s", (_, one) => {
    expect(difference(engine, one)).toBeUndefined()
    expect(difference(engine, alone(one))).toBeUndefined()
  })
})

test.each(cases.map(one => [one.name, one] as const))("%s is computed in a loop", (_, { inputs, build }) => {
  const compiled = t.compile((given: readonly t.Tensor[]) => build(given))
  compiled(inputs)
  expect(t.explain(compiled)).not.toMatch("interpreter")
})

test.each(Object.entries(mistakesInFunctions))(
  "an engine with a mistake in a function is found out: %s",
  async (_, one) => {
    const engine = (await mistaken(one))()
    expect(cases.some(each => difference(engine, each) !== undefined)).toBe(true)
  }
)
