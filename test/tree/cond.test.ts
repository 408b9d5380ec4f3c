import { describe, expect, test } from "vitest"
import {
  add,
  cast,
  compile,
  cond,
  evaluate,
  gt,
  item,
  log,
  mul,
  neg,
  scalar,
  scan,
  sub,
  take,
  toArray,
  zeros,
  type Tensor
} from "thalweg"
import { f64, i32, observe } from "../dataflow/values.js"
import { thrownBy } from "../support.js"

const [yes, no] = [scalar(true), scalar(false)]

describe("one of two branches", () => {
  const choose = (p: Tensor, x: Tensor, y: Tensor): Tensor => cond(p, add, (a, b) => mul(sub(a, b), 2), x, y)
  test("is computed", () => {
    expect([yes, no].map(p => toArray(choose(p, f64([1, 2]), f64([5, 7]))))).toEqual([
      [6, 9],
      [-8, -10]
    ])
  })
  test("compiled, with the predicate as argument", () => {
    const run = compile(choose)
    expect([yes, no, yes].map(p => item(run(p, i32(3), i32(4))))).toEqual([7, -2, 7])
  })
  test("of trees, which keep their structure, shapes and dtypes", () => {
    const swap = ({ a, b }: { a: Tensor; b: Tensor }, n: Tensor) => ({ pair: [b, a] as const, n: add(n, 1) })
    const keep = ({ a, b }: { a: Tensor; b: Tensor }, n: Tensor) => ({ pair: [a, b] as const, n })
    const chosen = (p: Tensor) => cond(p, swap, keep, { a: f64([1]), b: f64([2]) }, i32(3))
    const [{ pair, n }, other] = [chosen(yes), chosen(no)]
    expect([pair, n].flat().map(observe)).toEqual([
      { dtype: "f64", shape: [1], data: [2] },
      { dtype: "f64", shape: [1], data: [1] },
      { dtype: "i32", shape: [], data: [4] }
    ])
    expect([toArray(other.pair[0]), item(other.n)]).toEqual([[1], 3])
  })
  test("of flags, keys and empty tensors", () => {
    expect(
      item(
        cond(
          no,
          (x: Tensor) => gt(x, 0),
          (x: Tensor) => gt(x, 2),
          f64(3)
        )
      )
    ).toBe(1)
    expect(
      observe(
        cond(
          yes,
          (x: Tensor) => neg(x),
          x => x,
          zeros([0, 2], "f64")
        )
      )
    ).toEqual({
      dtype: "f64",
      shape: [0, 2],
      data: []
    })
    expect(
      observe(
        compile((x: Tensor) =>
          cond(
            yes,
            (y: Tensor) => neg(y),
            y => y,
            x
          )
        )(zeros([0, 2], "f64"))
      ).shape
    ).toEqual([0, 2])
  })
  test("without operands, and with results that are operands, constants or captured", () => {
    expect(
      [yes, no].map(p =>
        item(
          cond(
            p,
            () => f64(1),
            () => f64(2)
          )
        )
      )
    ).toEqual([1, 2])
    const w = f64(5)
    expect(
      [yes, no].map(p =>
        item(
          cond(
            p,
            (x: Tensor) => x,
            () => w,
            f64(1)
          )
        )
      )
    ).toEqual([1, 5])
    expect(
      [yes, no].map(p =>
        item(
          compile((x: Tensor) =>
            cond(
              p,
              (y: Tensor) => y,
              () => w,
              x
            )
          )(f64(1))
        )
      )
    ).toEqual([1, 5])
  })
  test("within a loop and within another", () => {
    const body = (c: Tensor, x: Tensor) => {
      const next = cond(gt(x, 0), add, (a, b) => cond(gt(a, 2), (d: Tensor, e: Tensor) => mul(d, e), sub, a, b), c, x)
      return [next, next] as const
    }
    const xs = f64([1, -1, 3, -2, 4])
    const expected = [1, 2, 5, -10, -6]
    expect(toArray(scan(body, f64(0), xs)[1])).toEqual(expected)
    expect(toArray(compile((v: Tensor) => scan(body, f64(0), v)[1])(xs))).toEqual(expected)
  })
})

