import assert from "node:assert"
import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import {
  add,
  argMax,
  argSort,
  at,
  broadcastTo,
  cast,
  concat,
  cond,
  cumMax,
  cumProd,
  cumSum,
  einsum,
  evaluate,
  expandDims,
  flip,
  gt,
  iota,
  lt,
  matmul,
  mul,
  neg,
  oneHot,
  ones,
  repeat,
  reshape,
  roll,
  scalar,
  scan,
  sliceAxis,
  sub,
  sum,
  swapAxes,
  take,
  tensor,
  tile,
  toArray,
  toTyped,
  transpose,
  Tree,
  whileLoop,
  zeros,
  type DType,
  type Tensor
} from "thalweg"
import * as nn from "thalweg/nn"
import { sgd } from "thalweg/optimizer"
import { key } from "thalweg/random"
import { fit, predict } from "thalweg/train"
import { decodeTensors, encodeTree, fromTorch, report, toTorch } from "thalweg/spec"

const { bidirectional, embedding, groupNorm, gruCell, layerNorm, lstmCell, multiHeadAttention, providing, rmsNorm } = nn
const { activation, batchNorm, conv1d, conv2d, dense, dropout, flatten, maxPool, recurrent, relu, sequential } = nn

interface Literal {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: readonly number[]
}
interface Case {
  readonly name: string
  readonly tensors: Readonly<Record<string, Literal>>
  readonly input: Literal
  readonly memory?: Literal
  readonly output: Literal
  readonly file?: string
}

