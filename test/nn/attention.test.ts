import { describe, expect, expectTypeOf, test } from "vitest"
import { abs, broadcastTo, cast, concat, evaluate, flip, grad, item, matmul, max, mul, ones, reshape, sliceAxis, sub, sum, swapAxes, tensor, toArray, toTyped, Tree, zeros, type Tensor } from "thalweg" // prettier-ignore
import {
  cachedAttention,
  cachedTransformerBlock,
  connect,
  crossAttention,
  maskedSoftmax,
  multiHeadAttention,
  providing,
  rotary,
  scaledDotProductAttention,
  type AttentionParams,
  type Kernel
} from "thalweg/nn"
import { key, normal } from "thalweg/random"

const still = { training: false } as const
const bool = (...rows: readonly (readonly number[])[]) => cast(tensor(rows), "bool")
const worst = (a: Tensor, b: Tensor) => item(max(abs(sub(a, b))))
const finite = (tree: Tree) => Tree.leaves(tree).every(t => toTyped(t).every(Number.isFinite))
const x = normal(key(1), [2, 3, 4], { dtype: "f64" })

describe("maskedSoftmax", () => {
  test("gives zeros, and zero gradients, where all is masked", () => {
    const mask = bool([1, 1, 0], [0, 0, 0])
    const logits = tensor([[1, 2, 3], [1, Infinity, -Infinity]]) // prettier-ignore
    const slope = grad((x: Tensor) => sum(mul(maskedSoftmax(x, mask), tensor([1, 2, 3]))))(logits)
    expect(toArray(maskedSoftmax(logits, mask))).toEqual([[0.2689414322376251, 0.7310585975646973, 0], [0, 0, 0]]) // prettier-ignore
    expect(toArray(sliceAxis(slope, 0, 1, 2))).toEqual([[0, 0, 0]])
    expect(finite(slope)).toBe(true)
  })

  test("overflows nowhere, be it that what is masked is large or what is not", () => {
    const mask = bool([1, 1, 0])
    expect(toArray(maskedSoftmax(tensor([[3e38, 3e38, 0]]), mask))).toEqual([[0.5, 0.5, 0]])
    const f = (x: Tensor) => sum(maskedSoftmax(x, mask))
    expect(finite(grad(f)(tensor([[0, 0, 3e38]])))).toBe(true)
  })

  test("takes booleans only, of sizes that fit", () => {
    expect(() => maskedSoftmax(tensor([[1, 2]]), tensor([[1, 0]]))).toThrow("maskedSoftmax: expected a mask of bool, true for what counts; got f32[1, 2]") // prettier-ignore
    expect(() => maskedSoftmax(tensor([[1, 2]]), bool([1, 0, 1]))).toThrow("shapes")
  })

  test("of nothing is nothing", () => {
    expect(maskedSoftmax(zeros([2, 0]), bool([1])).shape).toEqual([2, 0])
  })
})

