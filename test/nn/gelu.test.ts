import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { grad, mul, sum, tensor, toArray, toTyped, type Tensor } from "thalweg"
import { activation, geglu, gelu, geluTanh, glu, silu, swiglu } from "thalweg/nn"

interface Stored {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}
interface Case {
  readonly name: keyof typeof functions
  readonly input: Stored
  readonly cotangent: Stored
  readonly output: Stored
  readonly inputGrad: Stored
}

const functions = { geglu, gelu, geluTanh, glu, silu, swiglu }
const file = new URL("../golden/layers_attn.json", import.meta.url)
const { activations } = JSON.parse(readFileSync(file, "utf8")) as { readonly activations: readonly Case[] }

describe.each(["f64", "f32"] as const)("activations agree with PyTorch in %s", dtype => {
  test.each(activations.map(c => [c.name, c] as const))("%s", (name, { input, cotangent, output, inputGrad }) => {
    const read = ({ data, shape }: Stored) => tensor(data, { shape, dtype })
    const near = (found: Tensor, { data }: Stored) => {
      const worst = Array.from(toTyped(found), (y, i) => Math.abs(y - (data[i] ?? NaN)))
      expect(Math.max(...worst)).toBeLessThan(dtype === "f64" ? 1e-14 : 5e-6)
    }
    near(functions[name](read(input)), output)
    near(grad((x: Tensor) => sum(mul(functions[name](x), read(cotangent))))(read(input)), inputGrad)
  })
})

describe("gelu and its kin", () => {
  test.each(["gelu", "geluTanh", "silu"] as const)("%s is x or 0 far out, with derivatives 1 and 0", name => {
    const f = functions[name]
    const far = tensor([-3e38, -1e30, -1e4, 1e4, 1e30, 3e38])
    expect([...toTyped(f(far))].map(y => y + 0)).toEqual([0, 0, 0, 1e4, Math.fround(1e30), Math.fround(3e38)])
    expect([...toTyped(grad((x: Tensor) => sum(f(x)))(far))].map(y => y + 0)).toEqual([0, 0, 0, 1, 1, 1])
  })

  test("gated activations halve the last axis, which must be even", () => {
    expect(toArray(glu(tensor([[], []])))).toEqual([[], []]) // prettier-ignore
    expect(() => swiglu(tensor([[1, 2, 3]]))).toThrow("swiglu: expected a last axis of even size; got f32[1, 3]")
    expect(() => geglu(tensor(1))).toThrow("geglu: expected a last axis of even size; got f32[]")
  })

  test("have their names as layers", () => {
    expect([gelu, geluTanh, silu, glu, geglu, swiglu].map(f => activation(f).name)).toEqual(["gelu", "geluTanh", "silu", "glu", "geglu", "swiglu"]) // prettier-ignore
  })
})
