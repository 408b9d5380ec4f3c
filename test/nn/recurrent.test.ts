import { describe, expect, expectTypeOf, test } from "vitest"
import {
  add,
  concat,
  grad,
  mul,
  ones,
  sliceAxis,
  square,
  sum,
  tensor,
  toArray,
  toTyped,
  Tree,
  zeros,
  type Tensor
} from "thalweg"
import {
  bidirectional,
  connect,
  dense,
  dropout,
  gruCell,
  lengthMask,
  lstmCell,
  observe,
  providing,
  recurrent,
  repeat,
  residual,
  rnnCell,
  sequential,
  stateful,
  summary,
  zerosInitializer,
  type Affine,
  type Directions,
  type GruCellOptions,
  type Hidden,
  type Initializer,
  type Kernel,
  type Layer,
  type LstmState,
  type Mode,
  type None,
  type WithState
} from "thalweg/nn"
import { foldIn, key, normal } from "thalweg/random"
import { decodeModel, encodeModel } from "thalweg/spec"

const still: Mode = { training: false }
const lengths = (...of: readonly number[]): Tensor => tensor(of, { dtype: "i32" })
const allFinite = (tree: Tree): boolean => Tree.leaves(tree).every(t => toTyped(t).every(Number.isFinite))

/** A cell whatever its parameters and state. */
type Make = (options: GruCellOptions) => Layer<Tree, Tree>
const cells = Object.entries({ rnnCell, lstmCell, gruCell }) as unknown as readonly (readonly [string, Make])[]

describe.each(cells)("%s", (name, make) => {
  const cell = make({ units: 2 })
  const x = normal(key(1), [3, 4])
  const { params, state } = cell.init(key(0), x)

  test("refuses inputs, states and options that do not fit, and says so by its name", () => {
    expect(() => cell.init(key(0), zeros([3]))).toThrow(`${name}: expected inputs [batch, features]; got f32[3]`)
    expect(() => cell.init(key(0), zeros([3, 1, 4]))).toThrow(`${name}: expected inputs [batch, features]; got f32[3, 1, 4]`) // prettier-ignore
    expect(() => cell.init(key(0), zeros([3, 4], "i32"))).toThrow(`${name}: expected f32 or f64; got i32`)
    expect(() => cell.apply(params, state, zeros([3, 5]), still)).toThrow(`${name}: expected inputs of 4 features; got f32[3, 5]`) // prettier-ignore
    expect(() => cell.apply(params, state, zeros([1, 4]), still)).toThrow(`${name} at "hidden": expected a batch of 3, for which the state is (recurrent begins anew with every batch; where the state goes on, remainder: "drop" leaves out a smaller last one); got inputs f32[1, 4]`) // prettier-ignore
    expect(() => cell.apply(params, [], zeros([1, 4]), still)).toThrow(name)
    expect(() => make({ units: 0 })).toThrow(`${name}: expected units to be a whole number ≥ 1; got 0`)
    expect(() => make({ units: 1, activations: 3 } as never)).toThrow("expected options among units")
  })

  test("keeps the dtype, and takes batches of 1 and 0 and no features", () => {
    for (const shape of [
      [1, 4],
      [0, 4],
      [2, 0]
    ] as const)
      for (const dtype of ["f32", "f64"] as const) {
        const input = zeros(shape, dtype)
        const own = cell.init(key(0), input)
        const [y, after] = cell.apply(own.params, own.state, input, still)
        expect([y.shape, y.dtype]).toEqual([[shape[0], 2], dtype])
        expect(Tree.leaves(after).map(t => t.dtype)).toEqual(Tree.leaves(own.state).map(() => dtype))
      }
  })

  test("has finite values and derivatives where everything is large", () => {
    if (name === "rnnCell") return
    const loss = (p: Tree): Tensor => sum(square(cell.apply(p, state, mul(x, 1e6), still)[0]))
    expect(allFinite([loss(params), grad(loss)(params)])).toBe(true)
  })

  test("draws each of its parameters from a key of its own", () => {
    const draw: Initializer = (own, shape) => normal(own, shape)
    const drawn = make({
      units: 2,
      kernel: draw,
      recurrent: draw,
      bias: draw,
      ...(name === "lstmCell" && { forgetBias: 0 })
    })
    const values = Tree.leaves(drawn.init(key(0), zeros([1, 2])).params).flatMap(t => [...toTyped(t)])
    expect(new Set(values).size).toBe(values.length)
  })
})

