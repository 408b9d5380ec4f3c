import {
  add,
  cast,
  compile,
  grad,
  hvp,
  jvp,
  matmul,
  mul,
  scalar,
  sin,
  square,
  sum,
  tensor,
  toArray,
  Tree,
  valueAndGrad,
  valueAndGradWithAux,
  vjp,
  zeros,
  type Tensor
} from "thalweg"
import { describe, expect, expectTypeOf, test } from "vitest"
import { topological } from "../../src/dataflow/order.js"
import { isLoop } from "../../src/dataflow/primitive.js"
import { f64 } from "./samples.js"

const arrays = (tree: Tree): unknown => Tree.leaves(tree).map(toArray)

describe("gradients have the structure of the parameters", () => {
  const params = {
    encoder: [
      {
        kernel: f64([
          [1, 2],
          [3, 4]
        ]),
        bias: f64([5, 6])
      },
      { kernel: f64([[7], [8]]), bias: f64([9]) }
    ] as const,
    scale: f64(2),
    empty: {},
    none: []
  }
  const loss = ({ encoder: [first, second], scale }: typeof params, x: Tensor): Tensor =>
    mul(scale, sum(add(matmul(add(matmul(x, first.kernel), first.bias), second.kernel), second.bias)))
  const gradient = grad(loss)(params, f64([[1, 2]]))

  test("records, tuples, empty ones", () => {
    expectTypeOf(gradient).toEqualTypeOf<typeof params>()
    expect(Tree.sameStructure(gradient, params)).toBe(true)
    expect(Tree.paths(gradient)).toEqual(Tree.paths(params))
    expect(toArray(gradient.encoder[0].kernel)).toEqual([[14, 16], [28, 32]]) // prettier-ignore
    expect(toArray(gradient.encoder[0].bias)).toEqual([14, 16])
    expect(toArray(gradient.encoder[1].kernel)).toEqual([[24], [32]])
    expect(toArray(gradient.encoder[1].bias)).toEqual([2])
    expect(toArray(gradient.scale)).toBe(12 * 7 + 16 * 8 + 9)
  })
  test("the order of the keys does not matter", () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }): Tensor => mul(a, square(b))
    expect(arrays(grad(f)({ b: f64(3), a: f64(2) }))).toEqual([9, 12])
  })
  test("a tree of one leaf, and of none", () => {
    expect(toArray(grad((x: Tensor) => square(x))(f64(3)))).toBe(6)
    expect(grad((_: Record<string, Tensor>) => f64(1))({})).toEqual({})
  })
  test("arguments are not changed", () => {
    expect(Object.keys(params)).toEqual(["encoder", "scale", "empty", "none"])
    expect(toArray(params.scale)).toBe(2)
  })
})

describe("leaves", () => {
  test("one tensor in two places has two gradients", () => {
    const x = f64([1, 2])
    const f = ({ a, b }: { a: Tensor; b: Tensor }): Tensor => sum(mul(a, square(b)))
    expect(arrays(grad(f)({ a: x, b: x }))).toEqual([[1, 4], [2, 8]]) // prettier-ignore
  })
  test("one place used twice has one", () => {
    expect(toArray(grad(({ a }: { a: Tensor }) => mul(a, mul(a, a)))({ a: f64(2) }).a)).toBe(12)
  })
  test("a tensor that is closed over is not differentiated, though it is also the argument", () => {
    const x = f64(3)
    expect(toArray(grad((y: Tensor) => mul(x, y))(x))).toBe(3)
  })
  test("unused ones get zeros of their shape and dtype", () => {
    const params = { used: f64(1), unused: zeros([2, 3], "f64"), single: tensor([1, 2], { dtype: "f32" }) }
    const gradient = grad(({ used }: typeof params) => sin(used))(params)
    expect(gradient.unused).toMatchObject({ shape: [2, 3], dtype: "f64" })
    expect(gradient.single).toMatchObject({ shape: [2], dtype: "f32" })
    expect(toArray(gradient.unused)).toEqual([[0, 0, 0], [0, 0, 0]]) // prettier-ignore
  })
  test("each keeps its dtype when they are mixed by casts", () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }): Tensor => mul(a, cast(b, "f64"))
    const gradient = grad(f)({ a: f64(3), b: scalar(4) })
    expect([gradient.a.dtype, gradient.b.dtype]).toEqual(["f64", "f32"])
    expect(arrays(gradient)).toEqual([4, 3])
    expect(arrays(jvp(f)({ a: f64(3), b: scalar(4) }, { a: f64(1), b: scalar(1) })[1])).toEqual([7])
    expect(arrays(hvp(f)({ a: f64(3), b: scalar(4) }, { a: f64(1), b: scalar(0) }))).toEqual([0, 1])
  })
})