describe("the other branch is not run", () => {
  /** Throws where it runs: an index that is none. */
  const failing = (x: Tensor): Tensor => take(x, add(cast(x, "i32"), 100))
  const safe = (p: Tensor, x: Tensor): Tensor => cond(p, (y: Tensor) => y, failing, x)
  test("an index that is none is no error there", () => {
    expect(toArray(safe(yes, f64([1, 2])))).toEqual([1, 2])
    expect(toArray(compile(safe)(yes, f64([1, 2])))).toEqual([1, 2])
    expect((thrownBy(() => evaluate(safe(no, f64([1, 2])))) as Error).name).toBe("IndexError")
    expect((thrownBy(() => compile(safe)(no, f64([1, 2]))) as Error).name).toBe("IndexError")
  })
})

test("prints as a choice", () => {
  expect(String(cond(gt(f64(1), 0), log, neg, f64(1)))).toMatch(/t\d+ = cond\(t\d+, t\d+, t\d+\)/)
})

describe("branches that do not fit are an error at the call", () => {
  const x = f64([1, 2])
  const id = (y: Tensor): Tensor => y
  test.each<[string, () => unknown, name: string, expected: string, received: string, path?: string]>([
    ["a predicate of numbers", () => cond(f64(1), id, id, x), "DTypeError", "a predicate of bool", "f64"],
    ["several predicates", () => cond(gt(x, 0), id, id, x), "ShapeError", "a predicate that is a scalar", "bool[2]"],
    [
      "a predicate of JavaScript",
      () => cond(true as unknown as Tensor, id, id, x),
      "DataError",
      "a predicate that is a bool scalar",
      "true"
    ],
    ["no branch", () => cond(yes, x as never, id as never, x), "DataError", "ifTrue to be a function", ""],
    ["no other", () => cond(yes, id, undefined as never, x), "DataError", "ifFalse to be a function", "undefined"],
    [
      "another dtype, at a leaf",
      () =>
        cond(
          yes,
          (y: Tensor) => ({ a: [y] }),
          y => ({ a: [cast(y, "f32")] }),
          x
        ),
      "ShapeError",
      "a result of ifFalse of f64[2]",
      "f32[2]",
      "a/0"
    ],
    ["no tensor", () => cond(yes, (() => 3) as never, id, x), "TreeError", "a result of ifTrue that is a tensor", "3", "(root)"], // prettier-ignore
    ["no other tensor", () => cond(yes, id, (() => [3]) as never, x), "TreeError", "a result of ifFalse that is a tensor", "3", "0"], // prettier-ignore
    ["no operand", () => cond(yes, id, id, 3 as never), "TreeError", "an operand that is a tensor", "3", "0"],
    ["another shape", () => cond(yes, id, () => f64(1), x), "ShapeError", "a result of ifFalse of f64[2]", "f64[]"],
    [
      "another structure",
      () =>
        cond(
          yes,
          (y: Tensor): readonly Tensor[] => [y],
          y => [y, y],
          x
        ),
      "TreeError",
      "a result of ifFalse that is an array of 1",
      "an array of 2",
      "(root)"
    ],
    [
      "a value that is read",
      () => cond(yes, (y: Tensor) => scalar(item(y), "f64"), id, f64(1)),
      "UnboundInputError",
      "a value, which what is traced has not yet",
      'the symbol "operand0"'
    ]
  ])("%s", (_, call, name, expected, received, path) => {
    const error = thrownBy(call) as { name: string; mistake: Record<string, string | undefined> }
    expect([error.name, error.mistake["path"]]).toEqual([name, path])
    expect(error.mistake["expected"]).toContain(expected)
    expect(error.mistake["received"]).toContain(received)
  })
})