describe("cells", () => {
  test("have a bias or none, as their types say", () => {
    type R = { readonly recurrent: Tensor }
    expectTypeOf(rnnCell({ units: 2 }).init(key(0), zeros([1, 1])).params).toExtend<Affine & R>()
    expectTypeOf(lstmCell({ units: 2, bias: false }).init(key(0), zeros([1, 1])).params).toEqualTypeOf<Kernel & R>()
    expectTypeOf(gruCell({ units: 2 }).init(key(0), zeros([1, 1])).params).toExtend<
      Affine & R & { readonly recurrentBias: Tensor }
    >()
    expectTypeOf(gruCell({ units: 2, bias: false }).init(key(0), zeros([1, 1])).params).toEqualTypeOf<Kernel & R>()
    const none = cells.map(([, make]) => make({ units: 2, bias: false }).init(key(0), zeros([1, 1])))
    expect(none.map(({ params }) => Tree.paths(params))).toEqual([0, 1, 2].map(() => ["kernel", "recurrent"]))
  })

  test("lstmCell adds the forget gate's bias to what is drawn", () => {
    const bias = (options: object) =>
      toArray(lstmCell({ units: 1, ...options }).init(key(0), zeros([1, 1])).params.bias)
    expect(bias({})).toEqual([0, 1, 0, 0])
    expect(bias({ forgetBias: 0 })).toEqual([0, 0, 0, 0])
    expect(bias({ forgetBias: -2, bias: (_: Tensor, shape: readonly number[]) => ones(shape) })).toEqual([1, -1, 1, 1])
    expect(bias({ kernel: zerosInitializer })).toEqual([0, 1, 0, 0])
    expect(() => lstmCell({ units: 1, forgetBias: Infinity })).toThrow("forgetBias to be a finite number")
  })
})

