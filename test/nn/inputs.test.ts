import { describe, expect, test } from "vitest"
import { ThalwegError, zeros, type DType, type Tensor } from "thalweg"
import * as nn from "thalweg/nn"
import { key } from "thalweg/random"
import { layers } from "../../src/nn/catalogue.js"

/** A layer that has a shape of its own, and the shape that it takes. */
type Row = readonly [layer: nn.SomeLayer, shape: readonly number[]]

const dense = nn.dense({ units: 3 })
const [heads, length, hidden] = [2, 5, 4]
const [vectors, places, images] = [[2, 3], [2, 3, 4], [2, 4, 4, 3]] as const // prettier-ignore

const rows: { readonly [N in keyof typeof layers]: Row } = {
  activation: [nn.activation(nn.gelu), vectors],
  adaptiveAveragePool: [nn.adaptiveAveragePool({ size: 2 }), images],
  adaptiveMaxPool: [nn.adaptiveMaxPool({ size: 2 }), images],
  averagePool: [nn.averagePool({ window: 2 }), images],
  batchNorm: [nn.batchNorm(), vectors],
  bidirectional: [nn.bidirectional()(nn.gruCell({ units: 2 })), places],
  branch: [nn.branch({ dense, other: nn.prelu() }), vectors],
  cachedAttention: [nn.cachedAttention({ heads, length }), places],
  cachedDecoderBlock: [nn.cachedDecoderBlock({ heads, length, hidden }), places],
  cachedPositions: [nn.cachedPositions({ length }), places],
  cachedSinusoidalPositions: [nn.cachedSinusoidalPositions(), places],
  cachedTransformerBlock: [nn.cachedTransformerBlock({ heads, length, hidden }), places],
  conv1d: [nn.conv1d({ outputs: 2, window: 2 }), places],
  conv2d: [nn.conv2d({ outputs: 2, window: 2 }), images],
  convTranspose1d: [nn.convTranspose1d({ outputs: 2, window: 2 }), places],
  convTranspose2d: [nn.convTranspose2d({ outputs: 2, window: 2 }), images],
  crossAttention: [nn.crossAttention({ heads }), places],
  decoderBlock: [nn.decoderBlock({ heads, hidden }), places],
  dense: [dense, vectors],
  depthwiseConv2d: [nn.depthwiseConv2d({ window: 2 }), images],
  dropout: [nn.dropout({ rate: 0.5 }), vectors],
  embedding: [nn.embedding({ tokens: 3, features: 2 }), vectors],
  flatten: [nn.flatten(), places],
  globalAveragePool: [nn.globalAveragePool(), images],
  globalMaxPool: [nn.globalMaxPool(), images],
  groupNorm: [nn.groupNorm({ groups: 1 }), vectors],
  gruCell: [nn.gruCell({ units: 2 }), vectors],
  inference: [nn.inference(dense), vectors],
  instanceNorm: [nn.instanceNorm(), places],
  layerNorm: [nn.layerNorm(), vectors],
  lstmCell: [nn.lstmCell({ units: 2 }), vectors],
  maxPool: [nn.maxPool({ window: 2 }), images],
  multiHeadAttention: [nn.multiHeadAttention({ heads }), places],
  parallel: [nn.parallel({ dense }), vectors],
  positions: [nn.positions({ length }), places],
  prelu: [nn.prelu(), vectors],
  recurrent: [nn.recurrent()(nn.lstmCell({ units: 2 })), places],
  repeat: [nn.repeat(2)(dense), vectors],
  reshape: [nn.reshape({ shape: [12] }), places],
  residual: [nn.residual(nn.dropout({ rate: 0.5 })), vectors],
  rmsNorm: [nn.rmsNorm(), vectors],
  rnnCell: [nn.rnnCell({ units: 2 }), vectors],
  separableConv2d: [nn.separableConv2d({ outputs: 2, window: 2 }), images],
  sequential: [nn.sequential({ dense }), vectors],
  sinusoidalPositions: [nn.sinusoidalPositions(), places],
  spatialDropout: [nn.spatialDropout({ rate: 0.5 }), images],
  stateful: [nn.stateful()(nn.rnnCell({ units: 2 })), places],
  transformerBlock: [nn.transformerBlock({ heads, hidden }), places],
  upsample: [nn.upsample({ factor: 2, method: "linear" }), images]
}

const modes = [{ training: false }, { training: true, key: key(1) }] as const
const context = { memory: zeros(places) }