describe("scaledDotProductAttention", () => {
  const q = normal(key(2), [1, 2, 3, 4], { dtype: "f64" })

  test("takes -∞ in an additive mask as false in one of booleans", () => {
    const seen = bool([1, 0, 1], [0, 0, 0], [1, 1, 1])
    const added = tensor([[0, -Infinity, 0], [-Infinity, -Infinity, -Infinity], [0, 0, 0]], { dtype: "f64" }) // prettier-ignore
    const attend = (mask: Tensor) => scaledDotProductAttention(q, q, q, { mask })
    expect(toArray(attend(added))).toEqual(toArray(attend(seen)))
    expect(toArray(sliceAxis(attend(seen), 2, 1, 2))).toEqual(toArray(zeros([1, 2, 1, 4])))
    expect(finite(grad((q: Tensor) => sum(scaledDotProductAttention(q, q, q, { mask: added })))(q))).toBe(true)
    expect(finite(grad((mask: Tensor) => sum(scaledDotProductAttention(q, q, q, { mask })))(added))).toBe(true)
  })

  test("a NaN in an additive mask hides nothing, and is seen", () => {
    const mask = tensor([[NaN, 0, 0], [0, 0, 0], [0, -Infinity, 0]], { dtype: "f64" }) // prettier-ignore
    const rows = (y: Tensor) =>
      (toArray(y) as number[][][][]).flat(1).map(head => head.map(row => row.map(Number.isNaN)))
    const wanted = [true, false, false].map(isNaN => Array<boolean>(4).fill(isNaN))
    expect(rows(scaledDotProductAttention(q, q, q, { mask }))).toEqual([wanted, wanted])
    const { init, apply } = multiHeadAttention({ heads: 2 })
    const wide = broadcastTo(mask, [2, 3, 3])
    expect(rows(reshape(apply(init(key(0), x).params, [], x, { ...still, mask: wide })[0], [2, 1, 3, 4])).flat()).toEqual([...wanted, ...wanted]) // prettier-ignore
  })

  test.each([false, true])("lets no NaN through that the mask hides from all queries (causal: %s)", causal => {
    const hidden = (x: Tensor) => mul(x, tensor([[1], [NaN], [1]], { dtype: "f64" }))
    const masks = [bool([1, 0, 1]), tensor([0, -Infinity, 0], { dtype: "f64" }), bool([1, 0, 1], [0, 0, 1], [1, 0, 0])]
    for (const mask of masks) {
      const attend = (q: Tensor, k: Tensor, v: Tensor) => scaledDotProductAttention(q, k, v, { mask, causal })
      const shared = sliceAxis(q, 1, 0, 1)
      expect(toArray(attend(q, hidden(shared), hidden(shared)))).toEqual(toArray(attend(q, shared, shared)))
      const slopes = ([q, k, v]: readonly [Tensor, Tensor, Tensor]) => sum(mul(attend(q, k, v), attend(q, k, v)))
      const given = [q, hidden(shared), hidden(shared)] as const
      expect(toArray(grad(slopes)(given)[0])).toEqual(toArray(grad(slopes)([q, shared, shared])[0]))
      expect(finite(grad(slopes)(given))).toBe(true)
    }
  })

  test("survives scores that are too large for exp", () => {
    const large = mul(cast(q, "f32"), 1e4)
    expect(finite(scaledDotProductAttention(large, large, large))).toBe(true)
    expect(finite(grad((q: Tensor) => sum(scaledDotProductAttention(q, q, q, { causal: true })))(large))).toBe(true)
  })

  test("scales scores as it is told, by default by the root of the size", () => {
    const by = (scale: number) => scaledDotProductAttention(q, q, q, { scale })
    expect(worst(by(0.5), scaledDotProductAttention(q, q, q))).toBe(0)
    expect(worst(by(0), matmul(ones([1, 1, 3, 3], "f64"), mul(q, 1 / 3)))).toBeLessThan(1e-15)
  })

  test("takes empty batches, no keys and no queries", () => {
    const [none, empty] = [zeros([1, 2, 0, 4], "f64"), zeros([0, 2, 3, 4])]
    expect(toArray(scaledDotProductAttention(q, none, none))).toEqual(toArray(zeros([1, 2, 3, 4])))
    expect(scaledDotProductAttention(none, q, q).shape).toEqual([1, 2, 0, 4])
    expect(scaledDotProductAttention(none, q, q, { mask: cast(zeros([0, 3]), "bool") }).shape).toEqual([1, 2, 0, 4])
    expect(scaledDotProductAttention(empty, empty, empty, { causal: true }).shape).toEqual([0, 2, 3, 4])
  })

  test("says what does not fit", () => {
    const attend = (key: Tensor, mask?: Tensor) => () => scaledDotProductAttention(q, key, key, { mask })
    expect(attend(zeros([1, 2, 3, 5], "f64"))).toThrow("scaledDotProductAttention: expected queries [batch, heads, queries, size]") // prettier-ignore
    expect(attend(zeros([1, 3, 3, 4], "f64"))).toThrow("f64[1, 3, 3, 4]")
    expect(attend(q, bool([1, 1]))).toThrow("expected a mask that broadcasts to [1, 2, 3, 3]; got bool[1, 2]")
    expect(attend(q, zeros([3, 3]))).toThrow("expected a mask of bool or f64; got f32")
    // @ts-expect-error -- no such option
    expect(() => scaledDotProductAttention(q, q, q, { casual: true })).toThrow('did you mean "causal"')
  })
})

