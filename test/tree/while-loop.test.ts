import { describe, expect, test } from "vitest"
import {
  add,
  and,
  cast,
  compile,
  concat,
  div,
  eq,
  evaluate,
  gt,
  item,
  locate,
  log,
  lt,
  mul,
  ne,
  not,
  rem,
  scalar,
  scan,
  sub,
  sum,
  toArray,
  where,
  Tree,
  whileLoop,
  type Tensor
} from "thalweg"
import { printProgram } from "../../src/engine/program/print.js"
import { programOf, trace } from "../../src/engine/trace.js"
import { f64, i32, observe } from "../dataflow/values.js"
import { thrownBy } from "../support.js"

const double = (x: Tensor): Tensor => add(x, x)
const below = (n: number) => (x: Tensor) => lt(x, n)

const collatz = (n: Tensor): Tensor =>
  whileLoop(
    ({ n }: { n: Tensor; steps: Tensor }) => ne(n, 1),
    ({ n, steps }) => ({ n: where(eq(rem(n, 2), 0), div(n, 2), add(mul(n, 3), 1)), steps: add(steps, 1) }),
    { n, steps: i32(0) }
  ).steps

const linesOf = (f: (...args: readonly Tree[]) => Tree, ...args: readonly Tensor[]): readonly string[] =>
  printProgram(programOf(trace(f, { kind: "array", items: args.map(() => ({ kind: "leaf" })) }, args)))

/** Every way to compute: node by node, and planned. */
const ways: readonly (readonly [string, <B extends Tree>(f: () => B, ...args: readonly Tensor[]) => B])[] = [
  ["evaluate", f => evaluate(f())],
  ["compile", f => (compile as unknown as (f: () => Tree) => typeof f)(f)() as never]
]

describe("a loop goes on while its condition holds", () => {
  test.each(ways)("%s", (_, way) => {
    expect(item(way(() => whileLoop(below(100), double, i32(1))))).toBe(128)
    expect(item(way(() => whileLoop(below(100), double, i32(128))))).toBe(128)
    expect(item(way(() => whileLoop(below(100), double, i32(99))))).toBe(198)
  })
  test.each(ways)("and no more often than max: %s", (_, way) => {
    const most = (max: number): number => item(way(() => whileLoop(below(100), double, i32(1), { max })))
    expect([1, 2, 6, 7, 8, 2 ** 31 - 1].map(most)).toEqual([2, 4, 64, 128, 128, 128])
  })
  test("compiled, with arguments that say how often", () => {
    const steps = compile(collatz)
    expect([1, 2, 3, 27, 97].map(n => item(steps(i32(n))))).toEqual([0, 1, 7, 111, 118])
    expect([1, 2, 3, 27, 97].map(n => item(collatz(i32(n))))).toEqual([0, 1, 7, 111, 118])
  })
  test("trees keep their structure, shapes and dtypes", () => {
    const init = { v: f64([1, 2]), flags: [scalar(true), i32(3)] as const }
    const last = whileLoop(
      ({ flags }) => flags[0],
      ({ v, flags: [, n] }) => ({ flags: [gt(n, 1), sub(n, 1)] as const, v: mul(v, 2) }),
      init
    )
    expect([observe(last.v), toArray(last.flags[0]), observe(last.flags[1])]).toEqual([
      { dtype: "f64", shape: [2], data: [8, 16] },
      false,
      { dtype: "i32", shape: [], data: [0] }
    ])
  })
  test("a condition on what is outside, and one that is always true", () => {
    const limit = mul(f64(3), f64(4))
    expect(item(whileLoop(x => lt(x, limit), double, f64(1)))).toBe(16)
    expect(item(whileLoop(() => scalar(true), double, f64(1), { max: 5 }))).toBe(32)
    expect(item(whileLoop(() => scalar(false), double, f64(1)))).toBe(1)
  })
  test("a comparison with NaN ends it", () => {
    expect(item(whileLoop(below(100), double, f64(NaN)))).toBeNaN()
  })
  test("many iterations of a loop without bound", () => {
    expect(item(whileLoop(below(300_000), n => add(n, 1), i32(0)))).toBe(300_000)
  })
})