const { cases } = JSON.parse(readFileSync(new URL("../golden/torch_modules.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Case[]
}
const literal = ({ data, dtype, shape }: Literal): Tensor => tensor([...data], { dtype, shape })
const named = (name: string) => {
  const { tensors, input, memory, output } = cases.find(one => one.name === name) as Case
  const state = Object.fromEntries(Object.entries(tensors).map(([name, one]) => [name, literal(one)]))
  return {
    tensors: state,
    input: literal(input),
    given: memory === undefined ? literal(input) : { x: literal(input), memory: literal(memory) },
    output: literal(output)
  }
}

const cnn = sequential(
  conv2d({ outputs: 4, window: 3, groups: 2 }),
  batchNorm(),
  activation(relu),
  maxPool({ window: 2 }),
  flatten(),
  dropout({ rate: 0.5 }),
  activation(relu),
  dense({ units: 3 })
)

/** A layer whose memory comes with its input. */
type Sides = { readonly x: Tensor; readonly memory: Tensor }
const withMemory = (layer: nn.SomeLayer): nn.SomeLayer =>
  providing(({ x, memory }: Sides) => [x, { memory }] as const)(layer as nn.Layer<Tree, Tree>)
const first = { heads: 2, hidden: 8, norm: "before" } as const
const last = { ...first, norm: "after", activation: relu } as const

const shortcut = nn.connect(
  "shortcut",
  { features: conv2d({ outputs: 3, window: 2 }), inner: dense({ units: 12 }), head: dense({ units: 2 }) },
  ({ features, inner, head }, x: Tensor) => {
    const rows = reshape(features(x), [x.shape[0] ?? 0, 12])
    return head(add(rows, inner(rows)))
  }
)

const models: Readonly<Record<string, nn.SomeLayer>> = {
  mlp: sequential(dense({ units: 5 }), activation(relu), dense({ units: 2, bias: false })),
  rnn: recurrent()(nn.rnnCell({ units: 4 })),
  lstm: recurrent()(lstmCell({ units: 4 })),
  "lstm of two layers": recurrent()(sequential(lstmCell({ units: 4 }), lstmCell({ units: 4 }))),
  "lstm in both directions": bidirectional()(lstmCell({ units: 4 })),
  "lstm of two layers in both directions": sequential(
    bidirectional()(lstmCell({ units: 4 })),
    bidirectional()(lstmCell({ units: 4 }))
  ),
  gru: recurrent()(gruCell({ units: 4 })),
  "gru without biases": recurrent()(gruCell({ units: 4, bias: false })),
  "gru of three layers": recurrent()(
    sequential(gruCell({ units: 4 }), dropout({ rate: 0.5 }), nn.repeat(2)(gruCell({ units: 4 })))
  ),
  "gru of two layers in both directions": sequential(
    bidirectional()(gruCell({ units: 4 })),
    dropout({ rate: 0.5 }),
    bidirectional()(gruCell({ units: 4 }))
  ),
  cnn,
  "flattened sequences": sequential(conv1d({ outputs: 3, window: 2 }), flatten(), dense({ units: 2 })),
  "batch norm of rows": sequential(
    conv2d({ outputs: 3, window: 2 }),
    flatten(),
    batchNorm(),
    dropout({ rate: 0.5 }),
    activation(relu),
    dense({ units: 2 })
  ),
  "layer norm of rows": sequential(
    nn.averagePool({ window: 2 }),
    flatten(),
    layerNorm(),
    nn.prelu(),
    rmsNorm(),
    nn.prelu({ shared: true }),
    dense({ units: 2 })
  ),
  "rows beside a layer": shortcut,
  "rows that become images": sequential(
    dense({ units: 36 }),
    batchNorm(),
    activation(relu),
    nn.reshape({ shape: [2, 3, 6] }),
    nn.convTranspose2d({ outputs: 4, window: 2, strides: 2 }),
    activation(relu),
    flatten(),
    dense({ units: 12 }),
    nn.reshape({ shape: [2, 2, 3] })
  ),
  "repeated residuals of rows": sequential(
    conv2d({ outputs: 2, window: 2 }),
    flatten(),
    nn.repeat(2)(nn.residual(sequential(dense({ units: 8 }), activation(relu), dense({ units: 8 })))),
    dense({ units: 2 })
  ),
  "repeated layers of rows": sequential(
    conv2d({ outputs: 2, window: 2 }),
    flatten(),
    nn.repeat(3)(sequential(dense({ units: 8 }), activation(relu))),
    dense({ units: 2 })
  ),
  "repeated layers of rows, at the end": sequential(flatten(), nn.repeat(2)(dense({ units: 8 }))),
  "repeated norms of rows": sequential(
    conv2d({ outputs: 2, window: 1 }),
    flatten(),
    nn.repeat(2)(batchNorm()),
    dense({ units: 2 })
  ),
  "repeated images that become rows and images again": sequential(
    nn.repeat(2)(sequential(flatten(), dense({ units: 12 }), activation(relu), nn.reshape({ shape: [2, 2, 3] }))),
    conv2d({ outputs: 2, window: 1 })
  ),
  "repeated layers of rows that become images": sequential(
    flatten(),
    dense({ units: 12 }),
    nn.repeat(3)(sequential(dense({ units: 12 }), activation(relu))),
    nn.reshape({ shape: [2, 2, 3] }),
    conv2d({ outputs: 2, window: 1 })
  ),
  "rows of images": sequential(
    flatten(),
    activation((x: Tensor) => x),
    dense({ units: 2 })
  ),
  "rows at several places": sequential(
    flatten(),
    nn.stateless("places", (x: Tensor) => broadcastTo(expandDims(x, 1), [2, 3, 12])),
    dense({ units: 2 }),
    flatten()
  ),
  "rows that become sequences": sequential(
    dense({ units: 12 }),
    nn.reshape({ shape: [3, 4] }),
    conv1d({ outputs: 2, window: 2 })
  ),
  "rows that become places": sequential(
    dense({ units: 12 }),
    nn.reshape({ shape: [3, 4] }),
    recurrent()(gruCell({ units: 2 }))
  ),
  "flattened words": sequential(embedding({ tokens: 5, features: 3, dtype: "f64" }), flatten(), dense({ units: 2 })),
  "flattened outputs of a lstm": sequential(
    recurrent()(lstmCell({ units: 4 })),
    activation((x: Tensor) => x),
    flatten(),
    dense({ units: 2 })
  ),
  "group norm between dense layers": sequential(dense({ units: 6 }), groupNorm({ groups: 2 }), dense({ units: 2 })),
  "transposed convolutions": nn.convTranspose2d({ outputs: 6, window: 3, groups: 2 }),
  "transposed convolution of sequences": nn.convTranspose1d({ outputs: 4, window: 3, strides: 2 }),
  convolution: conv1d({ outputs: 4, window: 2, strides: 2, dilation: 2 }),
  "convolution of groups": conv2d({ outputs: 6, window: [2, 3], groups: 2 }),
  "depthwise convolution": nn.depthwiseConv2d({ window: 2, multiplier: 2 }),
  embedding: embedding({ tokens: 5, features: 3, dtype: "f64" }),
  "layer norm": layerNorm(),
  "layer norm without a bias": layerNorm({ bias: false }),
  "rms norm": rmsNorm(),
  "group norm": groupNorm({ groups: 2 }),
  "batch norm": batchNorm(),
  "batch norm of features": batchNorm(),
  "instance norm": nn.instanceNorm(),
  prelu: nn.prelu(),
  attention: multiHeadAttention({ heads: 2 }),
  "attention without biases": multiHeadAttention({ heads: 3, bias: false }),
  "attention to a memory": withMemory(nn.crossAttention({ heads: 2 })),
  "attention to a memory of another width": withMemory(nn.crossAttention({ heads: 2 })),
  "encoder layer, norm first": nn.transformerBlock(first),
  "encoder layer, norm last": nn.transformerBlock(last),
  "decoder layer, norm first": withMemory(nn.decoderBlock(first)),
  "decoder layer, norm last": withMemory(nn.decoderBlock(last)),
  repeated: nn.repeat(2)(dense({ units: 3 })),
  transformer: sequential({ layers: nn.repeat(2)(nn.transformerBlock({ ...first, activation: relu })) })
}

/** How far apart two tensors are, against the largest. */
const deviation = (a: Tensor, b: Tensor): number => {
  const [found, wanted] = [toTyped(a), toTyped(b)]
  expect(a.shape).toEqual(b.shape)
  const size = Math.max(...wanted.map(Math.abs))
  return Math.max(...found.map((x, i) => Math.abs(x - (wanted[i] ?? NaN)))) / size
}

type AnyModel = nn.Layer<Tree, Tree, Tree>

const read = (model: nn.SomeLayer, input: Tree, tensors: Readonly<Record<string, Tensor>>) => {
  const result = fromTorch(model as AnyModel, input)(tensors)
  if (result._tag === "Left") throw new Error(report(result.left).join("\n"))
  return result.right
}

describe("fromTorch and toTorch", () => {
  test.each(Object.entries(models))(
    "%s: the outputs are those of PyTorch, and the way back gives its tensors",
    (name, model) => {
      const { tensors, given, output } = named(name)
      const { params, state } = read(model, given, tensors)
      const [y] = model.apply(params, state, given, { training: false }) as readonly [Tensor, Tree]
      expect(deviation(y, output)).toBeLessThan(1e-14)

      const written = toTorch(model as AnyModel, given)({ params, state })
      expect(Object.keys(written).sort()).toEqual(Object.keys(tensors).sort())
      for (const [key, own] of Object.entries(tensors)) {
        expect(written[key]?.shape, key).toEqual(own.shape)
        if (key.endsWith("num_batches_tracked")) expect(toArray(written[key] as Tensor)).toBe(0)
        else if (!key.includes("bias_")) expect(toArray(written[key] as Tensor), key).toEqual(toArray(own))
      }
      const again = read(model, given, written)
      expect(Tree.leaves({ ...again }).map(toArray)).toEqual(Tree.leaves({ params, state }).map(toArray))
    }
  )

  test("there is a model for every module", () => {
    expect([...Object.keys(models), "gru cell"].sort()).toEqual(cases.map(({ name }) => name).sort())
  })

  test("a file that PyTorch wrote, with counters of 64 bits, is read as it is", () => {
    const { file = "" } = cases.find(({ name }) => name === "cnn") as Case
    const decoded = decodeTensors(Uint8Array.from(Buffer.from(file, "base64")))
    if (decoded._tag === "Left") throw new Error(report(decoded.left).join("\n"))
    const { tensors, input } = named("cnn")
    expect(decoded.right["1.num_batches_tracked"]?.dtype).toBe("i32")
    expect(Tree.leaves({ ...read(cnn, input, decoded.right) }).map(toArray)).toEqual(
      Tree.leaves({ ...read(cnn, input, tensors) }).map(toArray)
    )
  })

  test("a cell alone has the names of one", () => {
    const { tensors, input, output } = named("gru cell")
    const cell = nn.gruCell({ units: 4 })
    const { params } = read(cell, input, tensors)
    const state = evaluate(cell.init(key(0), input).state)
    const [hidden] = cell.apply(params as never, state, input, { training: false })
    // that of PyTorch is given without a state, which is zeros as ours
    expect(deviation(hidden, output)).toBeLessThan(1e-14)
  })

  test("rows of a dense layer after flattened channels are put in order: left as they are, the outputs are far off", () => {
    const { tensors, input, output } = named("cnn")
    const { params, state } = read(cnn, input, tensors)
    const plain = {
      ...read(sequential(dense({ units: 3 })), tensor(new Float64Array(24), { shape: [1, 24] }), {
        "0.weight": tensors["7.weight"] as Tensor,
        "0.bias": tensors["7.bias"] as Tensor
      })
    }
    const wrong = [...(params as readonly Tree[]).slice(0, 7), (plain.params as readonly Tree[])[0]]
    const [y] = cnn.apply(wrong as never, state as never, input, { training: false })
    expect(deviation(y, output)).toBeGreaterThan(0.1)
  })

  const rowsOf = (f: (x: Tensor) => Tensor) =>
    sequential(flatten(), nn.stateless("f", f), dense({ units: 2 })) as unknown as AnyModel
  const unit = tensor(new Float64Array([1]), { shape: [] })
  test.each<readonly [string, (x: Tensor) => Tensor]>([
    [
      "sums with what broadcasts",
      x => sub(add(x, sum(x, { axes: 1, keepDims: true })), sum(x, { axes: 1, keepDims: true }))
    ],
    ["broadcastTo", x => at(broadcastTo(expandDims(x, 1), [2, 3, 12]), 1, 1)],
    ["tile", x => at(tile(expandDims(x, 1), [1, 3, 1]), 2, 1)],
    ["repeat", x => at(repeat(expandDims(x, 0), 2, 0), 1)],
    ["cond", x => cond(gt(sum(x), 1e9), neg, y => y, x)],
    ["whileLoop", x => whileLoop(([i]) => lt(i, 1), ([i, y]) => [add(i, 1), y] as const, [scalar(0, "i32"), x] as const)[1]], // prettier-ignore
    ["scan over examples", x => scan((c: Tensor, row: Tensor) => [c, mul(row, 1)] as const, unit, x)[1]],
    ["einsum by a vector of ones", x => einsum("bi,i->bi", x, ones([12], "f64"))],
    ["transposing twice", x => transpose(mul(transpose(x), 1))]
  ])("the order of features is followed through %s", (_, f) => {
    const { tensors, input, output } = named("rows of images")
    const { params, state } = read(rowsOf(f), input, tensors)
    expect(deviation(rowsOf(f).apply(params, state, input, { training: false })[0], output)).toBeLessThan(1e-14)
  })

  const numbers = tensor(Float64Array.from({ length: 12 }, (_, i) => i))
  test.each<readonly [string, string, (x: Tensor) => Tensor]>([
    ["cumSum", "cumSum", x => cumSum(x)],
    ["cumMax", "a loop", x => cumMax(x)],
    ["cumProd", "a loop", x => cumProd(x)],
    ["roll", "concat", x => roll(x, 1, 1)],
    ["flip", "flip", x => flip(x, 1)],
    ["tile along features", "reshape", x => tile(x, [1, 2])],
    [
      "a product by a constant",
      "a constant",
      x =>
        matmul(
          x,
          tensor(
            Float64Array.from({ length: 144 }, (_, i) => i),
            { shape: [12, 12] }
          )
        )
    ],
    ["einsum by a constant", "a constant", x => einsum("bi,i->bi", x, numbers)],
    ["a sum with a constant", "a constant", x => add(x, numbers)],
    ["a number for each", "iota", x => mul(x, cast(iota([12], 0), "f64"))],
    ["the place of the largest", "argMax", x => oneHot(argMax(x, 1), 12, "f64")],
    ["the place of the largest, by example", "argMax", x => scan((c: Tensor, row: Tensor) => [c, oneHot(argMax(row), 12, "f64")] as const, unit, x)[1]], // prettier-ignore
    ["one of them", "slice", x => expandDims(at(x, 3, 1), 1)],
    ["some of them", "gather", x => take(x, tensor([3, 1], { dtype: "i32" }), 1)],
    ["the order of their values", "argSort", x => cast(argSort(x), "f64")],
    ["a scan over features", "a loop", x => scan((c: Tensor, column: Tensor) => [add(mul(c, 2), column), []] as const, zeros([2, 1], "f64"), expandDims(transpose(x), 2))[0]] // prettier-ignore
  ])("but not through %s, which is refused by its name", (_, operation, f) => {
    const { input } = named("rows of images")
    expect(() => fromTorch(rowsOf(f), input)).toThrow(
      new RegExp(`^torch.*(, because of ${operation}|which is another in PyTorch; got ${operation})$`)
    )
    expect(() => toTorch(rowsOf(f), input)).toThrow("torch")
  })

  test("a flatten is found through functions of one's own, and inside of other layers", () => {
    const { tensors, input, output } = named("flattened sequences")
    const twice = nn.stateless("twice", (x: Tensor) => mul(x, 1))
    const model = nn.connect(
      "mine",
      { features: conv1d({ outputs: 3, window: 2 }), rows: flatten(), twice, head: sequential(dense({ units: 2 })) },
      ({ features, rows, twice, head }, x: Tensor) => head(twice(rows(features(x))))
    )
    const rename = (name: string) => name.replace("features", "0").replace("head.0", "2")
    const result = fromTorch(model, input, { rename })(tensors)
    expect(result._tag).toBe("Right")
    if (result._tag === "Left") return
    expect(
      deviation(model.apply(result.right.params, result.right.state, input, { training: false })[0], output)
    ).toBeLessThan(1e-14)
    expect(Object.keys(toTorch(model, input, { rename })(result.right)).sort()).toEqual(Object.keys(tensors).sort())
  })

  test("residual, withParams, providing and inference add no name", () => {
    const { tensors, input, output } = named("mlp")
    const images = zeros([1, 4, 4, 1])
    const flatOf = (of: (layer: AnyModel) => AnyModel): AnyModel =>
      sequential(
        of(nn.conv2d({ outputs: 2, window: 2 }) as unknown as AnyModel) as never,
        of(nn.repeat(2)(nn.batchNorm()) as unknown as AnyModel) as never,
        of(nn.flatten() as unknown as AnyModel) as never,
        dense({ units: 2 })
      ) as unknown as AnyModel
    const valuesOf = (named?: Readonly<Record<string, Tensor>>) =>
      Object.entries(named ?? {}).map(([name, t]) => [name, toArray(t)])
    const closed = providing((x: Tensor) => [x, {}] as const)(dense({ units: 5 }))
    const tied = nn.connect(
      "tied",
      { body: nn.withParams(dense({ units: 2, bias: false })) },
      ({ body }, x: Tensor) => body(x)[0]
    )
    const { params, state } = read(sequential(closed, activation(relu), tied), input, {
      "0.weight": tensors["0.weight"] as Tensor,
      "0.bias": tensors["0.bias"] as Tensor,
      "2.body.weight": tensors["2.weight"] as Tensor
    })
    const [y] = sequential(closed, activation(relu), tied).apply(params as never, state as never, input, {
      training: false
    })
    expect(deviation(y, output)).toBeLessThan(1e-14)
    const [plain, stilled] = [flatOf(layer => layer), flatOf(nn.inference)].map(model =>
      toTorch(model, images)(model.init(key(0), images) as never)
    )
    expect(valuesOf(stilled)).toEqual(valuesOf(plain)) // a kernel after a flatten is put in order
    const around = nn.residual(dense({ units: 3 })) as unknown as AnyModel
    expect(Object.keys(toTorch(around, input)(around.init(key(0), input)))).toEqual(["bias", "weight"])
  })

  test("takes tensors by name: bytes, or what was not looked at yet, are a mistake of the program", () => {
    const file = encodeTree({ weight: zeros([2, 3]) })
    const take = fromTorch(dense({ units: 2 }), zeros([1, 3])) as (tensors: unknown) => unknown
    for (const [wrong, got] of [[file, "an instance of Uint8Array"], [decodeTensors(file), "a record with keys _tag, right"], [zeros([1]), "a tensor"]] as const) // prettier-ignore
      expect(() => take(wrong)).toThrow(`fromTorch: expected tensors by name, such as right of what decodeTensors(bytes) returned; got ${got}`) // prettier-ignore
  })

  test("what fit returned is written, and what is read predicts the same", () => {
    const model = sequential(dense({ units: 3 }), batchNorm(), dense({ units: 1 }))
    const data = { x: tensor([[1, 2], [3, 5], [4, 4]]), y: tensor([[1], [2], [3]]) } // prettier-ignore
    const task = { model, loss: nn.squaredError, optimizer: sgd({ learningRate: 0.01 }) }
    const { trained } = fit(task)({ train: data, epochs: 2, batchSize: 3, key: key(0) })
    const result = fromTorch(model, data.x)(toTorch(model, data.x)(trained))
    if (result._tag === "Left") throw new Error(report(result.left).join("\n"))
    expect(toArray(predict(model)(result.right, data.x))).toEqual(toArray(predict(model)(trained, data.x)))
  })

  test("through a file, in f32", () => {
    const { tensors, input, output } = named("lstm")
    const single = Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, cast(t, "f32")]))
    const file = decodeTensors(encodeTree(single))
    if (file._tag === "Left") throw new Error(report(file.left).join())
    const model = models["lstm"] as nn.Layer<Tree, Tree>
    const { params, state } = read(model, cast(input, "f32"), file.right)
    expect(Tree.leaves(params).every(({ dtype }) => dtype === "f32")).toBe(true)
    expect(
      deviation(cast(model.apply(params, state, cast(input, "f32"), { training: false })[0], "f64"), output)
    ).toBeLessThan(3e-7)
  })

  test("says what is missing, has another shape, and is too much, for which layer, and which names are near", () => {
    const { tensors, input } = named("cnn")
    const { "1.running_mean": mean, "7.bias": _, ...others } = tensors
    const result = fromTorch(
      cnn,
      input
    )({
      ...others,
      "1.running_means": mean as Tensor,
      "7.weight": tensors["1.bias"] as Tensor,
      "1.num_batches_tracked": tensor([1]),
      "another.tensor": tensor([1])
    })
    expect(result._tag === "Left" && report(result.left)).toEqual([
      '1.running_mean: expected a tensor [4] (batchNorm at "1"; did you mean "1.running_means"?); got undefined',
      '1.num_batches_tracked: expected a tensor [] (batchNorm at "1"); got a tensor f32[1]',
      '7.weight: expected a tensor [3, 24] (dense at "7"); got a tensor f64[4]',
      '7.bias: expected a tensor [3] (dense at "7"); got undefined',
      '1.running_means: expected no tensor (did you mean "1.running_mean"?); got a tensor f64[4]',
      "another.tensor: expected no tensor; got a tensor f32[1]"
    ])
  })

  test("counters may be missing, as in files of old; where there is no batch norm, they are too much", () => {
    const { tensors, input } = named("cnn")
    const { "1.num_batches_tracked": counter, ...others } = tensors
    expect(fromTorch(cnn, input)(others)._tag).toBe("Right")
    const result = fromTorch(cnn, input)({ ...tensors, "2.num_batches_tracked": counter as Tensor })
    expect(result._tag === "Left" && report(result.left)).toEqual([
      "2.num_batches_tracked: expected no tensor; got a tensor i32[]"
    ])
  })

  test("other parameters than the model's are errors that say where", () => {
    const x = tensor([[1, 2]])
    const line = dense({ units: 1 })
    expect(() => toTorch(line, x)({ params: { kernel: tensor([[1]]), bias: tensor([1]) }, state: [] })).toThrow(
      'toTorch at "params/kernel": expected [2, 1]; got a tensor f32[1, 1]'
    )
    expect(() => toTorch(line, x)({ params: { kernel: tensor([[1]]) } as never, state: [] })).toThrow("toTorch at")
    expect(() => fromTorch(line, x, { names: 1 } as never)).toThrow("expected options among rename")
  })
})