/** What a layer says of an input at `init`, and at `apply` with parameters for another one: mistakes, if there are any. */
const said = (name: string, [layer, shape]: Row, input: Tensor): readonly unknown[] => {
  const model = nn.sequential({ part: layer })
  const good = zeros(shape, name === "embedding" ? "i32" : "f32")
  const { params, state } = model.init(key(0), good, context)
  const runs = [
    () => model.init(key(0), input, context),
    ...modes.map(mode => () => model.apply(params, state, input, { ...mode, ...context }))
  ]
  return runs.flatMap(run => {
    try {
      run()
      return []
    } catch (error) {
      return [error]
    }
  })
}

/** Functions and layers that a user has written, or that a layer tells of, by the path. */
const isNamed = (error: unknown, names: readonly string[]): boolean =>
  error instanceof ThalwegError &&
  ["DTypeError", "ShapeError"].includes(error.name) &&
  names.includes(error.mistake.operation) &&
  error.mistake.path?.startsWith("part") === true

const names = [...Object.keys(layers), "gelu"]

describe.each(Object.entries(rows))("%s names itself, or its part, where an input does not do", (name, row) => {
  const [, shape] = row
  test.each<DType>(["i32", "u32", "bool", "f64"])("%s", dtype => {
    for (const error of said(name, row, zeros(shape, dtype))) expect(error).toSatisfy(e => isNamed(e, names))
  })

  test("an axis of size 0, or too few or too many axes", () => {
    const shapes = [...shape.map((_, axis) => shape.with(axis, 0)), [], [2], [2, 3], [2, 3, 4], [2, 3, 4, 5]]
    for (const other of shapes)
      for (const error of said(name, row, zeros(other, name === "embedding" ? "i32" : "f32")))
        expect(error).toSatisfy(e => isNamed(e, names))
  })
})

test.each<readonly [message: string, layer: nn.SomeLayer, input: Tensor]>([
  ['gelu at "n": expected f32 or f64; got i32', nn.activation(nn.gelu), zeros([1, 2], "i32")],
  ['layerNorm at "n": expected inputs of one feature at least; got f32[2, 0]', nn.layerNorm(), zeros([2, 0])],
  ['rmsNorm at "n": expected inputs of one feature at least; got f32[2, 0]', nn.rmsNorm(), zeros([2, 0])],
  ['multiHeadAttention at "n": expected inputs of one feature at least; got f32[1, 2, 0]', nn.multiHeadAttention({ heads: 1 }), zeros([1, 2, 0])], // prettier-ignore
  ['residual at "n": expected a numeric dtype; got bool', nn.residual(nn.flatten()), zeros([1, 2], "bool")],
  ['adaptiveAveragePool at "n": expected f32 or f64; got bool', nn.adaptiveAveragePool({ size: 1 }), zeros([1, 2, 2, 1], "bool")], // prettier-ignore
  ['adaptiveAveragePool at "n": expected f32 or f64; got i32', nn.adaptiveAveragePool({ size: 1 }), zeros([1, 2, 2, 1], "i32")], // prettier-ignore
  ['adaptiveMaxPool at "n": expected a numeric dtype; got bool', nn.adaptiveMaxPool({ size: 1 }), zeros([1, 2, 2, 1], "bool")] // prettier-ignore
])("%s", (message, layer, input) => {
  expect(() => nn.sequential({ n: layer }).init(key(0), input)).toThrow(message)
})

test("inputs of another dtype than the parameters are told apart from those that are none", () => {
  const { params } = dense.init(key(0), zeros([1, 3]))
  expect(() => dense.apply(params, [], zeros([1, 3], "f64"), modes[0])).toThrow(
    "dense: expected inputs and parameters of one dtype; got f64 and f32"
  )
})

describe("an activation names itself where it takes floats only", () => {
  test.each(Object.entries(nn.activations))("%s", (name, f) => {
    for (const dtype of ["i32", "u32", "bool"] as const)
      for (const error of said("activation", [nn.activation(f), [2, 4]], zeros([2, 4], dtype)))
        expect(error).toSatisfy(e => isNamed(e, [name]))
  })

  test("relu and what holds within bounds take integers", () => {
    for (const f of [nn.relu, nn.relu6, nn.hardTanh]) expect(f(zeros([2], "i32")).dtype).toBe("i32")
  })
})

test("an initializer draws nothing for a kernel without elements", () => {
  for (const draw of [nn.glorotUniform, nn.glorotNormal, nn.heUniform, nn.heNormal])
    for (const shape of [
      [0, 0],
      [0, 2],
      [2, 0]
    ])
      // prettier-ignore
      expect(draw(key(0), shape).shape).toEqual(shape)
})
