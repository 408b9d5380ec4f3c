import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import { Tree, type Tensor } from "thalweg"
import { compileOn } from "../../src/engine/compile.js"
import { interpreter } from "../../src/engine/interpreter/interpreter.js"
import { f64, observe, pattern } from "../dataflow/values.js"

/** Only a literal prints as its values alone. */
const isKnown = (x: Tensor): boolean => !String(x).includes("where")

/** `2ⁿ · x`, by doubling: computed one node at a time, were nothing shared, it would take `2ⁿ` additions. */
const doublings = (x: Tensor, n: number): readonly Tensor[] =>
  Array.from({ length: n }).reduce<readonly Tensor[]>(chain => {
    const last = chain.at(-1) ?? x
    return [...chain, t.add(last, last)]
  }, [])

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

describe("where values are being traced, evaluate is the identity", () => {
  const squared = (x: Tensor): Tensor => t.sum(t.evaluate({ y: t.mul(x, x) }).y)
  test("so that derivatives flow through it", () => {
    expect(t.toArray(t.grad(squared)(f64([1, 2])))).toEqual([2, 4])
    expect(t.item(t.grad(t.compile(squared))(f64(3)))).toBe(6)
    expect(t.toArray(t.compile(t.grad(squared))(f64([1, 2])))).toEqual([2, 4])
  })

  test("in loops and in compiled functions too", () => {
    const body = (c: Tensor, x: Tensor) => t.evaluate([t.add(c, x), t.mul(c, x)] as const)
    const [last, seen] = t.scan(body, f64(1), f64([2, 3]))
    expect([t.toArray(last), t.toArray(seen)]).toEqual([6, [2, 9]])
    expect(t.item(t.compile(squared)(f64([3, 4])))).toBe(25)
  })

  test("while what does not depend on an argument is computed", () => {
    const seen: boolean[] = []
    t.compile((x: Tensor) => {
      seen.push(isKnown(t.evaluate(t.exp(f64(1)))), isKnown(t.evaluate(t.exp(x))))
      return x
    })(f64(1))
    expect(seen).toEqual([true, false])
  })
})

describe("steps of much work", () => {
  const large = t.evaluate(t.sin(t.reshape(t.arange(2 ** 17, { dtype: "f32" }), [2 ** 9, 2 ** 8])))
  const image = (x: Tensor): Tensor => t.reshape(x, [1, 2 ** 9, 2 ** 8, 1])
  const cases: Readonly<Record<string, (x: Tensor) => Tree>> = {
    product: x => t.matmul(x, t.transpose(x)),
    convolution: x => t.conv(image(x), t.ones([3, 3, 1, 2])),
    pool: x => t.maxPool(image(x), { window: 2 }),
    function: x => t.exp(x),
    sort: x => t.sort(x, 0),
    sum: x => t.sum(x, { axes: 0 }),
    loop: x => t.scan((c: Tensor, row: Tensor) => [t.add(t.mul(c, 0.5), row), t.sum(c)], t.zeros([2 ** 8]), x)
  }

  test.each(Object.entries(cases))("%s: the bits are those of the interpreter", (_, f) => {
    const { result } = compileOn(interpreter)(f)([large], new Set())
    const [expected, found] = [result, t.evaluate(f(large))].map(tree => Tree.leaves(tree).map(t.toTyped))
    expect(found).toEqual(expected)
  })
})
