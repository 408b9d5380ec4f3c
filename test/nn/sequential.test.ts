import { describe, expect, expectTypeOf, test } from "vitest"
import { add, compile, mul, tensor, toArray, toTyped, Tree, zeros, type Tensor } from "thalweg"
import { activation, dense, dropout, relu, sequential, tanh, type Affine, type Layer, type Mode } from "thalweg/nn"
import { foldIn, key } from "thalweg/random"

const still: Mode = { training: false }
const training = (seed: number): Mode => ({ training: true, key: key(seed) })
const bits = (tree: Tree): readonly (readonly number[])[] => Tree.leaves(tree).map(t => [...toTyped(t)])
const ones = (...shape: readonly number[]): Tensor => add(zeros(shape), 1)

/** A layer that counts its calls in its state, and adds its parameter. */
const counting = (start: number): Layer<{ readonly shift: Tensor }, { readonly calls: Tensor }> => ({
  name: "counting",
  init: () => ({ params: { shift: tensor(start) }, state: { calls: tensor(0) } }),
  apply: ({ shift }, { calls }, x) => [mul(add(x, shift), 2), { calls: add(calls, 1) }]
})

describe("sequential", () => {
  test("types parameters and states as tuples in the order of the layers", () => {
    const { params, state } = sequential(dense({ units: 3 }), activation(tanh), counting(1)).init(key(0), zeros([1, 2]))
    expectTypeOf(params).toEqualTypeOf<readonly [Affine, readonly [], { readonly shift: Tensor }]>()
    expectTypeOf(state).toEqualTypeOf<readonly [readonly [], readonly [], { readonly calls: Tensor }]>()
    expect(Tree.paths([params, state])).toEqual(["0/0/bias", "0/0/kernel", "0/2/shift", "1/2/calls"])
  })

  test("says at which layer an input does not fit, by its path", () => {
    const model = sequential(dense({ units: 2 }), sequential(activation(relu), dense({ units: 3 })))
    const { params, state } = model.init(key(0), zeros([1, 4]))
    const narrow = sequential(dense({ units: 2 }), sequential(activation(relu), dense({ units: 3 }))).init(
      key(0),
      zeros([1, 5])
    )
    const mixed = [narrow.params[0], [[], { ...params[1][1], kernel: zeros([7, 3]) }]] as const
    expect(() => model.apply(params, state, zeros([1, 3]), still)).toThrow('dense at "0": expected inputs of 4 features; got f32[1, 3]') // prettier-ignore
    expect(() => model.apply(mixed, state, zeros([1, 5]), still)).toThrow('dense at "1/1": expected inputs of 7 features; got f32[1, 2]') // prettier-ignore
    expect(() => sequential(dense({ units: 2 }), sequential(dense({ units: 3 }))).init(key(0), zeros([]))).toThrow(
      'dense at "0": expected inputs'
    )
  })

  test("applies one layer after the other, and each to its own parameters and state", () => {
    const model = sequential(counting(1), counting(10), counting(100))
    const { params, state } = model.init(key(0), zeros([1, 1]))
    const [y, after] = model.apply(params, state, tensor([[1]]), still)
    expect(toArray(y)).toEqual([[2 * (2 * (2 * (1 + 1) + 10) + 100)]])
    const [, later] = model.apply(params, after, y, still)
    expect(bits(later)).toEqual([[2], [2], [2]])
  })

  test("passes shapes along", () => {
    const model = sequential(dense({ units: 7 }), activation(relu), dropout({ rate: 0.5 }), dense({ units: 3 }))
    const { params, state } = model.init(key(0), zeros([1, 5, 2]))
    expect(Tree.leaves(params).map(t => t.shape)).toEqual([[7], [2, 7], [3], [7, 3]])
    expect(model.apply(params, state, zeros([4, 5, 2]), still)[0].shape).toEqual([4, 5, 3])
  })

  test("of nothing is the identity", () => {
    expect(sequential().init(key(0), zeros([1, 4, 2]))).toEqual({ params: [], state: [] })
    const x = ones(3, 4, 2)
    expect(sequential().apply([], [], x, training(0))).toEqual([x, []])
  })

  test("is associative up to regrouping parameters, for layers that draw nothing", () => {
    const [a, b, c] = [dense({ units: 4 }), activation(tanh), dense({ units: 2 })] as const
    const x = ones(3, 5)
    const { params, state } = sequential(a, b, c).init(key(0), zeros([1, 5]))
    const flat = toTyped(sequential(a, b, c).apply(params, state, x, training(1))[0])
    const left = sequential(sequential(a, b), c)
    const right = sequential(a, sequential(b, c))
    const around = sequential(sequential(), sequential(a, b, c))
    const [p, q, r] = params
    expect(toTyped(left.apply([[p, q], r], [[[], []], []], x, still)[0])).toEqual(flat)
    expect(toTyped(right.apply([p, [q, r]], [[], [[], []]], x, still)[0])).toEqual(flat)
    expect(toTyped(around.apply([[], params], [[], state], x, still)[0])).toEqual(flat)
  })

  test("the same key gives the same bits, drawn or compiled; other layers and other keys give others", () => {
    const model = sequential(dense({ units: 5 }), dense({ units: 5 }), sequential(dense({ units: 5 })))
    const { params } = model.init(key(3), zeros([1, 5]))
    expect(bits(model.init(key(3), zeros([1, 5])).params)).toEqual(bits(params))
    expect(bits(compile((k: Tensor) => model.init(k, zeros([1, 5])).params)(key(3)))).toEqual(bits(params))
    const kernels = [params, model.init(key(4), zeros([1, 5])).params]
      .flatMap(([a, b, [c]]) => [a, b, c])
      .map(p => String(bits(p.kernel)))
    expect(new Set(kernels).size).toBe(6)
  })
})