describe("multiHeadAttention", () => {
  const layer = multiHeadAttention({ heads: 2 })
  const { params } = layer.init(key(0), x)
  const run = (mask?: Tensor) => layer.apply(params, [], x, { ...still, ...(mask && { mask }) })[0]

  test("has biases unless it should have none", () => {
    const bare = multiHeadAttention({ heads: 2, bias: false }).init(key(0), x).params
    expectTypeOf(bare).toEqualTypeOf<AttentionParams<Kernel>>()
    expectTypeOf(params).toEqualTypeOf<AttentionParams>()
    expect(Tree.paths(bare)).toEqual(["key/kernel", "output/kernel", "query/kernel", "value/kernel"])
  })

  test("gives the bias where nothing is seen, and finite gradients", () => {
    const shifted = { ...params, output: { ...params.output, bias: tensor([1, 2, 3, 4], { dtype: "f64" }) } }
    const mask = bool([0, 0, 0], [1, 1, 0])
    const f = (p: typeof params) => layer.apply(p, [], x, { ...still, mask })[0]
    expect(toArray(sliceAxis(f(shifted), 0, 0, 1))).toEqual([[[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]]]) // prettier-ignore
    expect(finite(grad((p: typeof params) => sum(f(p)))(shifted))).toBe(true)
  })

  test("takes masks over keys, pairs and heads", () => {
    const keys = bool([1, 1, 0], [1, 0, 1])
    const wide = (shape: readonly number[], heads: readonly number[]) => broadcastTo(reshape(keys, heads), shape)
    expect(worst(run(wide([2, 3, 3], [2, 1, 3])), run(keys))).toBe(0)
    expect(worst(run(wide([2, 2, 3, 3], [2, 1, 1, 3])), run(keys))).toBe(0)
    expect(worst(run(keys), run())).toBeGreaterThan(1e-3)
  })

  test("lets a mask reach it from outside, through whatever it is in", () => {
    const block = connect("block", { attention: layer }, ({ attention }, x: Tensor) => attention(x))
    const closed = providing((x: Tensor) => [x, { mask: bool([1, 1, 0], [1, 1, 0]) }] as const)(block)
    const [y] = closed.apply({ attention: params }, { attention: [] }, x, still)
    expect(worst(y, run(bool([1, 1, 0], [1, 1, 0])))).toBe(0)
  })

  test("drops weights while training only, by the key", () => {
    const dropping = multiHeadAttention({ heads: 2, dropout: 0.5 })
    const train = (seed: number) => dropping.apply(params, [], x, { training: true, key: key(seed) })[0]
    expect(worst(dropping.apply(params, [], x, still)[0], run())).toBe(0)
    expect(worst(train(1), train(1))).toBe(0)
    expect(worst(train(1), train(2))).toBeGreaterThan(0)
  })

  test("takes a batch of one, one place, no place, and f32", () => {
    const of = (shape: readonly number[]) => layer.apply(layer.init(key(0), zeros(shape)).params, [], zeros(shape), still)[0] // prettier-ignore
    for (const shape of [[1, 1, 4], [2, 0, 4], [0, 3, 4], [1, 3, 2]]) expect(of(shape).shape).toEqual(shape) // prettier-ignore
    expect(of([1, 1, 4]).dtype).toBe("f32")
  })

  test("names itself and both numbers where heads do not divide", () => {
    expect(() => multiHeadAttention({ heads: 3 }).init(key(0), x)).toThrow("multiHeadAttention: expected a width that 3 heads divide; got 4") // prettier-ignore
    expect(() => multiHeadAttention({ heads: 3 }).apply(params, [], x, still)).toThrow("a width that 3 heads divide; got 4") // prettier-ignore
    expect(() => multiHeadAttention({ heads: 4, keyValueHeads: 3 })).toThrow("keyValueHeads to divide the 4 heads; got 3") // prettier-ignore
    expect(() => multiHeadAttention({ heads: 4, features: 6 })).toThrow("features that 4 heads divide; got 6")
    expect(() => multiHeadAttention({ heads: 4, rotary: 100 }).apply(params, [], x, still)).toThrow("rotary: expected vectors […, places, size] of even size; got f64[2, 4, 3, 1]") // prettier-ignore
  })

  test("refuses masks of another shape or dtype, and inputs that are no places", () => {
    expect(() => run(bool([1, 1, 1]))).toThrow("multiHeadAttention: expected mask [2, 3] (batch, keys), [2, 3, 3] or [2, 2, 3, 3]; got bool[1, 3]") // prettier-ignore
    expect(() => run(ones([2, 3], "i32"))).toThrow("expected mask of bool, true for what is there, or of f64; got i32")
    expect(() => run(cast(tensor([1, 1, 1]), "bool"))).toThrow("got bool[3]")
    expect(() => layer.init(key(0), zeros([2, 4]))).toThrow("expected inputs [batch, places, features]; got f32[2, 4]")
    expect(() => layer.apply(params, [], zeros([2, 3, 6], "f64"), still)).toThrow('multiHeadAttention at "query": expected inputs of 4 features; got f64[2, 3, 6]') // prettier-ignore
    expect(() => run([[true]] as never)).toThrow("multiHeadAttention: expected mask as a tensor")
  })
})

