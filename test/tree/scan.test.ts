import { describe, expect, test } from "vitest"
import {
  add,
  arange,
  cast,
  concat,
  evaluate,
  grad,
  item,
  mul,
  neg,
  ones,
  reshape,
  scan,
  stack,
  sub,
  sum,
  toArray,
  zeros,
  type Tensor
} from "thalweg"
import { f64, i32, observe } from "../dataflow/values.js"
import { thrownBy } from "../support.js"

const xs = f64([1, 2, 3, 4])

describe("a scan folds the leading axis and stacks what each step yields", () => {
  const running = (carry: Tensor, x: Tensor) => [add(carry, x), mul(carry, 10)] as const

  test("forward", () => {
    const [last, yielded] = scan(running, f64(100), xs)
    expect([toArray(last), toArray(yielded)]).toEqual([110, [1000, 1010, 1030, 1060]])
  })

  test("reversed: from the last slice to the first, results keep their places", () => {
    const [last, yielded] = scan(running, f64(100), xs, { reverse: true })
    expect([toArray(last), toArray(yielded)]).toEqual([110, [1090, 1070, 1040, 1000]])
  })

  test("over nothing gives the carry back, and empty stacks", () => {
    const [last, yielded] = scan((c: Tensor, x: Tensor) => [neg(c), stack([x, x])], f64(5), zeros([0, 3], "f64"))
    expect([toArray(last), observe(yielded)]).toEqual([5, { dtype: "f64", shape: [0, 2, 3], data: [] }])
  })

  test("without xs it takes its length from the options", () => {
    const [last, count] = scan((c: Tensor) => [add(c, c), c], i32(1), [], { length: 5 })
    expect([toArray(last), toArray(count)]).toEqual([32, [1, 2, 4, 8, 16]])
    expect(toArray(scan((c: Tensor) => [add(c, c), c], i32(1), [], { length: 0 })[0])).toBe(1)
  })

  test("of trees: carries, slices and results keep their structure, shapes and dtypes", () => {
    const [state, out] = scan(
      ({ total, count }: { total: Tensor; count: Tensor }, [row, flag]: readonly [Tensor, Tensor]) =>
        [{ count: add(count, 1), total: add(total, mul(row, cast(flag, "f64"))) }, { half: { of: row } }] as const,
      { total: zeros([2], "f64"), count: i32(0) },
      [
        f64([
          [1, 2],
          [3, 4],
          [5, 6]
        ]),
        i32([1, 0, 1])
      ] as const
    )
    expect([toArray(state.total), observe(state.count)]).toEqual([[6, 8], { dtype: "i32", shape: [], data: [3] }])
    expect(toArray(out.half.of)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6]
    ])
  })

  test("a result that does not depend on the slice is repeated, a carry that is passed on stays", () => {
    const [last, [constant, same]] = scan((c: Tensor, x: Tensor) => [c, [f64([7, 8]), x]] as const, f64(1), f64([5, 6]))
    expect([toArray(last), toArray(constant), toArray(same)]).toEqual([
      1,
      [
        [7, 8],
        [7, 8]
      ],
      [5, 6]
    ])
  })

  test("is the loop that one would write", () => {
    const body = (c: Tensor, x: Tensor) => [sub(mul(c, 0.5), x), mul(c, x)] as const
    const rows = f64([
      [1, -2],
      [0.5, 3],
      [-1, 4]
    ])
    const [last, ys] = scan(body, f64([10, 20]), rows)
    const steps = [0, 1, 2].reduce<{ carry: Tensor; ys: readonly Tensor[] }>(
      ({ carry, ys }, i) => {
        const [next, y] = body(carry, reshape(f64((toArray(rows) as number[][])[i] ?? []), [2]))
        return { carry: next, ys: [...ys, y] }
      },
      { carry: f64([10, 20]), ys: [] }
    )
    expect([observe(last), observe(ys)]).toEqual([observe(steps.carry), observe(stack(steps.ys))])
  })
})

