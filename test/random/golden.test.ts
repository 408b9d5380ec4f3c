import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { compile, stack, tensor, toTyped, type Tensor } from "thalweg"
import * as random from "thalweg/random"

interface Digest {
  readonly size: number
  readonly first: readonly number[]
  readonly last: readonly number[]
  readonly sha256: string
}

type Path = readonly (readonly [op: "split", count: number, index?: number] | readonly [op: "foldIn", data: number])[]

/** What each operation of the file is given; the fields that an operation lacks are never read. */
interface Attributes {
  readonly num: number | readonly [number, number]
  readonly data: number
  readonly path?: Path
  readonly n: number
  readonly minval: number
  readonly maxval: number
  readonly p: number
  readonly lower: number
  readonly upper: number
  readonly logits: readonly number[] | readonly (readonly number[])[]
  readonly replace: boolean
  readonly probabilities?: readonly number[]
}

interface Case {
  readonly name: string
  readonly op: Exclude<keyof typeof random, "gamma" | "beta" | "poisson"> // whose bits are not those of jax
  readonly seed: number
  readonly attrs: Attributes
  readonly dtype: Tensor["dtype"]
  readonly shape: readonly number[]
  readonly output: readonly number[] | Digest
}

const { cases } = JSON.parse(readFileSync("test/golden/random.json", "utf8")) as { readonly cases: readonly Case[] }

const dtypeOf = ({ dtype }: Case): "f32" | "f64" => (dtype === "f64" ? "f64" : "f32")

/** Follows a path of derivations from a key; its last step is a split without an index. */
const derive = (key: Tensor, [step, ...rest]: Path): Tensor => {
  if (step === undefined) return key
  if (step[0] === "foldIn") return derive(random.foldIn(key, step[1]), rest)
  const keys = random.split(key, step[1])
  return step[2] === undefined ? stack(keys) : derive(keys[step[2]] as Tensor, rest)
}

const draw: Record<Case["op"], (key: Tensor, attrs: Attributes, golden: Case) => Tensor> = {
  key: key => key,
  split: (key, { num }) =>
    stack(
      random.split(
        key,
        [num].flat().reduce((a, b) => a * b)
      )
    ),
  foldIn: (key, { data, path }) => (path ? derive(key, path) : random.foldIn(key, data)),
  bits: (key, _, { shape }) => random.bits(key, shape),
  uniform: (key, { minval, maxval }, golden) =>
    random.uniform(key, golden.shape, { min: minval, max: maxval, dtype: dtypeOf(golden) }),
  normal: (key, _, golden) => random.normal(key, golden.shape, { dtype: dtypeOf(golden) }),
  truncatedNormal: (key, { lower, upper }, golden) =>
    random.truncatedNormal(key, lower, upper, golden.shape, { dtype: dtypeOf(golden) }),
  bernoulli: (key, { p }, { shape }) => random.bernoulli(key, p, shape),
  gumbel: (key, _, golden) => random.gumbel(key, golden.shape, { dtype: dtypeOf(golden) }),
  categorical: (key, { logits }, { shape }) => random.categorical(key, tensor(logits), { shape }),
  permutation: (key, { n }) => random.permutation(key, n),
  exponential: (key, _, golden) => random.exponential(key, golden.shape, { dtype: dtypeOf(golden) }),
  choice: (key, { n, replace, probabilities }, { shape }) =>
    random.choice(key, n, shape, { replace, ...(probabilities && { p: tensor(probabilities) }) }),
  randint: (key, { minval, maxval }, { shape }) => random.randint(key, shape, { min: minval, max: maxval })
}

const digest = (t: Tensor): Digest => {
  const data = toTyped(t)
  const ends = data instanceof Float32Array ? 8 : 10
  return {
    size: data.length,
    first: [...data.slice(0, ends)],
    last: [...data.slice(-ends)],
    sha256: createHash("sha256").update(data).digest("hex")
  }
}

const isDigest = (output: Case["output"]): output is Digest => "sha256" in output

/** In f64 these are true to a relative 1e-15, as are those values of jax (it has the logarithm from the C library). */
const isApproximate = ({ op, dtype }: Case): boolean =>
  dtype === "f64" && ["normal", "gumbel", "truncatedNormal", "exponential"].includes(op)

/** jax gives `minval` where the range is empty; we refuse (see the test of errors). */
const isRefused = ({ op, attrs }: Case): boolean => op === "randint" && attrs.minval >= attrs.maxval

const digestOf = ({ size, first, last, sha256 }: Digest): Digest => ({ size, first, last, sha256 })

const expectClose = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual.length).toBe(expected.length)
  expected.forEach((x, i) => expect(Math.abs((actual[i] ?? NaN) - x)).toBeLessThanOrEqual(1e-15 * Math.abs(x)))
}

const expectGolden = (actual: Tensor, golden: Case): void => {
  expect(actual.dtype).toBe(golden.dtype)
  if (isDigest(golden.output)) expect(digest(actual)).toEqual(digestOf(golden.output))
  else if (isApproximate(golden)) expectClose([...toTyped(actual)], golden.output)
  else expect([...toTyped(actual)]).toEqual(golden.output.map(Number))
}

const supported = cases.filter(golden => !isRefused(golden))

test("the file has not lost its cases", () => {
  expect(supported.length).toBeGreaterThan(280)
  expect(new Set(supported.map(({ op }) => op))).toEqual(new Set(Object.keys(draw)))
})

test.each(supported.map(golden => [golden.name, golden] as const))("jax.random: %s", (_, golden) => {
  expectGolden(draw[golden.op](random.key(golden.seed), golden.attrs, golden), golden)
})

test.each(supported.filter(({ seed }) => seed === 42).map(golden => [golden.name, golden] as const))(
  "jax.random, compiled: %s",
  (_, golden) => {
    const compiled = compile((key: Tensor) => draw[golden.op](key, golden.attrs, golden))
    expectGolden(compiled(random.key(golden.seed)), golden)
  }
)