describe("crossAttention", () => {
  const layer = crossAttention({ heads: 2 })
  const memory = normal(key(4), [2, 5, 6], { dtype: "f64" })
  const { params } = layer.init(key(0), x, { memory })

  test("does not mind the order of the memory", () => {
    const run = (memory: Tensor) => layer.apply(params, [], x, { ...still, memory })[0]
    expect(worst(run(memory), run(flip(memory, 1)))).toBeLessThan(1e-14)
  })

  test("says that the memory is missing, or that its batch is another", () => {
    expect(() => layer.apply(params, [], x, still as never)).toThrow("crossAttention: expected a memory in the context, { memory }; got undefined") // prettier-ignore
    // @ts-expect-error -- no memory
    expect(() => layer.init(key(0), x)).toThrow("crossAttention: expected a memory in the context, { memory }")
    expect(() => layer.apply(params, [], x, { ...still, memory: zeros([1, 5, 6], "f64") })).toThrow("expected a memory of a batch of 2; got f64[1, 5, 6]") // prettier-ignore
    expect(() => layer.apply(params, [], x, { ...still, memory, memoryMask: bool([1]) })).toThrow("crossAttention: expected memoryMask [2, 5] (batch, keys)") // prettier-ignore
  })

  test("gives the bias where there is no memory", () => {
    const none = zeros([2, 0, 6], "f64")
    expect(toArray(layer.apply(params, [], x, { ...still, memory: none })[0])).toEqual(toArray(zeros([2, 3, 4])))
  })
})