describe("what is not what was asked for is said", () => {
  const line = dense({ units: 1 })
  const x = zeros([1, 1])
  const errorsOf = (tensors: Readonly<Record<string, Tensor>>): readonly string[] => {
    const read = fromTorch(line, x)(tensors)
    return read._tag === "Left" ? report(read.left) : []
  }
  const f64 = (value: number) => tensor(new Float64Array([value]))
  const i32 = (value: number) => tensor(new Int32Array([value]))

  test("numbers that the dtype of the model cannot hold", () => {
    const weight = reshape(f64(1e300), [1, 1])
    expect(errorsOf({ weight, bias: i32(16777217) })).toEqual([
      "weight: expected numbers that f32 can hold (dense); got 1e+300",
      "bias: expected numbers that f32 can hold (dense); got 16777217"
    ])
  })

  test("but not those that are rounded, and those that are infinite already", () => {
    for (const value of [0.1, 1e-300, Infinity, NaN])
      expect(errorsOf({ weight: reshape(f64(value), [1, 1]), bias: i32(16777216) })).toEqual([])
  })

  test("a rename that gives no name", () => {
    const rename = (() => undefined) as never
    const refusal = (operation: string) =>
      `${operation}: expected a rename that gives a name for "weight"; got undefined`
    expect(() => fromTorch(line, x, { rename })({})).toThrow(refusal("fromTorch"))
    expect(() => toTorch(line, x, { rename })).toThrow(refusal("toTorch"))
  })

  test.each([
    [undefined, "undefined"],
    [{ params: { kernel: x, bias: zeros([1]) } }, "a record with keys params"],
    [x, "a tensor f32[1, 1]"]
  ])("other than { params, state }: %#", (given, received) => {
    expect(() => toTorch(line, x)(given as never)).toThrow(
      `toTorch: expected { params, state }, as init gives them; got ${received}`
    )
  })

  test("a layer whose init gives nothing, by its name", () => {
    const empty = { name: "empty", init: () => undefined, apply: () => undefined } as never
    expect(() => fromTorch(empty, x)).toThrow("empty: expected an init that returns { params, state }; got undefined")
    const mute = { name: "mute", init: () => ({ params: [], state: [] }), apply: () => undefined } as never
    expect(() => fromTorch(mute, x)).toThrow("mute: expected an apply that returns [output, state]; got undefined")
  })

  test("parameters that are one tensor, which has no name", () => {
    const bare = {
      name: "bare",
      init: () => ({ params: x, state: [] }),
      apply: (_: Tensor, state: Tree, x: Tensor) => [x, state]
    }
    expect(() => fromTorch(bare as never, x)).toThrow(
      'torch at "params": expected parameters by name, of layers that are not made of others; got others'
    )
  })
})

