import { describe, expect, expectTypeOf, test } from "vitest"
import {
  add,
  at,
  cast,
  compile,
  grad,
  item,
  max,
  mean,
  mul,
  ne,
  sub,
  sum,
  tensor,
  toArray,
  toTyped,
  Tree,
  valueAndGrad,
  zeros,
  abs,
  type Tensor
} from "thalweg"
import {
  activation,
  branch,
  connect,
  dense,
  dropout,
  observe,
  parallel,
  pretrained,
  providing,
  recurrent,
  relu,
  repeat,
  residual,
  sequential,
  stateless,
  tanh,
  withParams,
  type Affine,
  type Layer,
  type Mode,
  type Stateless
} from "thalweg/nn"
import { key, normal, split } from "thalweg/random"
import { predict } from "thalweg/train"

const still: Mode = { training: false }
const training = (seed: number): Mode => ({ training: true, key: key(seed) })
const x = normal(key(1), [4, 8])
const worst = (a: Tensor, b: Tensor): number => item(max(abs(sub(a, b))))
const ones = (...shape: readonly number[]): Tensor => add(zeros(shape), 1)

/** A layer that counts its calls. */
const counted: Layer<readonly [], { readonly calls: Tensor }> = {
  name: "counted",
  init: () => ({ params: [], state: { calls: tensor(0) } }),
  apply: (_, { calls }, x) => [x, { calls: add(calls, 1) }]
}

describe("a layer that gives no tree is named", () => {
  const none = { params: [], state: [] } as const
  const own = (apply: unknown, init: unknown = () => none): Stateless => ({ name: "own", init, apply }) as Stateless
  const x = zeros([1, 1])
  const late = own((_: unknown, state: unknown, x: unknown) => [Promise.resolve(x), state])
  const noTree = "expected an apply that returns a tensor or a tree of them; got an instance of Promise"
  test.each<[string, () => unknown]>([
    [`own at "1": ${noTree}`, () => sequential(activation(tanh), late).init(key(0), x)],
    [`own at "a": ${noTree}`, () => parallel({ a: late }).apply({ a: [] }, { a: [] }, { a: x } as never, still)],
    [`own: ${noTree}`, () => residual(late).apply([], [], x, still)],
    [`own: ${noTree}`, () => withParams(late).apply([], [], x, still)],
    [`own: ${noTree}`, () => observe(late)([], [], x, still)],
    [`own at "each": ${noTree}`, () => repeat(2)(late).init(key(0), x)],
    [`own: ${noTree}`, () => recurrent()(late).apply([], [], zeros([1, 1, 1]), still)],
    [`own: ${noTree}`, () => predict(late)({ params: [], state: [] }, x)],
    [
      'own at "0": expected an apply that returns [output, state]; got undefined',
      () => sequential(own(() => undefined)).init(key(0), x)
    ],
    [
      'own at "0": expected an init that returns { params, state }; got an instance of Promise',
      () => sequential(own(() => [x, []], () => Promise.resolve(none))).init(key(0), x) // prettier-ignore
    ],
    [
      "own: expected an init that returns { params, state }; got undefined",
      () => pretrained(none.params, none.state)(own(() => undefined, () => undefined)).init(key(0), x) // prettier-ignore
    ],
    [
      "own: expected an init that returns { params, state }; got undefined",
      () => providing((x: Tensor) => [x, {}])(own(() => undefined, () => undefined)).init(key(0), x) // prettier-ignore
    ],
    [
      "late: expected a function that returns a tensor or a tree of them; got undefined",
      () => stateless("late", () => undefined as never).apply([], [], x, still)
    ]
  ])("%s", (message, run) => {
    expect(run).toThrow(expect.objectContaining({ name: "DataError", message: message }))
  })
})

test.each([
  ["a/b", ""], // which would read as two
  ["", ' at "(root)"'],
  ["constructor", ' at "constructor"'],
  ["prototype", ' at "prototype"']
])("a part cannot be named %j, as no key of a tree can", (name, at) => {
  expect(() => sequential({ [name]: dense({ units: 1 }) })).toThrow(`sequential${at}: expected a key`)
})

