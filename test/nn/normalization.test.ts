import { describe, expect, test } from "vitest"
import { grad, isFinite, all, item, mul, ones, square, sum, tensor, toArray, zeros, type Tensor } from "thalweg"
import { batchNorm, groupNorm, instanceNorm, spatialDropout, type Layer, type Mode } from "thalweg/nn"
import { key, normal } from "thalweg/random"

const still: Mode = { training: false }
const training: Mode = { training: true, key: key(0) }
const isAllFinite = (t: Tensor): boolean => item(all(isFinite(t))) === 1

/** The output of a layer with its first parameters and state. */
const run = (layer: object, x: Tensor, mode: Mode): Tensor => {
  const { init, apply } = layer as Layer<object, object>
  const { params, state } = init(key(0), x)
  return apply(params, state, x, mode)[0]
}

describe("mistakes", () => {
  test.each([
    [
      batchNorm(),
      [1, 3],
      training,
      'batchNorm: expected two values of each channel at least while training (a last batch that is too small is left out by remainder: "drop"); got f32[1, 3]'
    ],
    [
      batchNorm(),
      [0, 3],
      training,
      'batchNorm: expected two values of each channel at least while training (a last batch that is too small is left out by remainder: "drop"); got f32[0, 3]'
    ],
    [batchNorm(), [3], still, "batchNorm: expected inputs [batch, …, channels]; got f32[3]"],
    [
      groupNorm({ groups: 3 }),
      [1, 4, 5],
      still,
      "groupNorm: expected a number of channels that is a multiple of 3 groups; got f32[1, 4, 5]"
    ],
    [
      groupNorm({ groups: 2 }),
      [4, 2],
      still,
      "groupNorm: expected two values at least in each of 2 groups; got f32[4, 2]"
    ],
    [
      instanceNorm(),
      [4, 1, 1, 2],
      still,
      "instanceNorm: expected two values at least in each of 2 groups; got f32[4, 1, 1, 2]"
    ],
    [instanceNorm(), [4], still, "instanceNorm: expected inputs [batch, …, channels]; got f32[4]"],
    [
      spatialDropout({ rate: 0.5 }),
      [4, 2],
      still,
      "spatialDropout: expected inputs [batch, …places, channels]; got f32[4, 2]"
    ]
  ])("%#", (layer, shape, mode, message) => {
    expect(() => run(layer, zeros(shape), mode)).toThrow(expect.objectContaining({ name: "ShapeError", message }))
  })

  test.each([
    ["batchNorm", batchNorm()],
    ["groupNorm", groupNorm({ groups: 1 })],
    ["spatialDropout", spatialDropout({ rate: 0 })]
  ])("integers into %s", (name, layer) => {
    const message = expect.stringContaining(name) as string
    expect(() => run(layer, zeros([2, 2, 2], "i32"), still)).toThrow(
      expect.objectContaining({ name: "DTypeError", message })
    )
    const { params, state } = (layer as Layer<object, object>).init(key(0), zeros([2, 2, 2]))
    const apply = () => (layer as Layer<object, object>).apply(params, state, zeros([2, 2, 2], "i32"), training)
    expect(apply).toThrow(expect.objectContaining({ name: "DTypeError", message }))
  })

  test("other channels than init was told", () => {
    const { params, state } = batchNorm().init(key(0), zeros([2, 3]))
    expect(() => batchNorm().apply(params, state, zeros([2, 4]), still)).toThrow(
      "batchNorm: expected inputs of 3 features; got f32[2, 4]"
    )
  })

  test.each([
    () => batchNorm({ epsilon: 0 }),
    () => batchNorm({ momentum: 1.1 }),
    () => groupNorm({ groups: 0 }),
    () => spatialDropout({ rate: 1 })
  ])("options out of range", make => {
    expect(make).toThrow(expect.objectContaining({ name: "HyperparameterError" }))
  })
})

describe("batchNorm", () => {
  test("normalizes one example and none by what ran along", () => {
    const params = { scale: tensor([2]), bias: tensor([1]) }
    const state = { mean: tensor([3]), variance: tensor([4]) }
    const layer = batchNorm({ epsilon: 1e-12 })
    const [y, after] = layer.apply(params, state, tensor([[7]]), still)
    expect([toArray(y), after]).toEqual([[[5]], state])
    expect(layer.apply(params, state, zeros([0, 5, 1]), still)[0].shape).toEqual([0, 5, 1])
  })

  test("a constant channel is its bias, and has finite derivatives", () => {
    const x = mul(ones([5, 2]), tensor([0.1, 1e30]))
    const layer = batchNorm()
    const { params, state } = layer.init(key(0), x)
    const [y, { variance }] = layer.apply(params, state, x, training)
    expect(toArray(y)).toEqual(toArray(zeros([5, 2])))
    expect(toArray(variance)).toEqual(toArray(tensor([0.9, 0.9])))
    const loss = (x: Tensor) => sum(mul(layer.apply(params, state, x, training)[0], normal(key(1), [5, 2])))
    expect(isAllFinite(grad(loss)(x))).toBe(true)
  })

  test("large deviations in f32 have finite values and derivatives", () => {
    const x = tensor([[1e25], [-1e25], [3e24]])
    const layer = batchNorm()
    const { params, state } = layer.init(key(0), x)
    const loss = (x: Tensor) => sum(square(layer.apply(params, state, x, training)[0]))
    expect([item(loss(x)), isAllFinite(grad(loss)(x))]).toEqual([0, true])
  })

  test("what is far from 0 keeps its digits", () => {
    const x = tensor([[1e5 - 1], [1e5], [1e5 + 1]])
    const y = run(batchNorm({ epsilon: 1e-12 }), x, training)
    const [[a = 0] = []] = toArray(y) as number[][]
    expect(a).toBeCloseTo(-Math.sqrt(1.5), 6)
  })

  test("parameters and state take the dtype of the input", () => {
    const { params, state } = batchNorm().init(key(0), zeros([1, 3], "f64"))
    expect([params.scale, params.bias, state.mean, state.variance].map(t => t.dtype)).toEqual([
      "f64",
      "f64",
      "f64",
      "f64"
    ])
    const [y, after] = batchNorm().apply(params, state, zeros([2, 3], "f64"), training)
    expect([y.dtype, after.mean.dtype, after.variance.dtype]).toEqual(["f64", "f64", "f64"])
  })
})

describe("spatialDropout", () => {
  test("keeps the mean, and drops each channel of each example by itself", () => {
    const y = toArray(run(spatialDropout({ rate: 0.25 }), ones([200, 3, 10]), training)) as number[][][]
    const kept = y.flatMap(example => example[0] ?? [])
    expect(y.every(example => example.every(place => place.every((v, c) => v === example[0]?.[c])))).toBe(true)
    expect(new Set(kept)).toEqual(new Set([0, Math.fround(4 / 3)]))
    expect(kept.filter(v => v > 0).length / 2000).toBeCloseTo(0.75, 1)
  })

  test("passes everything otherwise", () => {
    const x = normal(key(3), [2, 4, 4, 3])
    expect(run(spatialDropout({ rate: 0.9 }), x, still)).toBe(x)
    expect(toArray(run(spatialDropout({ rate: 0 }), x, training))).toEqual(toArray(x))
  })
})