describe("a layer of the user's", () => {
  type Gain = { readonly weight: Tensor; readonly shift: { readonly low: Tensor } }
  const gain = (name = "layerScale"): nn.Layer<Gain, { readonly seen: Tensor }> => ({
    name,
    init: (_, x) => {
      const one = ones(x.shape.slice(-1))
      return { params: { weight: one, shift: { low: mul(one, 0) } }, state: { seen: zeros([], "i32") } }
    },
    apply: ({ weight, shift }, { seen }, x) => [add(mul(x, weight), shift.low), { seen: add(seen, 1) }]
  })
  const line = dense({ units: 3 })
  const model = sequential({ fc: line, scale: gain(), more: nn.repeat(2)(gain()) })
  const x = zeros([1, 2])
  const three = tensor([1, 2, 3])
  const tensors = {
    "fc.weight": zeros([3, 2]),
    "fc.bias": three,
    "scale.weight": three,
    "scale.shift.low": mul(three, 10),
    "scale.seen": scalar(7, "i32"),
    "more.0.weight": ones([3]),
    "more.0.shift.low": zeros([3]),
    "more.0.seen": scalar(8, "i32"),
    "more.1.weight": three,
    "more.1.shift.low": zeros([3]),
    "more.1.seen": scalar(9, "i32")
  }

  test("has its tensors by their paths, as they are, and back", () => {
    const read = fromTorch(model, x)(tensors)
    assert(read._tag === "Right")
    const { params, state } = read.right
    expect(toArray(params.scale.shift.low)).toEqual([10, 20, 30])
    expect([toArray(state.scale.seen), toArray(state.more.each.seen)]).toEqual([7, [8, 9]])
    expect(toArray(model.apply(params, state, x, { training: false })[0])).toEqual([[11, 2 * (4 + 20), 3 * (9 + 30)]])
    const back = toTorch(model, x)(read.right)
    expect(Object.fromEntries(Object.entries(back).map(([name, t]) => [name, toArray(t)]))).toEqual(
      Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, toArray(t)]))
    )
  })

  test("says which of its tensors are not there, or have another shape", () => {
    const { "scale.weight": _, ...others } = tensors
    const read = fromTorch(model, x)({ ...others, "scale.weights": three, "scale.shift.low": zeros([3, 1]) })
    expect(read._tag === "Left" && report(read.left)).toEqual([
      'scale.shift.low: expected a tensor [3] (layerScale at "scale"); got a tensor f32[3, 1]',
      'scale.weight: expected a tensor [3] (layerScale at "scale"; did you mean "scale.weights"?); got undefined',
      'scale.weights: expected no tensor (did you mean "scale.weight"?); got a tensor f32[3]'
    ])
  })

  test("is not taken for one of ours by its name", () => {
    for (const name of ["dense", "dropout", "residual", "repeat", "lstmCell"]) {
      const named = toTorch(sequential({ own: gain(name) }), x)
      expect(Object.keys(named(sequential({ own: gain(name) }).init(key(0), x))).sort()).toEqual([
        "own.seen",
        "own.shift.low",
        "own.weight"
      ])
    }
  })

  test("is refused where two of its tensors would have one name, or where it meets channels in another order", () => {
    const twice = { name: "twice", init: () => ({ params: { w: x }, state: { w: x } }), apply: (_: object, s: object, x: Tensor) => [x, s] } // prettier-ignore
    expect(() => fromTorch(sequential({ a: twice as never }), x)).toThrow(
      'torch at "a": expected a name of its own for each tensor of twice; got "w" twice'
    )
    const beside = { ...sequential({ line }), init: () => ({ params: { line: line.init(key(0), x).params, w: x }, state: { line: [] } }), apply: (_: object, s: object, x: Tensor) => [x, s] } // prettier-ignore
    expect(() => fromTorch(beside as never, x)).toThrow('torch at "params/w": expected parameters by name')
    const images = sequential(conv2d({ outputs: 2, window: 2 }), flatten(), gain(), line)
    expect(() => fromTorch(images, zeros([1, 3, 3, 1]))).toThrow(/^torch at "2": expected features whose order in PyTorch can be told.*; got others around layerScale/) // prettier-ignore
    const channels = sequential(conv2d({ outputs: 2, window: 2 }), gain(), flatten(), line)
    expect(Object.keys(toTorch(channels, zeros([1, 3, 3, 1]))(channels.init(key(0), zeros([1, 3, 3, 1]))))).toContain("1.weight") // prettier-ignore
  })
})