describe("recurrent", () => {
  const cell = lstmCell({ units: 2 })
  const x = normal(key(1), [2, 5, 3])
  const layer = recurrent()(cell)
  const { params } = layer.init(key(0), x)

  test("is of the types of its cell, its state none; a mask may be given or not", () => {
    expectTypeOf(layer.init(key(0), x).state).toEqualTypeOf<None>()
    expectTypeOf(stateful()(cell).init(key(0), x).state).toEqualTypeOf<LstmState>()
    const both = bidirectional()(gruCell({ units: 1, bias: false })).init(key(0), x)
    expectTypeOf(both.params.backward.recurrent).toEqualTypeOf<Tensor>()
    expectTypeOf(both.state.forward).toEqualTypeOf<None>()
    const stack = stateful()(sequential({ one: rnnCell({ units: 3 }), two: gruCell({ units: 2 }) }))
    expectTypeOf(stack.init(key(0), x).state).toEqualTypeOf<{ readonly one: Hidden; readonly two: Hidden }>()
    expectTypeOf(layer.apply).parameter(3).toExtend<Mode & { readonly mask?: Tensor }>()
  })

  test.each([
    ["recurrent", recurrent],
    ["stateful", stateful],
    ["bidirectional", bidirectional]
  ])("%s refuses what is no cell, no option, no sequence and no mask", (name, make) => {
    expect(() => make()(5 as never)).toThrow(`${name}: expected a layer, such as dense({ units: 1 }) or activation(relu); got 5`) // prettier-ignore
    expect(() => make(cell as never)).toThrow(
      `${name}: expected options first, as in ${name}(options)(layer); got a layer, lstmCell`
    )
    expect(() => make({ give: "first" } as never)).toThrow(
      `${name}: expected give to be all or last or withState; got "first"`
    )
    const of = make()(cell)
    const own = of.init(key(0), x)
    const run = (input: Tensor, mask?: unknown) =>
      of.apply(own.params as never, own.state as never, input, { ...still, mask } as never)
    expect(() => of.init(key(0), zeros([2, 0, 3]))).toThrow("expected sequences [batch, places, …] of one place or more; got f32[2, 0, 3]") // prettier-ignore
    expect(() => run(zeros([2, 0, 3]))).toThrow("sequences [batch, places, …]")
    expect(() => run(zeros([2]))).toThrow("sequences [batch, places, …]")
    expect(() => run(zeros([2, 3]))).toThrow("expected inputs [batch, features]; got f32[2]")
    expect(() => run(zeros([2, 5, 4]))).toThrow("expected inputs of 3 features; got f32[2, 4]")
    expect(() => run(5 as never)).toThrow("a batch of inputs")
    expect(() => run(x, zeros([2, 5]))).toThrow("a mask of bool, true where a place is there; got f32")
    expect(() => run(x, zeros([2, 4], "bool"))).toThrow("expected a mask [2, 5]; got [2, 4]")
    expect(() => run(x, zeros([1, 5], "bool"))).toThrow("expected a mask [2, 5]; got [1, 5]")
    expect(() => run(x, [true])).toThrow("a mask of places")
    expect(() => of.apply(own.params as never, own.state as never, x, {} as never)).toThrow("a mode")
    expect(() => of.apply(own.params as never, own.state as never, x, undefined as never)).toThrow("a mode")
  })

  test("says at which part of a cell something does not fit", () => {
    const stack = recurrent()(sequential({ one: lstmCell({ units: 2 }), two: gruCell({ units: 2 }) }))
    const own = stack.init(key(0), x)
    const wrong = { ...own.params, two: { ...own.params.two, kernel: zeros([7, 6]) } }
    expect(() => stack.apply(wrong, [], x, still)).toThrow(
      'gruCell at "two": expected inputs of 7 features; got f32[2, 2]'
    )
    const kept = stateful()(cell).init(key(0), x)
    expect(() => stateful()(cell).apply(params, kept.state, zeros([1, 5, 3]), still)).toThrow('lstmCell at "hidden": expected a batch of 2, for which the state is (recurrent begins anew with every batch; where the state goes on, remainder: "drop" leaves out a smaller last one); got inputs f32[1, 3]') // prettier-ignore
  })

  test("gives 0 for a sequence of length 0, also as its last output, and finite derivatives", () => {
    const mode = { ...still, mask: lengthMask(lengths(0, 3), 5) }
    const [y] = layer.apply(params, [], x, mode)
    expect(toArray(sliceAxis(y, 0, 0, 1))).toEqual([[[0, 0], [0, 0], [0, 0], [0, 0], [0, 0]]]) // prettier-ignore
    const last = recurrent({ give: "last" })(cell)
    expect(toArray(last.apply(params, [], x, mode)[0])[0 as never]).toEqual([0, 0])
    const loss = (p: typeof params): Tensor => sum(square(last.apply(p, [], x, mode)[0]))
    expect(allFinite(grad(loss)(params))).toBe(true)
  })

  test("does not let what stands beyond the lengths into values or derivatives, be it NaN", () => {
    const mask = lengthMask(lengths(2, 2), 5)
    const [head, rest] = [sliceAxis(x, 1, 0, 2), zeros([2, 3, 3])]
    const both = bidirectional()(gruCell({ units: 2 }))
    const own = both.init(key(0), x)
    const of = (input: Tensor) =>
      grad((p: typeof own.params): Tensor => sum(square(both.apply(p, own.state, input, { ...still, mask })[0])))(
        own.params
      )
    const [a, b] = [of(concat([head, mul(rest, NaN)], 1)), of(concat([head, rest], 1))]
    expect(Tree.leaves(a).map(t => [...toTyped(t)])).toEqual(Tree.leaves(b).map(t => [...toTyped(t)]))
    expect(allFinite(a)).toBe(true)
  })

  test("hands its context to the cell, from the first, but for the mask, which is of all places", () => {
    type Context = { readonly lean: Tensor; readonly mask?: Tensor }
    const leaning: Layer<None, { readonly sum: Tensor }, Tensor, Tensor, Context> = {
      name: "leaning",
      init: (_, input, { lean }) => ({ params: [], state: { sum: add(zeros(input.shape), lean) } }),
      apply: (_, state, input, { lean, mask }) => {
        const total = add(state.sum, mul(input, lean))
        return [mask === undefined ? total : zeros(input.shape), { sum: total }]
      }
    }
    const context = { lean: tensor(2), mask: lengthMask(lengths(2), 3) }
    const [y] = recurrent()(leaning).apply([], [], ones([1, 3, 1]), { ...still, ...context })
    expect(toArray(y)).toEqual([[[4], [6], [0]]])
    expect(toArray(stateful()(leaning).init(key(0), ones([1, 3, 1]), context).state.sum)).toEqual([[2]])
  })

  test("draws anew at every place, unless it is variational", () => {
    const kept = (options: object) => {
      const dropped = recurrent(options)(dropout({ rate: 0.5 }))
      const [y] = dropped.apply([], [], ones([1, 4, 64]), { training: true, key: key(5) })
      return new Set([0, 1, 2, 3].map(i => String(toArray(sliceAxis(y, 1, i, i + 1))))).size
    }
    expect(kept({})).toBe(4)
    expect(kept({ variational: true })).toBe(1)
    const none = recurrent()(dropout({ rate: 0.5 })).apply([], [], ones([1, 4, 8]), still)[0]
    expect(toArray(none)).toEqual(toArray(ones([1, 4, 8])))
  })

  test("of one place draws as the cell does by the key of that place, or, variational, by its own", () => {
    const cell = dropout({ rate: 0.5 })
    const by = (key: Tensor) => [toArray(cell.apply([], [], ones([1, 64]), { training: true, key })[0])]
    const run = (options: object) => toArray(recurrent(options)(cell).apply([], [], ones([1, 1, 64]), { training: true, key: key(5) })[0]) // prettier-ignore
    expect(run({})).toEqual(by(foldIn(key(5), 0)))
    expect(run({ variational: true })).toEqual(by(key(5)))
    expect(by(foldIn(key(5), 0))).not.toEqual(by(key(5)))
  })

  test("takes whatever has a batch and places: words, or images", () => {
    const sums = recurrent()(residual(dense({ units: 4 })))
    expect(sums.apply(sums.init(key(0), zeros([2, 3, 5, 4])).params, [], zeros([2, 3, 5, 4]), still)[0].shape).toEqual([2, 3, 5, 4]) // prettier-ignore
  })

  test("can be repeated, and can be a cell itself", () => {
    const deep = repeat(2)(bidirectional({ merge: "sum" })(gruCell({ units: 3 })))
    const own = deep.init(key(0), x)
    expect(own.params.each.forward.kernel.shape).toEqual([2, 3, 9])
    expect(deep.apply(own.params, own.state, x, still)[0].shape).toEqual([2, 5, 3])
    const documents = zeros([2, 4, 5, 3])
    const nested = recurrent({ give: "last" })(sequential(recurrent({ give: "last" })(cell), gruCell({ units: 7 })))
    const { params } = nested.init(key(0), documents)
    expect(nested.apply(params, [], documents, still)[0].shape).toEqual([2, 7])
  })

  test("is told of once in summaries, with the parts of its cell", () => {
    const model = sequential({
      time: recurrent()(sequential({ one: lstmCell({ units: 2 }), two: dense({ units: 1 }) }))
    })
    const own = model.init(key(0), x)
    const [, , parts] = observe(model)(own.params, own.state, x, still)
    expect(parts.map(({ path, output }) => [path, (output as Tensor).shape])).toEqual([
      ["time", [2, 5, 1]],
      ["time/one", [2, 2]],
      ["time/two", [2, 1]]
    ])
    expect(summary(model, x)).toMatch(/time +recurrent\(sequential\) +\[2, 5, 1\] +51 +420/) // 5 · 2 · (3·8 + 2·8 + 2·1)
  })

  test("keeps how it was made", () => {
    expect(recurrent({ reverse: true })(cell).spec).toEqual({
      layer: "recurrent",
      options: { reverse: true, of: cell }
    })
    expect(stateful()(cell).spec).toEqual({ layer: "stateful", options: { of: cell } })
    expect(bidirectional({ merge: "sum" })(cell)).toMatchObject({
      name: "bidirectional(lstmCell)",
      spec: { layer: "bidirectional", options: { merge: "sum", of: cell } }
    })
  })
})

