import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { cast, evaluate, mul, tensor, toArray, toTyped, Tree, type DType, type Tensor } from "thalweg"
import * as nn from "thalweg/nn"
import { key } from "thalweg/random"
import { decodeTensors, encodeTree, fromTorch, report, toTorch } from "thalweg/spec"

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
  readonly output: Literal
}

const { cases } = JSON.parse(readFileSync(new URL("../golden/torch_modules.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Case[]
}
const literal = ({ data, dtype, shape }: Literal): Tensor => tensor([...data], { dtype, shape })
const named = (name: string) => {
  const { tensors, input, output } = cases.find(one => one.name === name) as Case
  const state = Object.fromEntries(Object.entries(tensors).map(([name, one]) => [name, literal(one)]))
  return { tensors: state, input: literal(input), output: literal(output) }
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

const models: Readonly<Record<string, nn.SomeLayer>> = {
  mlp: sequential(dense({ units: 5 }), activation(relu), dense({ units: 2, bias: false })),
  rnn: recurrent()(nn.rnnCell({ units: 4 })),
  lstm: recurrent()(nn.lstmCell({ units: 4 })),
  "lstm of two layers": recurrent()(sequential(nn.lstmCell({ units: 4 }), nn.lstmCell({ units: 4 }))),
  "lstm in both directions": nn.bidirectional()(nn.lstmCell({ units: 4 })),
  gru: recurrent()(nn.gruCell({ units: 4 })),
  "gru without biases": recurrent()(nn.gruCell({ units: 4, bias: false })),
  cnn,
  "flattened sequences": sequential(conv1d({ outputs: 3, window: 2 }), flatten(), dense({ units: 2 })),
  "transposed convolutions": nn.convTranspose2d({ outputs: 6, window: 3, groups: 2 }),
  "group norm": nn.groupNorm({ groups: 2 }),
  repeated: nn.repeat(2)(dense({ units: 3 }))
}

/** How far apart two tensors are, against the largest. */
const deviation = (a: Tensor, b: Tensor): number => {
  const [found, wanted] = [toTyped(a), toTyped(b)]
  expect(a.shape).toEqual(b.shape)
  const size = Math.max(...wanted.map(Math.abs))
  return Math.max(...found.map((x, i) => Math.abs(x - (wanted[i] ?? NaN)))) / size
}

const read = (model: nn.SomeLayer, input: Tensor, tensors: Readonly<Record<string, Tensor>>) => {
  const result = fromTorch(model as nn.Layer<Tree, Tree>, input)(tensors)
  if (result._tag === "Left") throw new Error(report(result.left).join("\n"))
  return result.right
}

describe("fromTorch and toTorch", () => {
  test.each(Object.entries(models))(
    "%s: the outputs are those of PyTorch, and the way back gives its tensors",
    (name, model) => {
      const { tensors, input, output } = named(name)
      const { params, state } = read(model, input, tensors)
      const [y] = model.apply(params, state, input, { training: false }) as readonly [Tensor, Tree]
      expect(deviation(y, output)).toBeLessThan(1e-14)

      const written = toTorch(model as nn.Layer<Tree, Tree>, input)({ params, state })
      expect(Object.keys(written).sort()).toEqual(Object.keys(tensors).sort())
      for (const [key, own] of Object.entries(tensors))
        if (!key.startsWith("bias_")) expect(toArray(written[key] as Tensor), key).toEqual(toArray(own))
      const again = read(model, input, written)
      expect(Tree.leaves(again.params).map(toArray)).toEqual(Tree.leaves(params).map(toArray))
    }
  )

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

  test("says what is missing, has another shape, and is too much; counters of batches are left out", () => {
    const { tensors, input } = named("cnn")
    const { "1.running_mean": _, ...others } = tensors
    const result = fromTorch(
      cnn,
      input
    )({
      ...others,
      "7.weight": tensors["7.bias"] as Tensor,
      "8.weight": tensors["7.bias"] as Tensor,
      "1.num_batches_tracked": tensor([1])
    })
    expect(result._tag === "Left" && report(result.left)).toEqual([
      "1.running_mean: expected a tensor [4]; got undefined",
      "7.weight: expected a tensor [3, 24]; got a tensor f64[3]",
      "8.weight: expected no tensor; got a tensor f64[3]"
    ])
  })

  test("layers without a rule, and other parameters than the model's, are errors that say where", () => {
    const mine: nn.Layer<{ readonly w: Tensor }> = {
      name: "mine",
      init: () => ({ params: { w: tensor([1]) }, state: [] }),
      apply: ({ w }, state, x) => [mul(x, w), state]
    }
    const x = tensor([[1, 2]])
    expect(() => fromTorch(sequential({ a: mine }), x)).toThrow(/^torch at "a": expected one of dense, .*; got mine$/)
    const line = dense({ units: 1 })
    expect(() => toTorch(line, x)({ params: { kernel: tensor([[1]]), bias: tensor([1]) }, state: [] })).toThrow(
      'toTorch at "params/kernel": expected [2, 1]; got a tensor f32[1, 1]'
    )
    expect(() => toTorch(line, x)({ params: { kernel: tensor([[1]]) } as never, state: [] })).toThrow("toTorch at")
    expect(() => fromTorch(line, x, { names: 1 } as never)).toThrow("expected options among rename")
  })
})

const blocks = "transformerBlock" in nn ? (nn.transformerBlock as (options: object) => nn.SomeLayer) : undefined
test.skipIf(blocks === undefined)("blocks of a Transformer, stacked", () => {
  const { tensors, input, output } = named("transformer")
  const block = blocks?.({ heads: 2, hidden: 8, activation: relu, norm: "before", dropout: 0 }) as nn.Layer<Tree, Tree>
  const model = sequential({ layers: nn.repeat(2)(block as never) }) as unknown as nn.Layer<Tree, Tree>
  const { params, state } = read(model, input, tensors)
  expect(deviation(model.apply(params, state, input, { training: false })[0], output)).toBeLessThan(1e-14)
  expect(Object.keys(toTorch(model, input)({ params, state })).sort()).toEqual(Object.keys(tensors).sort())
})