describe("connect", () => {
  const siamese = connect(
    "siamese",
    { tower: dense({ units: 3 }), counted },
    ({ tower, counted }, { a, b }: { readonly a: Tensor; readonly b: Tensor }) =>
      sum(mul(counted(tower(a)), counted(tower(b))), { axes: -1 })
  )

  test("a part that is called twice has one set of parameters; its state goes through both calls", () => {
    const { params, state } = siamese.init(key(0), { a: x, b: x })
    expectTypeOf(params).toEqualTypeOf<{ readonly tower: Affine; readonly counted: readonly [] }>()
    expect(Tree.paths(params)).toEqual(["tower/bias", "tower/kernel"])
    const [, after] = siamese.apply(params, state, { a: x, b: x }, still)
    expect(toArray(after.counted.calls)).toBe(2)
    // the gradient of both uses adds up: ∂(t·t) = 2 t ∂t
    const both = grad((p: typeof params) => sum(siamese.apply(p, state, { a: x, b: x }, still)[0]))(params)
    const once = grad((p: Affine) => {
      const [y] = dense({ units: 3 }).apply(p, [], x, still)
      return sum(mul(y, y))
    })(params.tower)
    expect(worst(both.tower.kernel, once.kernel)).toBeLessThan(1e-5)
  })

  test("what a part draws depends on its name, and not on its neighbours", () => {
    const alone = sequential({ a: dense({ units: 8 }), z: dense({ units: 2 }) }).init(key(0), x)
    const beside = sequential({ a: dense({ units: 8 }), b: dense({ units: 8 }), z: dense({ units: 2 }) })
    expect(toTyped(beside.init(key(0), x).params.z.kernel)).toEqual(toTyped(alone.params.z.kernel))
    expect(toTyped(alone.params.a.kernel)).not.toEqual(toTyped(beside.init(key(0), x).params.b.kernel))
  })

  test("the calls of one part draw differently", () => {
    const twice = connect("twice", { drop: dropout({ rate: 0.5 }) }, ({ drop }, x: Tensor) => ({
      a: drop(x),
      b: drop(x)
    }))
    const [{ a, b }] = twice.apply({ drop: [] }, { drop: [] }, ones(1, 64), training(0))
    expect(toArray(a)).not.toEqual(toArray(b))
  })

  test.each<[string, () => unknown]>([
    [
      'TreeError: c: expected every part to be called; got "a", which is not',
      () => connect("c", { a: dense({ units: 1 }) }, (_, x: Tensor) => x).init(key(0), x)
    ],
    [
      'DataError: c at "a": expected a layer, such as dense({ units: 1 }) or activation(relu); got the function relu',
      () => connect("c", { a: relu as never }, (_, x: Tensor) => x)
    ],
    [
      "DataError: c: expected a record of layers; got an array of 1",
      () => connect("c", [dense] as never, (_, x: Tensor) => x)
    ],
    [
      "DataError: c: expected a function of the parts and the input; got undefined",
      () => connect("c", {}, undefined as never)
    ],
    [
      "TreeError: siamese: expected parameters of the parts tower, counted; got tower",
      () => siamese.apply({ tower: [] } as never, {} as never, { a: x, b: x }, still)
    ],
    [
      "TreeError: siamese: expected a state of the parts tower, counted; got an array of 0",
      () => siamese.apply({ tower: [], counted: [] } as never, [] as never, { a: x, b: x }, still)
    ],
    [
      "DataError: siamese: expected a mode, { training: false } or { training: true, key }; got undefined",
      () => siamese.apply({} as never, {} as never, { a: x, b: x }, undefined as never)
    ],
    [
      'ShapeError: dense at "body/head": expected inputs of 8 features; got f32[1, 7]',
      () => {
        const model = sequential({ body: sequential({ head: dense({ units: 2 }) }) })
        const { params, state } = model.init(key(0), zeros([1, 8]))
        return model.apply(params, state, zeros([1, 7]), still)
      }
    ],
    [
      'TreeError: sequential: expected names that do not look like numbers, whose order would be lost; got "1"',
      () => sequential({ 1: dense({ units: 1 }) })
    ],
    [
      'TreeError: parallel: expected names that do not look like numbers, whose order would be lost; got "10"',
      () => parallel({ b: dense({ units: 1 }), 10: dense({ units: 1 }) })
    ],
    [
      "DataError: late: expected a wiring that returns a tensor or a tree of them; got an instance of Promise",
      // eslint-disable-next-line @typescript-eslint/require-await -- a mistake that the compiler lets pass
      () => connect("late", { d: dense({ units: 1 }) }, async ({ d }, x: Tensor) => d(x)).init(key(0), zeros([1, 2]))
    ],
    [
      "TreeError: sequential: expected parameters and states in lists; got a record with keys a",
      () => sequential(dense({ units: 1 })).apply({ a: [] } as never, [[]], x, still)
    ]
  ])("%s", (message, use) => {
    const [name = "", ...text] = message.split(": ")
    expect(use).toThrow(expect.objectContaining({ name, message: text.join(": ") }) as Error)
  })
})