describe("the state of a run", () => {
  type Begun = { readonly x: Tensor; readonly initial: LstmState }
  type Pair = { readonly source: Tensor; readonly target: Tensor }
  const seq2seq = connect(
    "seq2seq",
    {
      encoder: recurrent({ give: "withState" })(lstmCell({ units: 4 })),
      decoder: providing(({ x, initial }: Begun) => [x, { initial }])(recurrent()(lstmCell({ units: 4 })))
    },
    ({ encoder, decoder }, { source, target }: Pair) => decoder({ x: target, initial: encoder(source).state })
  )
  const pair = { source: normal(key(0), [2, 5, 3]), target: normal(key(1), [2, 6, 3]) }

  test("goes from an encoder to a decoder, and derivatives come back", () => {
    const { params, state } = seq2seq.init(key(2), pair)
    expectTypeOf(state.encoder).toEqualTypeOf<None>()
    const loss = (p: typeof params): Tensor => sum(square(seq2seq.apply(p, state, pair, still)[0]))
    const slope = grad(loss)(params).encoder
    expect(Tree.leaves(slope).map(t => Math.max(...toTyped(t).map(Math.abs)) > 1e-6)).toEqual([true, true, true])
    const [a, b] = [pair, { ...pair, source: zeros([2, 5, 3]) }].map(x => toArray(seq2seq.apply(params, state, x, still)[0])) // prettier-ignore
    expect(a).not.toEqual(b)
  })

  test("has the types of the cell", () => {
    const give = "withState"
    const x = zeros([1, 2, 3])
    expectTypeOf(recurrent({ give })(lstmCell({ units: 1 })).apply).returns.toEqualTypeOf<
      readonly [WithState<LstmState>, None]
    >()
    expectTypeOf(stateful({ give })(gruCell({ units: 1 })).apply).returns.toEqualTypeOf<
      readonly [WithState<Hidden>, Hidden]
    >()
    expectTypeOf(bidirectional({ give })(gruCell({ units: 1 })).apply).returns.toEqualTypeOf<
      readonly [WithState<Directions<Hidden>>, Directions<None>]
    >()
    expectTypeOf(recurrent({ reverse: true })(gruCell({ units: 1 })).apply).returns.toEqualTypeOf<
      readonly [Tensor, None]
    >()
    expectTypeOf(recurrent({ give: "last" })(gruCell({ units: 1 })).apply).returns.toEqualTypeOf<
      readonly [Tensor, None]
    >()
    const layer = recurrent()(lstmCell({ units: 1 }))
    const { params } = layer.init(key(0), x)
    // @ts-expect-error -- an LSTM has a cell state, too
    expect(() => layer.apply(params, [], x, { ...still, initial: { hidden: zeros([1, 1]) } })).toThrow(
      'recurrent at "initial": expected an initial state that is a record with keys cell, hidden'
    )
  })

  test("is refused where it does not fit, with its path", () => {
    const layer = recurrent()(sequential({ one: lstmCell({ units: 2 }), two: gruCell({ units: 2 }) }))
    const { params } = layer.init(key(0), pair.source)
    const zero = zeros([2, 2])
    const good = { one: { hidden: zero, cell: zero }, two: { hidden: zero } }
    const run = (initial: unknown) => toArray(layer.apply(params, [], pair.source, { ...still, initial } as never)[0])
    expect(run(good)).toEqual(run(undefined))
    const said = (initial: unknown, mistake: object) => {
      expect(() => run(initial)).toThrow(expect.objectContaining(mistake) as Error)
    }
    said({ ...good, two: { hidden: zeros([1, 2]) } }, {
      name: "ShapeError",
      message: 'recurrent at "initial/two/hidden": expected an initial state of f32[2, 2]; got f32[1, 2]'
    }) // prettier-ignore
    said({ ...good, two: { hidden: zeros([2, 2], "f64") } }, {
      name: "DTypeError",
      message: 'recurrent at "initial/two/hidden": expected an initial state of f32[2, 2]; got f64[2, 2]'
    }) // prettier-ignore
    for (const wrong of [{ one: good.one }, { ...good, three: zero }, zero, 5, "zeros", null])
      said(wrong, { name: "TreeError" })
  })

  test("is one for each direction", () => {
    const layer = bidirectional({ give: "withState", merge: "sum" })(gruCell({ units: 2 }))
    const { params, state } = layer.init(key(0), pair.source)
    const hidden = zeros([2, 2])
    const run = (initial?: object) => layer.apply(params, state, pair.source, { ...still, ...(initial && { initial }) } as never)[0] // prettier-ignore
    const ends = run({ forward: { hidden }, backward: { hidden } })
    expect(Tree.paths(ends)).toEqual(["outputs", "state/backward/hidden", "state/forward/hidden"])
    expect(Tree.leaves(ends).map(toArray)).toEqual(Tree.leaves(run()).map(toArray))
    expect(() => run({ forward: { hidden } })).toThrow('bidirectional at "forward": expected an initial state of the parts') // prettier-ignore
    expect(() => run({ forward: { hidden }, backward: { hidden: zeros([2, 3]) } })).toThrow(
      'recurrent at "backward/initial/hidden": expected an initial state of f32[2, 2]; got f32[2, 3]'
    )
  })

  test("is for a run, and not for one within its cell", () => {
    const words = recurrent({ give: "last" })(gruCell({ units: 2 }))
    const nested = recurrent({ give: "withState" })(sequential({ words, sentences: gruCell({ units: 2 }) }))
    const documents = normal(key(3), [2, 4, 5, 3])
    const { params } = nested.init(key(0), documents)
    const run = (context: object) => nested.apply(params, [], documents, { ...still, ...context })[0]
    const { state } = run({})
    expect(Tree.paths(state)).toEqual(["sentences/hidden"])
    expect(toArray(run({ initial: state }).outputs)).not.toEqual(toArray(run({}).outputs))
    const kept = stateful({ give: "withState" })(gruCell({ units: 2 }))
    const own = kept.init(key(0), pair.source)
    const [given, after] = kept.apply(own.params, own.state, pair.source, { ...still, initial: 5 } as never)
    expect(toArray(given.state.hidden)).toEqual(toArray(after.hidden))
  })

  test("is asked for by data as well", () => {
    const spec = { layer: "recurrent", give: "withState", of: { layer: "lstmCell", units: 2 } }
    const read = decodeModel(spec)
    expect(read._tag === "Right" && encodeModel(read.right)).toEqual(spec)
  })
})