describe("values, auxiliaries and other arguments", () => {
  test("valueAndGrad gives both, and they share what they have in common", () => {
    const [value, gradient] = valueAndGrad((x: Tensor) => sum(square(sin(x))))(f64([0, 0]))
    const sines = topological([value, gradient]).filter(
      vertex => !isLoop(vertex) && vertex.op.kind === "unary" && vertex.op.fn === "sin"
    )
    expect(sines.length).toBe(1)
    expect([toArray(value), toArray(gradient)]).toEqual([0, [0, 0]])
  })
  test("an auxiliary result is returned, and not differentiated", () => {
    const f = (x: Tensor, y: Tensor) => [sum(mul(x, y)), { logits: square(x), correct: [cast(x, "i32")] }] as const
    const [[loss, aux], gradient] = valueAndGradWithAux(f)(f64([1, 2]), f64([3, 4]))
    expect(arrays([loss, aux.logits, aux.correct, gradient])).toEqual([11, [1, 4], [1, 2], [3, 4]])
  })
  test("other arguments are held fixed, whatever they are", () => {
    const f = (x: Tensor, y: Tensor, options: { readonly power: number }, labels: readonly Tensor[]): Tensor =>
      mul(mul(x, y), add(cast(labels[0] ?? y, "f64"), options.power))
    const labels = [tensor([1], { dtype: "i32", shape: [] })]
    expect(toArray(grad(f)(f64(2), f64(3), { power: 4 }, labels))).toBe(15)
  })
  test("several differentiated arguments go into one tree", () => {
    const f = ([x, y]: readonly [Tensor, Tensor]): Tensor => mul(x, square(y))
    const both = grad(f)([f64(2), f64(3)])
    expectTypeOf(both).toEqualTypeOf<readonly [Tensor, Tensor]>()
    expect(arrays(both)).toEqual([9, 12])
  })
  test("pullbacks take and give trees", () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }) => ({ sum: add(a, b), products: [mul(a, b)] as const })
    const [, pullback] = vjp(f)({ a: f64(2), b: f64(3) })
    expect(arrays(pullback({ sum: f64(1), products: [f64(10)] }))).toEqual([31, 21])
  })
  test("one tensor in two places of the value has two cotangents", () => {
    const f = (x: Tensor) => {
      const y = square(x)
      return [y, y, x] as const
    }
    expect(toArray(vjp(f)(f64(3))[1]([f64(1), f64(2), f64(5)]))).toBe(23)
    expect(arrays(jvp(f)(f64(3), f64(1))[1])).toEqual([6, 6, 1])
  })
  test("integer leaves of the value pass cotangents by", () => {
    const [value, pullback] = vjp((x: Tensor) => [square(x), cast(x, "i32")] as const)(f64(3))
    expect(arrays(pullback([f64(1), value[1]]))).toEqual([6])
    expect(arrays(jvp((x: Tensor) => [square(x), cast(x, "i32")] as const)(f64(3), f64(1))[1])).toEqual([6, 0])
  })
  test("a compiled training step of a tree", () => {
    const loss = (p: { a: Tensor; b: Tensor }, x: Tensor): Tensor => sum(square(add(mul(p.a, x), p.b)))
    const step = compile((p: { a: Tensor; b: Tensor }, x: Tensor) => valueAndGrad(loss)(p, x))
    expect(arrays(step({ a: f64(1), b: f64(2) }, f64([1, 2])))).toEqual([25, 22, 14])
  })
})