describe("cachedAttention", () => {
  const options = { heads: 2, keyValueHeads: 1, rotary: 100, features: 8 } as const
  const cached = cachedAttention({ ...options, length: 6 })
  const long = normal(key(5), [2, 6, 4], { dtype: "f64" })
  const { params, state } = cached.init(key(0), long)
  const [whole] = multiHeadAttention({ ...options, causal: true }).apply(params, [], long, still)

  test.each([[[1, 1, 1, 1, 1, 1]], [[6]], [[2, 3, 1]], [[0, 5, 1]]])(
    "agrees with the whole, told in pieces %j",
    sizes => {
      const cuts = sizes.map((n, i) => [sizes.slice(0, i).reduce((a, b) => a + b, 0), n] as const)
      const told = cuts.reduce<{ readonly outputs: readonly Tensor[]; readonly state: typeof state }>(
        ({ outputs, state }, [from, n]) => {
          const [y, after] = evaluate(cached.apply(params, state, sliceAxis(long, 1, from, from + n), still))
          return { outputs: [...outputs, y], state: after }
        },
        { outputs: [], state }
      )
      expect(worst(concat(told.outputs, 1), whole)).toBeLessThan(1e-14)
      expect(item(told.state.count)).toBe(6)
    }
  )

  test.each([
    ["booleans", bool([0, 1, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1])],
    ["numbers", tensor([[0, -Infinity, 1, 2, 0, 0], [1, 0, 0, -1, 0, 2]], { dtype: "f64" })] // prettier-ignore
  ])("looks at a mask of %s over all places, as the whole does", (_, mask) => {
    const layer = multiHeadAttention({ ...options, causal: true })
    const [wanted] = layer.apply(params, [], long, { ...still, mask })
    const [first, after] = cached.apply(params, state, sliceAxis(long, 1, 0, 4), { ...still, mask })
    const [last] = cached.apply(params, after, sliceAxis(long, 1, 4, 6), { ...still, mask })
    expect(worst(concat([first, last], 1), wanted)).toBeLessThan(1e-14)
    expect(worst(wanted, whole)).toBeGreaterThan(0.01)
    const short = sliceAxis(mask, 1, 0, 4)
    const refused = "expected mask [2, 6] (batch, keys)"
    expect(() => cached.apply(params, state, sliceAxis(long, 1, 0, 4), { ...still, mask: short })).toThrow(refused)
    const block = cachedTransformerBlock({ heads: 2, hidden: 3, length: 6 })
    const begun = block.init(key(0), long)
    expect(() => block.apply(begun.params, begun.state, long, { ...still, mask: short })).toThrow(refused)
  })

  test("refuses more places than it has room for, and says so when it is computed", () => {
    const full = { ...state, count: tensor(5, { dtype: "i32" }) }
    expect(() => evaluate(cached.apply(params, full, sliceAxis(long, 1, 0, 2), still)[0])).toThrow("cachedAttention: expected places") // prettier-ignore
  })

  test("forgets what comes after a smaller count", () => {
    const [, after] = cached.apply(params, state, long, still)
    const back = { ...after, count: tensor(2, { dtype: "i32" }) }
    const [y] = cached.apply(params, back, sliceAxis(long, 1, 2, 4), still)
    expect(worst(y, sliceAxis(whole, 1, 2, 4))).toBeLessThan(1e-14)
  })
})

describe("rotary", () => {
  test("keeps lengths, and products where places are as far apart", () => {
    const [a, b] = [normal(key(6), [1, 8], { dtype: "f64" }), normal(key(7), [1, 8], { dtype: "f64" })]
    const at = (x: Tensor, place: number) => rotary(x, { places: tensor([place], { dtype: "i32" }) })
    const product = (i: number, j: number) => item(matmul(at(a, i), swapAxes(at(b, j), 0, 1)))
    expect(product(5000, 5007)).toBeCloseTo(product(0, 7), 12)
    expect(Math.abs(product(0, 7) - product(0, 6))).toBeGreaterThan(1e-3)
    expect(item(sum(mul(at(a, 9), at(a, 9))))).toBeCloseTo(item(sum(mul(a, a))), 12)
  })

  test("is as accurate at place 100 000 in f32", () => {
    const x = normal(key(8), [1, 8])
    const far = { places: tensor([100_000], { dtype: "i32" }) }
    expect(worst(cast(rotary(x, far), "f64"), rotary(cast(x, "f64"), far))).toBeLessThan(5e-7)
  })

  test("takes places that are integers, one number for each", () => {
    const at = (places: Tensor) => () => rotary(zeros([2, 4]), { places })
    expect(rotary(zeros([2, 4]), { places: zeros([2], "u32") }).shape).toEqual([2, 4])
    for (const dtype of ["f32", "f64", "bool"] as const)
      expect(at(zeros([2], dtype))).toThrow(
        expect.objectContaining({ name: "DTypeError", message: `rotary: expected places of i32 or u32; got ${dtype}` }) as Error // prettier-ignore
      )
    expect(at(zeros([3], "i32"))).toThrow("rotary: expected places [2]; got i32[3]")
    expect(at(zeros([], "i32"))).toThrow("rotary: expected places [2]; got i32[]")
    expect(at([0, 1] as never)).toThrow("rotary: expected places as a tensor; got an array of 2 (write tensor(…))")
  })

  test("takes no features and no places, and no base of 0", () => {
    expect(rotary(zeros([3, 0])).shape).toEqual([3, 0])
    expect(rotary(zeros([0, 4])).shape).toEqual([0, 4])
    expect(() => rotary(zeros([2, 2]), { base: 0 })).toThrow("rotary: expected base to be a finite number > 0; got 0")
  })
})
