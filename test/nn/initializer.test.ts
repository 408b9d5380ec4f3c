import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { compile, mul, toArray, toTyped, type Tensor } from "thalweg"
import {
  constantInitializer,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  zerosInitializer,
  type Initializer
} from "thalweg/nn"
import { key, normal, uniform } from "thalweg/random"

interface Golden {
  readonly name: string
  readonly shape: readonly number[]
  readonly fanIn: number
  readonly fanOut: number
  readonly variance: number
  readonly uniformBound: number
  readonly normalStddev: number
}

const { initializers } = JSON.parse(readFileSync("test/golden/mlp.json", "utf8")) as {
  readonly initializers: readonly Golden[]
}

const offered: Readonly<Record<string, { readonly uniform: Initializer; readonly normal: Initializer }>> = {
  glorot: { uniform: glorotUniform, normal: glorotNormal },
  he: { uniform: heUniform, normal: heNormal },
  lecun: { uniform: lecunUniform, normal: lecunNormal }
}

test("every initializer of the file is offered", () => {
  expect(new Set(initializers.map(({ name }) => name))).toEqual(new Set(Object.keys(offered)))
})

describe.each(
  initializers.filter(({ name }) => name in offered).map(golden => [golden.name, golden.shape, golden] as const)
)("%s for a kernel of %j", (name, shape, { uniformBound, normalStddev }) => {
  const { uniform: uniformly, normal: normally } = offered[name] ?? { uniform: glorotUniform, normal: glorotNormal }

  test.each(["f32", "f64"] as const)("draws what its bound and deviation say, in %s", dtype => {
    const k = key(5)
    const [u, n] = [uniformly(k, shape, dtype), normally(k, shape, dtype)]
    expect([u.shape, n.shape, u.dtype, n.dtype]).toEqual([shape, shape, dtype, dtype])
    expect(toTyped(u)).toEqual(toTyped(uniform(k, shape, { min: -uniformBound, max: uniformBound, dtype })))
    expect(toTyped(n)).toEqual(toTyped(mul(normal(k, shape, { dtype }), normalStddev)))
  })

  test("gives the same bits for a key, compiled or not; others for another; f32 by default", () => {
    for (const initializer of [uniformly, normally]) {
      const bits = toTyped(initializer(key(1), shape))
      expect(bits).toBeInstanceOf(Float32Array)
      expect(toTyped(initializer(key(1), shape))).toEqual(bits)
      expect(toTyped(compile((k: Tensor) => initializer(k, shape))(key(1)))).toEqual(bits)
      expect(toTyped(initializer(key(2), shape))).not.toEqual(bits)
    }
  })
})

test.each([
  ["glorotUniform", glorotUniform, 2 / (200 + 300)],
  ["glorotNormal", glorotNormal, 2 / (200 + 300)],
  ["heUniform", heUniform, 2 / 200],
  ["heNormal", heNormal, 2 / 200]
])("%s has mean 0 and its variance, over 60 000 draws", (name, initializer, variance) => {
  const values = [...toTyped(initializer(key(11), [200, 300], "f64"))]
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  const spread = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length
  expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(variance / values.length))
  expect(Math.abs(spread / variance - 1)).toBeLessThan(0.02)
  const bound = Math.sqrt(3 * variance)
  const largest = Math.max(...values.map(Math.abs))
  if (name.endsWith("Uniform")) expect([largest <= bound, largest > 0.999 * bound]).toEqual([true, true])
  else expect(largest).toBeGreaterThan(3 * Math.sqrt(variance))
})

test("zeros and constants are what they say, for any shape", () => {
  expect(toArray(zerosInitializer(key(0), [2]))).toEqual([0, 0])
  expect(toArray(constantInitializer(0.25)(key(0), [], "f64"))).toBe(0.25)
  expect([zerosInitializer(key(0), []).dtype, constantInitializer(1)(key(0), []).dtype]).toEqual(["f32", "f32"])
  expect(zerosInitializer(key(0), [], "f64").dtype).toBe("f64")
})

test.each([
  ["a vector", [4]],
  ["a scalar", []]
])("a kernel has two axes at least: refuses %s", (_, shape) => {
  for (const { uniform: uniformly, normal: normally } of Object.values(offered))
    for (const initializer of [uniformly, normally])
      expect(() => initializer(key(0), shape)).toThrow("expected a kernel […window, inputs, outputs]; got [")
})