describe("keys", () => {
  const x = ones(1, 256)
  /** The masks of all dropout layers, each seen alone: the others are put at rate 0. */
  const masks = (
    build: (rates: readonly number[]) => Layer<Tree, Tree>,
    layers: number,
    mode: Mode
  ): readonly string[] =>
    Array.from({ length: layers }, (_, alone) => {
      const model = build(Array.from({ length: layers }, (__, i) => (i === alone ? 0.5 : 0)))
      const { params, state } = model.init(key(0), zeros([1, 256]))
      return String(toArray(model.apply(params, state, x, mode)[0]))
    })
  const flat = ([a = 0, b = 0, c = 0]: readonly number[]) =>
    sequential(dropout({ rate: a }), dropout({ rate: b }), dropout({ rate: c }))
  const nested = ([a = 0, b = 0, c = 0, d = 0]: readonly number[]) =>
    sequential(
      sequential(dropout({ rate: a }), dropout({ rate: b })),
      sequential(dropout({ rate: c })),
      dropout({ rate: d })
    )

  test("are independent for each layer, also of nested models, and of every step", () => {
    const all = [0, 1].flatMap(seed => {
      const model = (rates: readonly number[]) => flat(rates) as unknown as Layer<Tree, Tree>
      const deep = (rates: readonly number[]) => nested(rates) as unknown as Layer<Tree, Tree>
      return [...masks(model, 3, training(seed)), ...masks(deep, 4, training(seed))]
    })
    // The last layers of both models stand at the same place: they share one mask for each key.
    expect(new Set(all).size).toBe(all.length - 2)
  })

  test("of a layer depend on its name and on how often it was called", () => {
    // the first call of a part; a name is hashed by FNV-1a
    const hash = (name: string) => Math.imul(2166136261 ^ name.charCodeAt(0), 16777619) & 0x7fffffff
    const call = (key: Tensor, name: string): Tensor => foldIn(foldIn(key, hash(name)), 1)
    const [expected] = dropout({ rate: 0.5 }).apply([], [], x, { training: true, key: call(call(key(9), "1"), "0") })
    const model = sequential(dropout({ rate: 0 }), sequential(dropout({ rate: 0.5 })))
    const [y] = model.apply([[], [[]]], [[], [[]]], x, training(9))
    expect(toTyped(y)).toEqual(toTyped(expected))
  })
})