describe("bidirectional", () => {
  const cell = gruCell({ units: 2 })
  const x = normal(key(1), [2, 5, 3])

  test("adds both halves, if that is asked for", () => {
    const [both, added] = [bidirectional()(cell), bidirectional({ merge: "sum" })(cell)]
    const { params, state } = both.init(key(0), x)
    const y = both.apply(params, state, x, still)[0]
    const [s] = added.apply(params, state, x, still)
    expect(toArray(s)).toEqual(toArray(add(sliceAxis(y, 2, 0, 2), sliceAxis(y, 2, 2, 4))))
  })
})

describe("lengthMask", () => {
  test("is true below each length", () => {
    expect(toArray(lengthMask(lengths(0, 2, 9, -1), 3))).toEqual([
      [false, false, false],
      [true, true, false],
      [true, true, true],
      [false, false, false]
    ])
    expect(lengthMask(tensor([1], { dtype: "u32" }), 0).shape).toEqual([1, 0])
  })

  test("refuses what are no lengths", () => {
    expect(() => lengthMask(tensor([1.5]), 3)).toThrow("lengthMask: expected lengths of i32 or u32; got f32")
    expect(() => lengthMask(zeros([1, 1], "i32"), 3)).toThrow("lengthMask: expected lengths [batch]; got i32[1, 1]")
    expect(() => lengthMask(lengths(1), 1.5)).toThrow("places to be a whole number ≥ 0")
    expect(() => lengthMask([1] as never, 3)).toThrow("a tensor of lengths")
  })
})