describe("what a condition may be: compiled as computed", () => {
  const cases: Readonly<Record<string, (x: Tensor, p: Tensor) => Tree>> = {
    "a carry": (x, p) =>
      whileLoop(
        ({ go }) => go,
        ({ n }) => ({ go: lt(sum(n), 20), n: add(n, n) }),
        { go: p, n: x }
      ),
    "a carry that stays": (x, p) =>
      whileLoop(
        ({ go }) => go,
        ({ go, n }) => ({ go, n: add(n, n) }),
        { go: p, n: x },
        { max: 3 }
      ),
    "of a carry that changes": (x, p) =>
      whileLoop(
        ({ go }) => not(go),
        ({ go, n }) => ({ go: not(go), n: add(n, n) }),
        { go: p, n: x },
        { max: 3 }
      ),
    "one of two carries that are the same": (x, p) =>
      whileLoop(
        ({ a }) => a,
        ({ n }) => {
          const next = lt(sum(n), 30)
          return { a: next, b: next, n: mul(n, 2) }
        },
        { a: p, b: p, n: x }
      ),
    "what is outside": (x, p) => whileLoop(() => p, double, x, { max: 3 }),
    "always true": x => whileLoop(() => scalar(true), double, x, { max: 3 }),
    "of carries that are exchanged": x =>
      whileLoop(
        ({ a }) => lt(sum(a), 50),
        ({ a, b }) => ({ a: b, b: add(a, mul(b, 2)) }),
        { a: x, b: mul(x, 3) }
      )
  }
  test.each(Object.entries(cases))("%s", (_, f) => {
    const run = compile(f)
    for (const p of [true, false])
      for (const x of [f64([1, 2, 3]), f64([10, 1, 1])]) {
        const values = (tree: Tree): readonly unknown[] => Tree.leaves(evaluate(tree)).map(observe)
        expect(values(run(x, scalar(p)))).toEqual(values(f(x, scalar(p))))
      }
  })
})

describe("loops within loops", () => {
  const triangle = (n: Tensor): Tensor =>
    whileLoop(
      ({ i }: { i: Tensor; total: Tensor }) => lt(i, n),
      ({ i, total }) => ({
        i: add(i, 1),
        total: add(
          total,
          whileLoop(
            ({ j }: { j: Tensor; s: Tensor }) => lt(j, i),
            ({ j, s }) => ({ j: add(j, 1), s: add(s, j) }),
            { j: i32(0), s: i32(0) }
          ).s
        )
      }),
      { i: i32(0), total: i32(0) }
    ).total
  test("each decides for itself", () => {
    const expected = [0, 0, 0, 1, 4, 10, 20, 35]
    expect(expected.map((_, n) => item(triangle(i32(n))))).toEqual(expected)
    const run = compile(triangle)
    expect(expected.map((_, n) => item(run(i32(n))))).toEqual(expected)
  })
  test("within a scan, and a scan within", () => {
    const rows = i32([1, 5, 27, 2])
    const seen = (xs: Tensor): Tensor => scan((c: Tensor, n: Tensor) => [add(c, 1), collatz(n)] as const, i32(0), xs)[1]
    expect([toArray(seen(rows)), toArray(compile(seen)(rows))]).toEqual([
      [0, 5, 111, 1],
      [0, 5, 111, 1]
    ])
    const sums = (xs: Tensor): Tensor =>
      whileLoop(
        c => lt(c, 100),
        c => add(c, scan((s: Tensor, x: Tensor) => [add(s, x), []], i32(0), xs)[0]),
        i32(0)
      )
    expect([item(sums(rows)), item(compile(sums)(rows))]).toEqual([105, 105])
  })
})

describe("its graph", () => {
  test("prints as a loop", () => {
    expect(String(whileLoop(below(100), double, i32(1)))).toMatch(/t\d+ = whileLoop\(0, 1, t\d+\)\n.*part\(t\d+, 1\)$/)
    expect(String(whileLoop(below(100), double, i32(1), { max: 9 }))).toContain(", at most 9 steps)")
  })
  test("keeps only what somebody reads, and what its end depends on", () => {
    const lines = linesOf(
      x =>
        whileLoop(
          ({ n }: { n: Tensor; a: Tensor; b: Tensor }) => lt(n, 10),
          ({ n, a, b }) => ({ n: add(n, 1), a: mul(a, 2), b: log(b) }),
          { n: i32(0), a: x as Tensor, b: x as Tensor }
        ).a,
      f64(1)
    )
    expect(lines.filter(line => line.includes("log("))).toEqual([])
    expect(lines.filter(line => /^ +t\d+: i32\[\] = add/.test(line))).toHaveLength(1)
  })
  test("two that are equal are one", () => {
    const lines = linesOf(
      x => [whileLoop(below(100), double, x as Tensor), whileLoop(below(100), double, x as Tensor)],
      f64(1)
    )
    expect(lines.filter(line => line.includes("whileLoop"))).toHaveLength(1)
    const other = linesOf(
      x => [whileLoop(below(100), double, x as Tensor), whileLoop(below(101), double, x as Tensor)],
      f64(1)
    )
    expect(other.filter(line => line.includes("whileLoop"))).toHaveLength(2)
  })
  test("locate says in which iteration", () => {
    const f = (x: Tensor): Tensor =>
      whileLoop(
        ({ n }: { n: Tensor; x: Tensor }) => lt(n, 10),
        ({ n, x: y }) => ({ n: add(n, 1), x: log(y) }),
        { n: i32(0), x }
      ).x
    const found = locate(f)(f64(Math.E))
    expect(found).toMatchObject({ _tag: "Operation", operation: "log", value: -Infinity, iterations: [2], from: ["0"] })
  })
})

