import { describe, expect, test } from "vitest"
import { Tree, zeros, type Tensor } from "thalweg"
import {
  batchNorm,
  cachedAttention,
  cachedPositions,
  conv1d,
  conv2d,
  convTranspose1d,
  dense,
  dropout,
  embedding,
  groupNorm,
  gruCell,
  layerNorm,
  lstmCell,
  multiHeadAttention,
  positions,
  prelu,
  repeat,
  rmsNorm,
  rnnCell,
  scaledDotProductAttention,
  sequential,
  stateful,
  bidirectional,
  recurrent,
  transformerBlock,
  type SomeLayer
} from "thalweg/nn"
import { key } from "thalweg/random"

const still = { training: false } as const
const [z1, z2] = [zeros([1]), zeros([2])]
const ids = zeros([1, 3], "i32")
const hidden = { hidden: zeros([1, 1]) }
const cell = { kernel: zeros([2, 4]), recurrent: zeros([1, 4]), bias: zeros([4]) }

/** A message, and a layer with parameters, a state and an input that make it. */
type Row = readonly [message: string, layer: SomeLayer, params: object, state: object, input: Tensor]

const rows: readonly Row[] = [
  ['TreeError: dense at "a/kernel": expected a tensor [inputs, outputs]; got undefined', dense({ units: 2 }), [], [], zeros([1, 3])], // prettier-ignore
  ['ShapeError: dense at "a/kernel": expected a tensor [inputs, outputs]; got f32[3]', dense({ units: 2 }), { kernel: zeros([3]) }, [], zeros([1, 3])], // prettier-ignore
  ['ShapeError: dense at "a/bias": expected a tensor [2]; got f32[4, 2]', dense({ units: 2 }), { kernel: zeros([3, 2]), bias: zeros([4, 2]) }, [], zeros([1, 3])], // prettier-ignore
  ['DTypeError: dense at "a": expected f32 or f64; got i32', dense({ units: 2 }), { kernel: zeros([3, 2], "i32") }, [], ids], // prettier-ignore
  ['TreeError: conv2d at "a/kernel": expected a tensor [1, 1, 3, 2] for inputs f32[1, 4, 4, 3]; got undefined', conv2d({ outputs: 2, window: 1 }), {}, [], zeros([1, 4, 4, 3])], // prettier-ignore
  ['ShapeError: layerNorm at "a/bias": expected a tensor [2]; got f32[1]', layerNorm(), { scale: z2, bias: z1 }, [], zeros([1, 2])], // prettier-ignore
  ['DTypeError: layerNorm at "a": expected f32 or f64; got i32', layerNorm(), { scale: zeros([3]) }, [], ids],
  ['ShapeError: rmsNorm at "a/scale": expected a tensor [features]; got f32[3, 3]', rmsNorm(), { scale: zeros([3, 3]) }, [], zeros([1, 3])], // prettier-ignore
  ['DTypeError: rmsNorm at "a": expected f32 or f64; got i32', rmsNorm(), { scale: zeros([3]) }, [], ids],
  ['TreeError: batchNorm at "a/mean": expected a tensor [1]; got undefined', batchNorm(), { scale: z1, bias: z1 }, [], zeros([1, 1])], // prettier-ignore
  ['ShapeError: batchNorm at "a/variance": expected a tensor [1]; got f32[2]', batchNorm(), { scale: z1, bias: z1 }, { mean: z1, variance: z2 }, zeros([1, 1])], // prettier-ignore
  ['ShapeError: prelu at "a/slope": expected a tensor [channels]; got f32[3, 3]', prelu(), { slope: zeros([3, 3]) }, [], zeros([1, 3])], // prettier-ignore
  ['DTypeError: prelu at "a": expected f32 or f64; got i32', prelu(), { slope: zeros([3]) }, [], ids],
  ['ShapeError: embedding at "a/table": expected a tensor [2, 2]; got f32[2]', embedding({ tokens: 2, features: 2 }), { table: z2 }, [], ids], // prettier-ignore
  ['TreeError: positions at "a/table": expected a tensor [2, features]; got undefined', positions({ length: 2 }), {}, [], zeros([1, 2, 2])], // prettier-ignore
  ['TreeError: cachedPositions at "a/count": expected a tensor []; got undefined', cachedPositions({ length: 2 }), { table: zeros([2, 2]) }, [], zeros([1, 2, 2])], // prettier-ignore
  ['TreeError: multiHeadAttention at "a/query": expected parameters that init gave; got undefined', multiHeadAttention({ heads: 1 }), {}, [], zeros([1, 2, 2])], // prettier-ignore
  ['TreeError: multiHeadAttention at "a/query/kernel": expected a tensor [inputs, outputs]; got undefined', multiHeadAttention({ heads: 1 }), { query: [] }, [], zeros([1, 2, 2])], // prettier-ignore
  ['TreeError: lstmCell at "a/cell": expected a tensor [batch, 1] for inputs f32[1, 2]; got undefined', lstmCell({ units: 1 }), cell, hidden, zeros([1, 2])], // prettier-ignore
  ['ShapeError: gruCell at "a/recurrent": expected a tensor [1, 3]; got f32[2, 2]', gruCell({ units: 1 }), { ...cell, kernel: zeros([2, 3]), bias: zeros([3]), recurrent: zeros([2, 2]) }, hidden, zeros([1, 2])] // prettier-ignore
]