describe("a body may use what is outside of it", () => {
  test("literals, expressions, and the same one twice", () => {
    const rate = mul(f64(2), f64(3))
    const [last] = scan((c: Tensor, x: Tensor) => [add(mul(c, rate), add(rate, x)), []], f64(0), f64([1, 1]))
    expect(toArray(last)).toBe(49)
  })

  test("and differentiates by it", () => {
    const f = (w: Tensor): Tensor => scan((c: Tensor, x: Tensor) => [mul(add(c, x), w), []], f64(0), f64([1, 2, 3]))[0]
    // ((1·w + 2)·w + 3)·w = w³ + 2w² + 3w
    expect(toArray(grad(f)(f64(2)))).toBe(23)
  })

  test("a scan within a scan, which uses carries and slices of both", () => {
    const outer = (total: Tensor, row: Tensor) => {
      const inner = (c: Tensor, x: Tensor) => [add(c, mul(x, sum(row))), add(total, x)] as const
      const [next, seen] = scan(inner, total, row)
      return [next, seen] as const
    }
    const [last, seen] = scan(
      outer,
      f64(0),
      f64([
        [1, 2],
        [3, 4]
      ])
    )
    expect([toArray(last), toArray(seen)]).toEqual([
      58,
      [
        [1, 2],
        [12, 13]
      ]
    ])
    const byRows = grad((rows: Tensor) => scan(outer, f64(0), rows)[0])(
      f64([
        [1, 2],
        [3, 4]
      ])
    )
    expect(toArray(byRows)).toEqual([
      [6, 6],
      [14, 14]
    ])
  })

  test("the body is called once, whatever the length", () => {
    let calls = 0
    const body = (c: Tensor, x: Tensor): readonly [Tensor, Tensor] => {
      calls++
      return [add(c, x), c]
    }
    const [last] = scan(body, i32(0), arange(1000))
    expect([item(last), calls]).toEqual([499500, 1])
  })

  test("what does not change is computed once, outside of the loop", () => {
    let heavy: Tensor = ones([1], "f64")
    for (let i = 0; i < 40; i++) heavy = add(heavy, heavy)
    const [last] = scan((c: Tensor, x: Tensor) => [add(c, mul(heavy, x)), []], zeros([1], "f64"), ones([1e5], "f64"))
    expect(toArray(evaluate(last))).toEqual([2 ** 40 * 1e5])
  })
})

describe("a loop that does not fit is an error at the call", () => {
  test.each<[string, () => unknown, name: string, expected: string, received: string, path?: string]>([
    [
      "a carry of another shape",
      () => scan((c: Tensor) => [concat([c, c]), c], f64([1]), xs),
      "ShapeError",
      "a carry of f64[1]",
      "f64[2]"
    ],
    [
      "a carry of another dtype",
      () => scan((c: Tensor) => [cast(c, "f32"), c], f64([1]), xs),
      "ShapeError",
      "a carry of f64[1]",
      "f32[1]"
    ],
    [
      "a carry in a tree",
      () => scan(({ h }: { h: Tensor }) => [{ h: concat([h, h]) }, []] as const, { h: f64([1]) }, xs),
      "ShapeError",
      "a carry of f64[1]",
      "f64[2]",
      "h"
    ],
    [
      "a carry of other keys",
      () => scan(({ h }: Readonly<Record<string, Tensor>>) => [{ k: h as Tensor }, []], { h: xs }, xs),
      "TreeError",
      "keys h",
      "keys k",
      "(root)"
    ],
    [
      "a carry that grows",
      () => scan((c: readonly Tensor[]) => [[...c, ...c], []], [f64(1)], xs),
      "TreeError",
      "an array of 1",
      "an array of 2",
      "(root)"
    ],
    [
      "slices of two lengths",
      () => scan((c: Tensor) => [c, c], f64(1), [xs, f64([1])]),
      "ShapeError",
      "one length",
      "[4, 1]"
    ],
    [
      "another length in the options",
      () => scan((c: Tensor) => [c, c], f64(1), xs, { length: 3 }),
      "ShapeError",
      "one length",
      "[4, 3]"
    ],
    ["no length at all", () => scan((c: Tensor) => [c, c], f64(1), []), "ShapeError", "one length", "[]"],
    [
      "a length that is none",
      () => scan((c: Tensor) => [c, c], f64(1), [], { length: -1 }),
      "ShapeError",
      "one length",
      "[-1]"
    ],
    [
      "a fraction of a length",
      () => scan((c: Tensor) => [c, c], f64(1), [], { length: 1.5 }),
      "ShapeError",
      "one length",
      "[1.5]"
    ],
    [
      "a scalar to walk over",
      () => scan((c: Tensor) => [c, c], f64(1), f64(1)),
      "ShapeError",
      "one length",
      "[a scalar]"
    ],
    [
      "a body that fails, by its own error",
      () => scan((c: Tensor, x: Tensor) => [add(c, x), c], f64([1, 2]), zeros([2, 3], "f64")),
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