test("an encoder whose state a decoder begins with has the names of two modules", () => {
  type Begun = { readonly x: Tensor; readonly initial: nn.Hidden }
  const parts = {
    encoder: bidirectional({ give: "withState", merge: "sum" })(gruCell({ units: 2 })),
    decoder: providing(({ x, initial }: Begun) => [x, { initial }])(recurrent()(gruCell({ units: 2 })))
  }
  const model = nn.connect("seq2seq", parts, ({ encoder, decoder }, x: Tensor) => {
    const { outputs, state } = encoder(x)
    return decoder({ x: outputs, initial: state.backward })
  })
  const x = zeros([1, 3, 2])
  const names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
  const initial = model.init(key(0), x)
  const named = toTorch(model, x)(initial)
  expect(Object.keys(named).sort()).toEqual(
    [...names.flatMap(n => [`encoder.${n}`, `encoder.${n}_reverse`]), ...names.map(n => `decoder.${n}`)].sort()
  )
  const back = fromTorch(model, x)(named)
  expect(back._tag === "Right" && Tree.leaves(back.right.params).map(toArray)).toEqual(
    Tree.leaves(initial.params).map(toArray)
  )
})

test("all is linear in the number of layers", () => {
  const model = sequential(...Array.from({ length: 3000 }, () => dense({ units: 1 }))) as unknown as AnyModel
  const x = zeros([1, 1])
  const own = evaluate({ ...model.init(key(0), x) })
  const named = toTorch(model, x)(own)
  expect(Tree.leaves({ ...read(model, x, named) })).toHaveLength(6000)
}, 20_000)