/** Layers with every kind of parameter and state, and inputs of which no two axes are of one size. */
const layers: readonly SomeLayer[] = [
  dense({ units: 2 }),
  conv1d({ outputs: 3, window: 2 }),
  convTranspose1d({ outputs: 3, window: 2 }),
  batchNorm(),
  layerNorm(),
  groupNorm({ groups: 2 }),
  rmsNorm(),
  prelu(),
  positions({ length: 6 }),
  multiHeadAttention({ heads: 2, keyValueHeads: 1 }),
  cachedAttention({ heads: 2, length: 6 }),
  cachedPositions({ length: 6 }),
  transformerBlock({ heads: 2, hidden: 8 }),
  stateful()(rnnCell({ units: 2 })),
  stateful()(lstmCell({ units: 2 })),
  stateful()(gruCell({ units: 2 }))
]
const all: readonly (readonly [string, SomeLayer, Tensor])[] = [
  ...layers.map(layer => [layer.name, layer, zeros([3, 5, 4])] as const),
  ["embedding", embedding({ tokens: 5, features: 3 }), zeros([3, 4], "i32")]
]

/** A tree without its leaf at a path. */
const without = (tree: Tree, [name = "", ...rest]: readonly string[]): Tree =>
  Object.fromEntries(
    Object.entries(tree as Readonly<Record<string, Tree>>).flatMap(([key, below]) =>
      key !== name ? [[key, below]] : rest.length === 0 ? [] : [[key, without(below, rest)]]
    )
  )

describe.each(all)("%s takes parameters and a state of no other shape", (_, layer, input) => {
  const { params, state } = layer.init(key(0), input) as { readonly params: Tree; readonly state: Tree }
  const whole: Tree = { params, state }
  const { leaves, structure } = Tree.flatten(whole)
  const run = (tree: Tree) => (): unknown => {
    const { params, state } = tree as { readonly params: Tree; readonly state: Tree }
    return layer.apply(params, state, input, still) as unknown
  }
  const wrong = expect.objectContaining({ name: expect.stringMatching(/^(Shape|Tree)Error$/) as string }) as Error

  test.each(Tree.paths(whole).map((path, i) => [path, i] as const))("%s", (path, at) => {
    const { shape, dtype } = leaves[at] as Tensor
    const others = shape.flatMap((n, axis) => [1, n + 1].filter(m => m !== n).map(m => shape.with(axis, m)))
    expect(run(whole)).not.toThrow()
    for (const other of [[1, ...shape], [5, ...shape], ...others])
        expect(run(Tree.unflatten<Tree>(structure)(leaves.map((t, i) => (i === at ? zeros(other, dtype) : t))))).toThrow(wrong) // prettier-ignore
    expect(run(without(whole, path.split("/")))).toThrow(wrong)
  })
})