describe("a loop that does not fit is an error at the call", () => {
  const c = f64(1)
  test.each<[string, () => unknown, name: string, expected: string, received: string, path?: string]>([
    ["a condition of numbers", () => whileLoop(x => x, double, c), "DTypeError", "a condition of bool", "f64"],
    [
      "a condition of several",
      () => whileLoop(x => lt(x, 1), double, f64([1, 2])),
      "ShapeError",
      "a condition that is a scalar",
      "bool[2]"
    ],
    [
      "a condition that is read",
      () => whileLoop(x => (item(x) < 3) as unknown as Tensor, double, c),
      "DataError",
      "a condition that is a bool scalar",
      "true"
    ],
    [
      "a carry of another shape",
      () =>
        whileLoop(
          x => gt(sum(x), 1),
          x => concat([x, x]),
          f64([1])
        ),
      "ShapeError",
      "a carry of f64[1]",
      "f64[2]"
    ],
    [
      "a carry of another dtype",
      () =>
        whileLoop(
          ({ h }: { h: Tensor }) => gt(h, 1),
          ({ h }) => ({ h: cast(h, "f32") }),
          { h: c }
        ),
      "ShapeError",
      "a carry of f64[]",
      "f32[]",
      "h"
    ],
    ["an init that is none", () => whileLoop(() => gt(c, 1), double, 3 as never), "TreeError", "an init that is a tensor", "3", "(root)"], // prettier-ignore
    ["a body without a result", () => whileLoop(below(1), (() => undefined) as never, c), "TreeError", "a carry that is a tensor", "undefined", "(root)"], // prettier-ignore
    [
      "a carry of other keys",
      () => whileLoop(({ h }) => gt(h, 1), (({ h }: { h: Tensor }) => ({ k: h })) as never, { h: c }),
      "TreeError",
      "keys h",
      "keys k",
      "(root)"
    ],
    ...[0, -1, 1.5, NaN, Infinity, 2 ** 31].map((max): [string, () => unknown, string, string, string] => [
      `max ${max}`,
      () => whileLoop(below(1), double, c, { max }),
      "HyperparameterError",
      "max to be a whole number from 1 to 2147483647",
      String(max)
    ]),
    [
      "an option that is none",
      () => whileLoop(below(1), double, c, { length: 3 } as object),
      "HyperparameterError",
      "options among max",
      '"length"'
    ],
    [
      "no condition",
      () => whileLoop(true as unknown as typeof double, double, c),
      "DataError",
      "a condition that is a function",
      "true"
    ],
    ["no body", () => whileLoop(below(1), c as never, c), "DataError", "a body that is a function", ""],
    [
      "a value that is read in the body",
      () => whileLoop(below(9), x => scalar(item(x), "f64"), c),
      "UnboundInputError",
      "a value, which what is traced has not yet",
      'the symbol "carry0"'
    ],
    [
      "a value that is read in the condition, on a symbol",
      () => compile((x: Tensor) => whileLoop(y => scalar(item(y) < 3), double, x))(c),
      "UnboundInputError",
      "a value, which what is traced has not yet",
      "symbol"
    ],
    [
      "a body that fails, by its own error",
      () =>
        whileLoop(
          x => gt(sum(x), 1),
          x => add(x, f64([1, 2, 3])),
          f64([1, 2])
        ),
      "ShapeError",
      "broadcast together",
      "[2] and [3]"
    ]
  ])("%s", (_, call, name, expected, received, path) => {
    const error = thrownBy(call) as { name: string; mistake: Record<string, string | undefined> }
    expect([error.name, error.mistake["path"]]).toEqual([name, path])
    expect(error.mistake["expected"]).toContain(expected)
    expect(error.mistake["received"]).toContain(received)
  })
})

test("what is captured by the condition alone is computed once, outside", () => {
  const limit = (x: Tensor): Tensor => sum(mul(x, x))
  const lines = linesOf(x => whileLoop(n => and(lt(n, limit(x as Tensor)), lt(n, 1e9)), double, f64(1)), f64([1, 2, 3]))
  expect(lines.filter(line => /^t\d+.* = sum\(/.test(line))).toHaveLength(1)
  expect(lines.filter(line => / +t\d+.* = sum\(/.test(line))).toHaveLength(0)
})