describe("two tensors of one name", () => {
  const x = zeros([1, 2])
  const unit = () => dense({ units: 2 })
  const pair = sequential({ first: unit(), second: unit() })

  test("of parts with dots in their names are refused, with both paths", () => {
    const model = sequential({ a: sequential({ "b.c": unit() }), "a.b": sequential({ c: unit() }) })
    const message = (operation: string) =>
      `${operation}: expected a name of its own for each tensor; got "a.b.c.weight" for dense at "a/b.c" and dense at "a.b/c"`
    const error = (operation: string): Error => expect.objectContaining({ name: "DataError", message: message(operation) }) as Error // prettier-ignore
    expect(() => fromTorch(model, x)).toThrow(error("fromTorch"))
    expect(() => toTorch(model, x)).toThrow(error("toTorch"))
  })

  test("by rename are refused where they are written, and both read what is there", () => {
    const rename = (name: string) => name.replace("second", "first")
    expect(() => toTorch(pair, x, { rename })).toThrow('toTorch: expected a name of its own for each tensor; got "first.weight" for dense at "first" and dense at "second"') // prettier-ignore
    const tied = { "first.weight": tensor([[1, 2], [3, 4]]), "first.bias": tensor([5, 6]) } // prettier-ignore
    const read = fromTorch(pair, x, { rename })(tied)
    if (read._tag === "Left") throw new Error(report(read.left).join("\n"))
    expect(toArray(read.right.params.second.kernel)).toEqual(toArray(read.right.params.first.kernel))
  })
})