test("a layer that has no bias takes none", () => {
  const params = { kernel: zeros([3, 2]), bias: z2 }
  expect(() => dense({ units: 2, bias: false }).apply(params, [], zeros([1, 3]), still)).toThrow(
    'dense at "bias": expected no bias, as the options say; got a tensor'
  )
})

const drawing = { training: true, key: key(0) } as const

test("dropout takes floats only, whether it drops or not", () => {
  const drop = dropout({ rate: 0.5 })
  for (const mode of [still, drawing])
    expect(() => drop.apply([], [], ids, mode)).toThrow("dropout: expected f32 or f64; got i32")
})

test("attention takes one dtype, and a scale that is a finite number", () => {
  const q = zeros([1, 1, 1, 1])
  expect(() => scaledDotProductAttention(q, zeros([1, 1, 1, 1], "f64"), q)).toThrow("of one dtype; got f32[1, 1, 1, 1], f64[1, 1, 1, 1], f32[1, 1, 1, 1]") // prettier-ignore
  expect(() => scaledDotProductAttention(q, q, q, { scale: NaN })).toThrow("scaledDotProductAttention: expected scale to be a finite number that f32 can hold; got NaN") // prettier-ignore
})

describe("parameters and states that are those of another layer", () => {
  test.each(rows)("%s", (message, layer, params, state, input) => {
    const run = () => sequential({ a: layer }).apply({ a: params }, { a: state }, input, still)
    expect(run).toThrow(message.replace(/^\w+: /, ""))
    expect(run).toThrow(expect.objectContaining({ name: /^\w+/.exec(message)?.[0] }))
  })

  test("of another batch are told apart from those of another length", () => {
    const layer = cachedAttention({ heads: 1, length: 4 })
    const { params, state } = layer.init(key(0), zeros([2, 1, 2]))
    const message =
      'cachedAttention at "keys": expected a tensor [1, 1, 4, 2] for inputs f32[1, 1, 2]; got f32[2, 1, 4, 2]'
    expect(() => layer.apply(params, state, zeros([1, 1, 2]), still)).toThrow(message)
  })

  test("say where a layer belongs that is given in place of options", () => {
    const cell = lstmCell({ units: 1 })
    for (const of of [recurrent, stateful, bidirectional])
      expect(() => of(cell as never)).toThrow(
        expect.objectContaining({ name: "DataError", message: `${of.name}: expected options first, as in ${of.name}(options)(layer); got a layer, lstmCell` }) as Error // prettier-ignore
      )
    const both = repeat as (times: number, layer: object) => unknown
    expect(() => both(2, cell)).toThrow("repeat: expected how often (then, in a second call, a layer) and nothing more; got a record") // prettier-ignore
  })

  test("are named below the level of repeat", () => {
    const deep = (times: number) => repeat(times)(sequential({ d: dense({ units: 3 }) }))
    const model = sequential({ blocks: deep(2) })
    const { params, state } = model.init(key(0), zeros([1, 3]))
    const none = [{}, {}] as unknown as readonly [typeof params.blocks, typeof state.blocks]
    expect(() => model.apply(params, state, zeros([1, 4]), still)).toThrow('dense at "blocks/each/d": expected inputs of 3 features') // prettier-ignore
    expect(() => deep(3).apply(params.blocks, state.blocks, zeros([1, 3]), still)).toThrow('repeat at "each/d/bias": expected a first axis of 3; got f32[2, 3]') // prettier-ignore
    expect(() => deep(2).apply(...none, zeros([1, 3]), still)).toThrow('repeat: expected parameters below "each"; got a record with keys (none)') // prettier-ignore
    expect(() => repeat(2)(deep(1)).init(key(0), zeros([]))).toThrow('dense at "each/each/d": expected inputs with a last axis') // prettier-ignore
  })
})