describe("residual, branch and parallel", () => {
  test("residual adds the input; a layer that does not give what it takes is named", () => {
    const layer = residual(dense({ units: 8 }))
    const { params, state } = layer.init(key(0), x)
    const [inner] = dense({ units: 8 }).apply(params, [], x, still)
    expect(toTyped(layer.apply(params, state, x, still)[0])).toEqual(toTyped(add(x, inner)))
    const narrow = sequential({ block: residual(dense({ units: 1 })) })
    expect(() => narrow.init(key(0), x)).toThrow(
      'residual at "block": expected dense to give what it takes, f32[4, 8]; got f32[4, 1]'
    )
  })

  test("branch gives a record, parallel joins along the last axis, in the order in which they are written", () => {
    const parts = { z: activation(relu), a: activation(tanh) } as const
    const none = { z: [], a: [] } as const
    const [outputs] = branch(parts).apply(none, none, tensor([[-1, 2]]), still)
    expect(toArray(outputs.z)).toEqual([[0, 2]])
    expect(Object.keys(outputs)).toEqual(["z", "a"])
    const [joined] = parallel(parts).apply(none, none, tensor([[-1, 0]]), still)
    expect(toArray(joined)).toEqual([[0, 0, Math.fround(Math.tanh(-1)), 0]])
  })
})

test("parts that would draw alike, since their names have one hash, are refused", () => {
  const parts = { costarring: dense({ units: 1 }), other: dense({ units: 1 }), liquid: dense({ units: 1 }) }
  for (const make of [() => branch(parts), () => parallel(parts), () => sequential(parts)])
    expect(make).toThrow(/: expected names of different hashes, .*; got "costarring" and "liquid"$/)
})

describe("providing", () => {
  const masked = stateless("masked", (x: Tensor, { mask }: { readonly mask: Tensor }) => mul(x, cast(mask, "f32")))
  const deep = sequential({ dense: dense({ units: 8 }), masked, again: repeat(2)(masked) })
  const closed = providing((x: Tensor) => [x, { mask: ne(x, 0) }] as const)(deep)

  test("gives the context to all parts, also inside a loop; an open layer fits nothing that trains, by type", () => {
    const input = tensor([[0, 1, 2, 3, 0, 1, 2, 3]])
    const { params, state } = closed.init(key(0), input)
    const [y] = closed.apply(params, state, input, still)
    const zero = (toArray(y) as number[][])[0]?.map(value => value === 0)
    expect(zero).toEqual([true, false, false, false, true, false, false, false])
    // @ts-expect-error the mask is missing
    expect(() => deep.init(key(0), input)).toThrow('cast at "masked": expected a tensor; got undefined')
    const trains = <P extends object, S extends object>(model: Layer<P, S>): string => model.name
    expect(trains(closed)).toBe("sequential")
    // @ts-expect-error what trains gives no mask
    trains(deep)
  })

  test("decides all of the context: what is outside reaches the layer by nothing else", () => {
    const seen: unknown[] = []
    const look = (mode: Mode & { readonly mask?: Tensor }): unknown =>
      seen.push([mode.training, "key" in mode, mode.mask])
    const looking: Layer<readonly [], readonly [], Tensor, Tensor, { readonly mask?: Tensor }> = {
      name: "looking",
      init: (_, __, context = {}) => (seen.push(context), { params: [], state: [] }),
      apply: (_, state, x, mode) => (look(mode), [x, state])
    }
    const alone = providing((x: Tensor) => [x, {}] as const)(looking)
    const outside = sequential({ alone, beside: looking })
    const [mask, none] = [ne(x, 0), { alone: [], beside: [] } as const]
    outside.apply(none, none, x, { training: true, key: key(0), mask })
    expect(seen).toEqual([[true, true, undefined], [true, true, mask]]) // prettier-ignore
    seen.length = 0
    alone.init(key(0), x, { mask })
    expect(seen).toEqual([{}])
    const [, , parts] = observe(outside)(none, none, x, { training: false, mask })
    expect(parts.map(({ path }) => path)).toEqual(["alone", "beside"])
    const nested = providing((x: Tensor) => [x, {}] as const)(sequential({ inner: activation(relu) }))
    const told = observe(nested)({ inner: [] }, { inner: [] }, x, still)[2]
    expect(told.map(({ path }) => path)).toEqual(["inner"])
  })

  test("passes on the context from outside, and hides nothing of the mode", () => {
    const both = stateless("both", (x: Tensor, { mask, scale }: { readonly mask: Tensor; readonly scale: Tensor }) =>
      mul(mul(x, cast(mask, "f32")), scale)
    )
    const half = providing(
      (x: Tensor, { scale }: Mode & { readonly scale: Tensor }) => [x, { mask: ne(x, 0), scale }] as const
    )(both)
    expect(toArray(half.apply([], [], tensor([2, 0]), { training: false, scale: tensor(3) })[0])).toEqual([6, 0])
    const bad = providing((x: Tensor) => [x, { key: key(0) }] as const)(activation(relu))
    expect(() => bad.apply([], [], x, still)).toThrow(
      "providing: expected a context without training and key, which modes have; got key"
    )
    const none = providing((x: Tensor) => x as unknown as readonly [Tensor, object])(activation(relu))
    expect(() => none.apply([], [], x, still)).toThrow("providing: expected [input, context]; got a tensor f32[4, 8]")
  })
})

