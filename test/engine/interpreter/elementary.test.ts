import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import * as t from "thalweg"

/** The largest error of each function in units in the last place, as its docstring says. */
const bounds = {
  exp: 0.51,
  expm1: 0.63,
  log: 0.501,
  log1p: 0.501,
  tanh: 0.63,
  sin: 0.501,
  cos: 0.501,
  tan: 1.91,
  atan: 0.51,
  atan2: 0.51,
  pow: 0.52,
  sigmoid: 1.5,
  erf: 0.86,
  erfInv: 0.78
}

/** What subnormal results may be off besides, which are rounded twice. */
const SUBNORMAL = 0.25

/** `output` is the double next to the true value, which is `above` units in its last place above it. */
interface Case {
  readonly name: keyof typeof bounds
  readonly inputs: readonly (readonly (number | string)[])[]
  readonly output: readonly (number | string)[]
  readonly above: readonly number[]
}

const { cases } = JSON.parse(readFileSync("test/golden/elementary.json", "utf8")) as { readonly cases: readonly Case[] }

const numbersOf = (values: Case["output"]): readonly number[] =>
  values.map(value => (value === "inf" ? Infinity : value === "-inf" ? -Infinity : Number(value)))

/** A function of the arguments of its case, where these are rounded to f32 or not. */
const apply = ({ name, inputs }: Case, ...dtypes: readonly t.FloatDType[]): t.Tensor => {
  const f: (...args: readonly t.Tensor[]) => t.Tensor = t[name]
  const given = inputs.map(values => t.tensor(numbersOf(values), { dtype: "f64" }))
  return f(...given.map(x => dtypes.reduce(t.cast, x)))
}

/** The unit in the last place of a double. */
const unitOf = (x: number): number => {
  const bits = new BigUint64Array(Float64Array.of(Math.abs(x)).buffer)
  const neighbour = new Float64Array(BigUint64Array.from(bits, all => all ^ 1n).buffer)
  return Math.abs((neighbour[0] ?? NaN) - Math.abs(x))
}

/** In units in the last place; infinite for a zero of the other sign. */
const errorOf = (own: number, nearest: number, above: number): number => {
  if (Object.is(own, nearest)) return Math.abs(above)
  return own === nearest ? Infinity : Math.abs((own - nearest) / unitOf(nearest) - above)
}

test("there is a case for every function", () => {
  expect(cases.map(({ name }) => name).toSorted()).toEqual(Object.keys(bounds).toSorted())
})

test.each(cases.map(golden => [golden.name, golden] as const))(
  "%s is as close to mpmath as it says",
  (name, golden) => {
    const own = t.toTyped(apply(golden))
    numbersOf(golden.output).forEach((nearest, i) => {
      const bound = bounds[name] + (Math.abs(nearest) < 2 ** -1022 ? SUBNORMAL : 0)
      const call = `${name}(${golden.inputs.map(values => values[i]).join(", ")})`
      expect(errorOf(own[i] ?? NaN, nearest, golden.above[i] ?? NaN), call).toBeLessThanOrEqual(bound)
    })
  }
)

const direct = cases.filter(({ name }) => name !== "tan")

test.each(direct.map(golden => [golden.name, golden] as const))("%s of f32 is that of f64, rounded", (_, golden) => {
  expect(t.toArray(apply(golden, "f32"))).toEqual(t.toArray(t.cast(apply(golden, "f32", "f64"), "f32")))
})
