import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import { compile, explain, grad, ones, scalar, tensor, zeros, type Tensor } from "thalweg"
import { bernoulli, foldIn, key, split } from "thalweg/random"

const labels = tensor([[2], [0], [1]], { dtype: "i32" })

const kernelsOf = <A extends readonly Tensor[]>(f: (...args: A) => t.Tree, ...args: A): readonly string[] => {
  const compiled = compile(f)
  compiled(...args)
  return explain(compiled).split("\n").slice(1)
}

describe("what moves elements is not left to the interpreter", () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    dropout: kernelsOf(
      (own: Tensor, step: Tensor, x: Tensor) => {
        const [mask, next] = split(foldIn(own, step))
        return [t.where(bernoulli(mask, 0.9, x.shape), t.div(t.maximum(x, 0), 0.9), 0), next]
      },
      key(0),
      scalar(1, "i32"),
      ones([8, 8])
    ),
    embedding: kernelsOf(
      (table: Tensor, places: Tensor) => grad((own: Tensor) => t.sum(t.square(t.take(own, places))))(table),
      ones([5, 3]),
      labels
    ),
    crossEntropy: kernelsOf(
      (logits: Tensor, own: Tensor) =>
        grad((x: Tensor) => t.neg(t.sum(t.takeAlongAxis(t.sub(x, t.max(x)), own, 1))))(logits),
      zeros([3, 4]),
      labels
    ),
    padding: kernelsOf((x: Tensor) => t.concat([t.pad(x, [[1, -1]], { interior: [2] }), t.cumSum(x)]), ones([5])),
    sorting: kernelsOf((x: Tensor) => [t.sort(x), t.pad(x, [[0, 0]], { interior: [99] })], ones([5])),
    integers: kernelsOf((x: Tensor) => t.matmul(x, x), ones([5, 5], "i32")),
    single: kernelsOf((x: Tensor) => [t.mean(x), t.max(x), t.norm(x)], ones([1])),
    nothing: kernelsOf((x: Tensor) => [t.sum(x), t.add(x, 1), t.pad(x, [[1, 1]])], zeros([0])),
    argMax: kernelsOf((x: Tensor) => t.argMax(x), ones([5])),
    loops: kernelsOf(
      (x: Tensor) =>
        t.whileLoop(
          y => t.lt(t.sum(y), 100),
          y => t.cond(t.gt(t.sum(y), 9), (z: Tensor) => t.whileLoop(v => t.lt(t.sum(v), 300), v => t.mul(v, 2), z, { max: 9 }), z => t.add(z, 1), y), // prettier-ignore
          x
        ),
      ones([5])
    ),
    "derivatives of loops": kernelsOf(
      grad((x: Tensor) =>
        t.sum(
          t.whileLoop(
            y => t.lt(t.sum(y), 100),
            y => t.mul(y, y),
            x,
            { max: 9 }
          )
        )
      ),
      t.full([5], 2)
    )
  }
  test.each(Object.entries(cases))("%s", (_, kernels) => {
    expect(kernels.filter(kernel => kernel.includes("interpreter"))).toEqual([])
  })
  test("how often a loop runs is said as far as it is known", () => {
    const text = [...cases.loops!, ...cases["derivatives of loops"]!].filter(line => line.endsWith(": {"))
    expect(text.map(line => line.trim())).toEqual([
      "whileLoop, any number of times, each: {",
      "cond, at most once, each: {",
      "whileLoop, at most 9 times, each: {",
      "cond, at most once, each: {",
      "whileLoop, at most 9 times, each: {",
      "scan, at most 9 times, each: {"
    ])
  })
  test("loops that share a number and no buffer stay apart", () => {
    const halves = kernelsOf((a: Tensor, b: Tensor) => [t.mul(a, 0.5), t.mul(b, 0.5)], ones([8]), ones([8]))
    const powers = kernelsOf((a: Tensor) => [t.mul(a, 0.5), t.mul(a, 0.25)], ones([8]))
    expect([halves, powers].map(kernels => kernels.filter(kernel => kernel.startsWith("  loop")).length)).toEqual([
      2, 1
    ])
  })
  test("the mask of a dropout and what it masks are one loop", () => {
    const large = cases.dropout!.filter(kernel => kernel.includes("loop[64]"))
    expect(large).toHaveLength(1)
  })
})

describe("arguments and results are told by their paths", () => {
  test("what is read, what is written, and what goes over an argument", () => {
    const step = compile((p: { w: Tensor; b: Tensor }, x: Tensor) => [{ w: t.sub(p.w, x), b: p.b }, t.sum(x)] as const)
    step({ w: ones([20]), b: ones([1]) }, ones([20]))
    expect(explain(step)).toMatch(/sub; .*\n {4}reads 0\/w, 1; in place 0\/w$/m)
    expect(explain(step)).toMatch(/sum; .*\n {4}reads 1; writes 1$/m)
  })
  test("a few of many, and the result that is all of them", () => {
    const total = compile((xs: readonly Tensor[]) => xs.reduce(t.add))
    total(Array.from({ length: 20 }, () => ones([20])))
    expect(explain(total)).toMatch(/reads 0\/0, 0\/1, .*, … 20 in all; in place the result$/m)
  })
  test("not those of the body of a loop", () => {
    const looped = compile((x: Tensor) => t.scan((c: Tensor) => [t.mul(c, x), []] as const, x, [], { length: 3 })[0])
    looped(ones([20]))
    expect(explain(looped).match(/reads 0/g)).toHaveLength(1)
  })
})
