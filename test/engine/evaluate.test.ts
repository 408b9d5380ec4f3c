import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import { Tree, type Tensor } from "thalweg"
import { f32, f64, i32, observe, pattern } from "../dataflow/values.js"

/** Only a literal prints as its values alone. */
const isKnown = (x: Tensor): boolean => !String(x).includes("where")

/** `2ⁿ · x`, by doubling: computed one node at a time, were nothing shared, it would take `2ⁿ` additions. */
const doublings = (x: Tensor, n: number): readonly Tensor[] =>
  Array.from({ length: n }).reduce<readonly Tensor[]>(chain => {
    const last = chain.at(-1) ?? x
    return [...chain, t.add(last, last)]
  }, [])

const thrownBy = (call: () => unknown): unknown => {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}

describe("evaluate gives the same tree, every leaf a literal", () => {
  const x = pattern([2, 3])
  const tree = { sum: t.sum(x), parts: [t.exp(x), { same: x, int: t.argMax(x) }] } as const
  const known = t.evaluate(tree)

  test("of the same structure, shapes and dtypes", () => {
    expect(Tree.sameStructure(known, tree)).toBe(true)
    expect(Tree.leaves(known).every(isKnown)).toBe(true)
    expect(Tree.leaves(known).map(observe)).toEqual(Tree.leaves(tree).map(observe))
  })

  test("which is as it was when it is evaluated again", () => {
    const again = t.evaluate(known)
    expect(Tree.leaves(again).every((leaf, i) => leaf === Tree.leaves(known)[i])).toBe(true)
    expect(t.evaluate(tree.sum)).toBe(known.sum)
  })

  test("leaves the tree that it was given as it was", () => {
    const sum = t.sum(t.exp(pattern([4])))
    const text = String(sum)
    t.evaluate({ sum })
    expect([isKnown(sum), String(sum)]).toEqual([false, text])
  })

  test("and gives the same bits every time", () => {
    const make = (): Tensor => t.softmax(t.matmul(t.sin(pattern([7, 9], "f32")), t.cos(pattern([9, 5], "f32"))))
    expect(observe(make())).toEqual(observe(make()))
  })
})

describe("what is shared is computed once", () => {
  test("by one leaf", () => {
    expect(t.item(doublings(f64(1), 60).at(-1) as Tensor)).toBe(2 ** 60)
  })

  test("by the leaves of one tree", () => {
    const values = t.evaluate(doublings(f64(1), 60)).map(t.item)
    expect(values).toEqual(Array.from({ length: 60 }, (_, i) => 2 ** (i + 1)))
  })

  test("by a compiled function", () => {
    const f = t.compile((x: Tensor) => doublings(x, 60).at(-1) as Tensor)
    expect(t.item(f(f64(3)))).toBe(3 * 2 ** 60)
  })

  test("by a derivative", () => {
    const f = (x: Tensor): Tensor => doublings(x, 60).at(-1) as Tensor
    expect(t.item(t.grad(f)(f64(3)))).toBe(2 ** 60)
    expect(t.item(t.grad(t.grad(x => t.mul(x, f(x))))(f64(3)))).toBe(2 ** 61)
  })

  test("by the body of a loop, and by its outputs", () => {
    const body = (c: Tensor, x: Tensor) => [t.div(doublings(c, 60).at(-1) as Tensor, 2 ** 60), t.add(c, x)] as const
    const [last, seen] = t.scan(body, f64(5), f64([1, 2]))
    expect([t.toArray(last), t.toArray(seen)]).toEqual([5, [6, 7]])
  })

  test("and by what walks a graph without computing it", () => {
    const last = doublings(f64([1]), 60).at(-1) as Tensor
    expect(String(last).split("\n").length).toBe(41)
    expect(t.toArray(t.scan((c: Tensor) => [t.add(c, last), []], f64([0]), [], { length: 2 })[0])).toEqual([2 ** 61])
  })
})

describe("reading", () => {
  test.each<[string, Tensor, unknown, object]>([
    ["f32", f32([[0.5, -0]]), [[0.5, -0]], new Float32Array([0.5, -0])],
    ["f64", f64([0.1]), [0.1], new Float64Array([0.1])],
    ["i32", i32([-1]), [-1], new Int32Array([-1])],
    ["u32", t.tensor([2 ** 32 - 1], { dtype: "u32" }), [2 ** 32 - 1], new Uint32Array([2 ** 32 - 1])],
    ["bool", t.lt(f64([1, 3]), 2), [true, false], new Uint8Array([1, 0])],
    ["a scalar", t.sum(f64([1, 2])), 3, new Float64Array([3])],
    [
      "a view into a longer buffer",
      t.scan((_: Tensor, x: Tensor) => [x, []], f64(0), f64([1, 2]))[0],
      2,
      new Float64Array([2])
    ]
  ])("%s", (_, value, nested, typed) => {
    expect(t.toArray(value)).toEqual(nested)
    expect(t.toTyped(value)).toEqual(typed)
  })

  test.each<[Tensor, number]>([
    [f64(2.5), 2.5],
    [f64([[7]]), 7],
    [t.tensor(true), 1],
    [t.not(t.tensor([true])), 0]
  ])("item %#", (value, expected) => {
    expect(t.item(value)).toBe(expected)
  })
})

describe("a value that does not exist is an UnboundInputError, whenever it is asked for", () => {
  const leaked: Tensor[] = []
  t.compile((x: Tensor) => {
    leaked.push(x, t.add(x, 1))
    return x
  })(f64(1))
  t.scan(
    (c: Tensor, x: Tensor) => {
      leaked.push(c, t.mul(c, x))
      return [c, x]
    },
    f64(1),
    f64([1])
  )

  test("outside of the function whose symbol leaked", () => {
    const readers: readonly ((x: Tensor) => unknown)[] = [t.item, t.toArray, t.toTyped, t.evaluate, t.compile(x => x)]
    for (const read of readers)
      for (const x of leaked) expect(thrownBy(() => read(x))).toMatchObject({ name: "UnboundInputError" })
    expect(leaked.length).toBe(4)
  })

  test("and what failed leaves nothing behind", () => {
    expect(thrownBy(() => t.compile((x: Tensor) => t.scalar(t.item(x)))(f64(1)))).toMatchObject({
      name: "UnboundInputError"
    })
    expect(t.item(t.compile((x: Tensor) => t.neg(x))(f64(1)))).toBe(-1)
  })
})