describe("features whose order in PyTorch cannot be told are refused, though shapes fit", () => {
  const images = zeros([1, 4, 4, 2])
  const conv = conv2d({ outputs: 4, window: 3 })
  const head = dense({ units: 2 })
  const lift = (layer: nn.SomeLayer) => layer as nn.Layer<Tree, Tree, Tree>
  const both = nn.connect("both", { conv, side: dense({ units: 3 }), head }, ({ conv, side, head }, x: Tensor) => {
    const rows = reshape(x, [1, 32])
    return head(concat([reshape(conv(x), [1, 16]), side(rows)], 1))
  })
  const other = conv2d({ outputs: 8, window: [4, 3] })
  const two = nn.connect("two", { conv, other, head }, ({ conv, other, head }, x: Tensor) =>
    head(add(reshape(conv(x), [1, 16]), reshape(other(x), [1, 16])))
  )
  const twice = nn.connect("twice", { conv, head: dense({ units: 16 }) }, ({ conv, head }, x: Tensor) =>
    head(head(reshape(conv(x), [1, 16])))
  )
  const turn = (axes: readonly number[]) => nn.stateless("turn", (x: Tensor) => transpose(x, axes))
  const half = nn.stateless("half", (x: Tensor) => sliceAxis(x, 1, 0, 8))
  const frames = nn.stateless("frames", (x: Tensor) => reshape(x, [1, 2, 18]))
  const columns = nn.stateless("columns", (x: Tensor) => reshape(x, [1, x.shape[1] ?? 0, -1]))
  test.each<readonly [string, nn.SomeLayer, Tensor, string]>([
    ["groups of them", sequential(conv, flatten(), groupNorm({ groups: 2 }), head), images, "groupNorm at 2"],
    ["sequences that come from outside", sequential(flatten(), head), zeros([1, 3, 4]), "dense at 1"],
    ["images after a norm of the last axis", sequential(conv, layerNorm(), flatten(), head), images, "dense at 3"],
    ["beside others", both, images, "dense at side"],
    ["two orders at once", two, images, "dense at head"],
    ["a layer that takes them, and others", twice, images, "dense at head"],
    ["axes that were turned", sequential(conv, turn([0, 3, 2, 1]), flatten(), head), images, "dense at 3"],
    [
      "axes that will be turned",
      sequential(dense({ units: 32 }), nn.reshape({ shape: [2, 4, 4] }), turn([0, 2, 3, 1]), conv),
      zeros([1, 4]),
      "dense at 0"
    ],
    ["a part of them", sequential(conv, flatten(), half, head), images, "dense at 3"],
    ["frames", sequential(frames, recurrent()(gruCell({ units: 2 }))), zeros([1, 2, 3, 3, 2]), "gruCell at 1"],
    [
      "frames, into stacked cells",
      sequential(frames, recurrent()(sequential(gruCell({ units: 2 }), gruCell({ units: 2 })))),
      zeros([1, 2, 3, 3, 2]),
      "gruCell at 1/0"
    ],
    ["columns of images", sequential(conv, columns, recurrent()(gruCell({ units: 2 }))), images, "gruCell at 2"],
    ["the input of a cell", sequential(conv, flatten(), gruCell({ units: 2 }) as never, head), images, "gruCell at 2"]
  ])("%s", (_, model, input, place) => {
    const [title = "", path = ""] = place.split(" at ")
    const refusal = `torch at "${path}": expected features whose order in PyTorch can be told, of one flatten of channels into a dense layer or a norm; got others around ${title}`
    expect(() => fromTorch(lift(model), input)).toThrow(refusal)
    expect(() => toTorch(lift(model), input)).toThrow(refusal)
  })

  const seen = conv2d({ outputs: 2, window: 2 })
  const asMemory = providing((x: Tensor) => [ones([1, 2, 4]), { memory: expandDims(x, 1) }] as const)
  const asPlaces = nn.stateless("asPlaces", (x: Tensor) => reshape(x, [...x.shape, 1]))
  const asRows = nn.stateless("asRows", (x: Tensor) => expandDims(x, 1))
  const twoCells = sequential(gruCell({ units: 2 }), gruCell({ units: 12 }))
  const fold = nn.reshape({ shape: [2, 2, 3] })
  test.each<readonly [string, nn.SomeLayer, Tensor, string]>([
    [
      "a memory of them",
      sequential(seen, flatten(), asMemory(nn.crossAttention({ heads: 2 }) as never)),
      zeros([1, 3, 3, 1]),
      "crossAttention"
    ],
    [
      "a pooling of rows",
      sequential(conv, flatten(), asRows, nn.maxPool({ window: 1 }), flatten(), head),
      images,
      "maxPool"
    ],
    [
      "a pooling along them",
      sequential(conv, flatten(), asPlaces, nn.maxPool({ window: 2 }), flatten(), head),
      images,
      "maxPool"
    ],
    [
      "stacked cells that give them",
      sequential(recurrent({ give: "last" })(twoCells), fold, conv2d({ outputs: 1, window: 1 })),
      zeros([1, 2, 2]),
      "recurrent"
    ]
  ])("%s, by the name of what looks at their order", (_, model, input, operation) => {
    const refusal = `torch: expected operations that do not look at the order of flattened features, which is another in PyTorch; got ${operation}`
    expect(() => fromTorch(lift(model), input)).toThrow(refusal)
  })

  const heads = nn.connect("heads", { q: dense({ units: 4 }), out: dense({ units: 4 }) }, ({ q, out }, x: Tensor) => {
    const apart = swapAxes(reshape(q(x), [1, 3, 2, 2]), 1, 2)
    return out(reshape(swapAxes(matmul(matmul(apart, swapAxes(apart, 2, 3)), apart), 1, 2), [1, 3, 4]))
  })
  const shuffle = nn.stateless("shuffle", (x: Tensor) =>
    reshape(swapAxes(reshape(x, [1, 2, 2, 2, 2]), 3, 4), [1, 2, 2, 4])
  )
  const excite = nn.connect(
    "excite",
    { conv, squeeze: nn.globalAveragePool(), gate: dense({ units: 4 }) },
    ({ conv, squeeze, gate }, x: Tensor) => {
      const y = conv(x)
      return mul(y, reshape(gate(squeeze(y)), [1, 1, 1, 4]))
    }
  )
  const patches = nn.stateless("patches", (x: Tensor) => reshape(x, [1, 4, 4]))
  test.each<readonly [string, nn.SomeLayer, Tensor, string]>([
    ["heads", heads, zeros([1, 3, 4]), "out"],
    ["patches of images as places", sequential(conv, patches, dense({ units: 4 })), images, "2"],
    ["channels that were put first", sequential(conv, turn([0, 3, 1, 2]), flatten(), dense({ units: 4 })), images, "3"],
    ["channels that are shuffled", sequential(conv, shuffle, nn.globalAveragePool(), dense({ units: 4 })), images, "3"],
    [
      "channels by what is in them",
      sequential({ excite, flat: nn.globalMaxPool(), head: dense({ units: 4 }) }),
      images,
      "head"
    ],
    ["one channel", sequential(flatten(), dense({ units: 4 })), zeros([1, 4, 1, 1]), "1"],
    ["what is left of all places", sequential(conv, nn.globalAveragePool(), dense({ units: 4 })), images, "2"],
    ["rows that come from outside", sequential(dense({ units: 4 }), dense({ units: 4 })), zeros([1, 4]), "1"]
  ])("but not %s, which are in the same", (_, model, input, part) => {
    const { params, state } = lift(model).init(key(1), input)
    const kernel = Tree.leaves(params)[Tree.paths(params).indexOf(`${part}/kernel`)] as Tensor
    const weight = toTorch(lift(model), input)({ params, state })[`${part}.weight`] as Tensor
    expect(toArray(weight)).toEqual(toArray(transpose(kernel)))
  })
})