describe("repeat", () => {
  const unit = sequential({ dense: dense({ units: 8 }), counted, tanh: activation(tanh) })
  const deep = repeat(3)(unit)

  test("is the layer applied to each slice of parameters and state", () => {
    const { params, state } = deep.init(key(0), x)
    expect(Tree.paths(params)).toEqual(["each/dense/bias", "each/dense/kernel"])
    expect([params.each.dense.kernel.shape, state.each.counted.calls.shape]).toEqual([[3, 8, 8], [3]])
    const kernels = toTyped(params.each.dense.kernel)
    expect(kernels.slice(0, 64)).not.toEqual(kernels.slice(64, 128))
    const slice = <T extends Tree>(tree: T, i: number): T => Tree.map((leaf: Tensor) => at(leaf, i))(tree)
    const [y, after] = deep.apply(params, state, x, still)
    const byHand = [0, 1, 2].reduce((x, i) => unit.apply(slice(params.each, i), slice(state.each, i), x, still)[0], x)
    expect(worst(y, byHand)).toBe(0)
    expect(toArray(after.each.counted.calls)).toEqual([1, 1, 1])
    // derivatives too
    const loss = (p: typeof params, x: Tensor): Tensor => sum(deep.apply(p, state, x, still)[0])
    const unrolled = (p: typeof params, x: Tensor): Tensor =>
      sum([0, 1, 2].reduce((x, i) => unit.apply(slice(p.each, i), slice(state.each, i), x, still)[0], x))
    const [a, b] = [loss, unrolled].map(f => valueAndGrad(f)(params, x)[1]) as [typeof params, typeof params]
    expect(worst(a.each.dense.kernel, b.each.dense.kernel)).toBeLessThan(1e-6)
  })

  test("each time draws for itself, and the whole compiles", () => {
    const drops = repeat(2)(dropout({ rate: 0.5 }))
    const keep = compile((k: Tensor) =>
      mean(cast(ne(drops.apply({ each: [] }, { each: [] }, ones(1, 4000), { training: true, key: k })[0], 0), "f32"))
    )
    expect(item(keep(key(3)))).toBeCloseTo(0.25, 1)
  })

  test("of one time is the layer by the first of the split keys, at the start and while training", () => {
    const layer = sequential({ dense: dense({ units: 8 }), drop: dropout({ rate: 0.5 }) })
    const [once, [first]] = [repeat(1)(layer), split(key(3), 1)]
    const begun = layer.init(first, x)
    const { params, state } = once.init(key(3), x)
    expect(toArray(params.each.dense.kernel)).toEqual([toArray(begun.params.dense.kernel)])
    const drawn = (key: Tensor) => toArray(layer.apply(begun.params, begun.state, x, { training: true, key })[0])
    expect(toArray(once.apply(params, state, x, training(3))[0])).toEqual(drawn(first))
    expect(drawn(first)).not.toEqual(drawn(key(3)))
  })

  test.each<[string, () => unknown]>([
    ["repeat: expected times to be a whole number ≥ 1; got 0", () => repeat(0)],
    [
      'repeat at "blocks": expected dense to give what it takes, f32[4, 8]; got f32[4, 3]',
      () => sequential({ blocks: repeat(2)(dense({ units: 3 })) }).init(key(0), x)
    ],
    [
      "repeat: expected a layer, such as dense({ units: 1 }) or activation(relu); got the function relu",
      () => repeat(2)(relu as never)
    ]
  ])("%s", (message, use) => {
    expect(use).toThrow(message)
  })
})

describe("observe", () => {
  test("tells what each part did, by path, and changes nothing", () => {
    const model = sequential({
      body: repeat(2)(sequential({ dense: dense({ units: 8 }), relu: activation(relu) })),
      head: dense({ units: 2 })
    })
    const { params, state } = model.init(key(0), x)
    const [y, after, parts] = observe(model)(params, state, x, still)
    expect(toTyped(y)).toEqual(toTyped(model.apply(params, state, x, still)[0]))
    expect(after).toEqual(state)
    expect(parts.map(({ path, layer }) => `${path} ${layer.name}`)).toEqual([
      "body repeat(2)",
      "body/each sequential",
      "body/each/dense dense",
      "body/each/relu relu",
      "head dense"
    ])
    expect(toTyped(parts.at(-1)?.output as Tensor)).toEqual(toTyped(y))
    expect(item(sum(parts[3]?.output as Tensor))).toBeGreaterThan(0) // a value, not a symbol of the loop
  })
})
