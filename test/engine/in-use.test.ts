import { expect, test } from "vitest"
import { compile, engineInUse, explain, mul, ones, sum, type Tensor } from "thalweg"

const isThere = "WebAssembly" in globalThis

test("compiled functions run in WebAssembly, or where there is none in the interpreter, which says so", () => {
  const reason = "the host has no WebAssembly"
  expect(engineInUse()).toEqual(isThere ? { name: "wasm" } : { name: "interpreter", reason })
})

test("explain tells how, for each signature", () => {
  const f = compile((x: Tensor) => sum(mul(x, x)))
  expect(explain(f)).toBe("Nothing is planned before the first call.")
  f(ones([3]))
  f(ones([2, 3]))
  const parts = explain(f).split("\n\n")
  expect(parts.map(part => part.split("\n")[0])).toEqual(["(f32[3])", "(f32[2, 3])"])
  for (const part of parts) expect(part).toMatch(isThere ? /\nWebAssembly of .*\n.*\n +loop\[/ : /\nInterpreted/)
})

test("explain is told what compile made", () => {
  expect(() => explain(() => 1)).toThrow(
    "explain: expected a function that compile made (of a fold, its step); got a function"
  )
})
