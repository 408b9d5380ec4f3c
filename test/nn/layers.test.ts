import { describe, expect, expectTypeOf, test } from "vitest"
import { compile, grad, item, mean, sum, tensor, toArray, toTyped, zeros, type Tensor } from "thalweg"
import {
  activation,
  constantInitializer,
  dense,
  dropout,
  glorotUniform,
  relu,
  softmax,
  tanh,
  type Affine,
  type DenseOptions,
  type Initializer,
  type Kernel,
  type Layer,
  type Mode
} from "thalweg/nn"
import { key, normal } from "thalweg/random"
import type { layers } from "../../src/nn/catalogue.js"
import { layerRecipe } from "../../src/nn/recipe.js"

type Layers = typeof layers
type IsAny<T> = 0 extends 1 & T ? true : false

test("the type of what a recipe makes is known, and what makes it is held to it", () => {
  type Unknown = { [K in keyof Layers]: IsAny<ReturnType<Layers[K]["make"]>> extends true ? K : never }[keyof Layers]
  expectTypeOf<Unknown>().toBeNever()
  const init = () => ({ params: [], state: [] }) as const
  // @ts-expect-error -- parameters of a dense layer are no empty list
  layerRecipe<object, () => Layer<Affine>>("hole", {}, () => ({ init, apply: (_, state, x) => [x, state] }))
})

const still: Mode = { training: false }
const training = (seed: number): Mode => ({ training: true, key: key(seed) })

describe("dense", () => {
  test("is x · kernel + bias along the last axis", () => {
    const params = { kernel: tensor([[1, 2, 3], [4, 5, 6]]), bias: tensor([10, 20, 30]) } // prettier-ignore
    const [y, state] = dense({ units: 3 }).apply(params, [], tensor([[1, 0], [0, 1], [2, -1]]), still) // prettier-ignore
    expect(toArray(y)).toEqual([[11, 22, 33], [14, 25, 36], [8, 19, 30]]) // prettier-ignore
    expect(state).toEqual([])
    const [deep] = dense({ units: 3 }).apply(params, [], tensor([[[1, 0], [0, 1]]]), still) // prettier-ignore
    expect(toArray(deep)).toEqual([[[11, 22, 33], [14, 25, 36]]]) // prettier-ignore
  })

  test.each([
    { shape: [2, 5], kernel: [5, 4], output: [2, 4] },
    { shape: [2, 7, 5], kernel: [5, 4], output: [2, 7, 4] },
    { shape: [0, 1], kernel: [1, 4], output: [0, 4] }
  ])("for inputs of shape $shape has a kernel of $kernel and gives $output", ({ shape, kernel, output }) => {
    const { params, state } = dense({ units: 4 }).init(key(0), zeros(shape))
    expect([params.kernel.shape, params.bias.shape, state]).toEqual([kernel, [4], []])
    expect(dense({ units: 4 }).apply(params, state, zeros(shape), still)[0].shape).toEqual(output)
  })

  test("has no bias if none is wanted, by type as well", () => {
    const { params } = dense({ units: 2, bias: false }).init(key(0), zeros([1, 3]))
    expectTypeOf(params).toEqualTypeOf<Kernel>()
    expect(Object.keys(params)).toEqual(["kernel"])
    const [y] = dense({ units: 2, bias: false }).apply({ kernel: tensor([[1, 2]]) }, [], tensor([[3]]), still)
    expect(toArray(y)).toEqual([[3, 6]])
    const options: DenseOptions = { units: 2 }
    expectTypeOf(dense(options).init(key(0), zeros([1, 3])).params).toEqualTypeOf<Kernel | Affine>()
  })

  test("draws by its initializers, from two keys, in the dtype of the input; bias zeros by default", () => {
    const drawn: Initializer = (k, shape, dtype = "f32") => normal(k, shape, { dtype })
    const { kernel, bias } = dense({ units: 3, kernel: drawn, bias: drawn }).init(key(1), zeros([1, 1], "f64")).params
    expect([kernel.dtype, bias.dtype]).toEqual(["f64", "f64"])
    expect(toTyped(kernel)).not.toEqual(toTyped(bias))
    const plain = dense({ units: 3 }).init(key(1), zeros([1, 4])).params
    expect([plain.kernel.dtype, plain.bias.dtype, toArray(plain.bias)]).toEqual(["f32", "f32", [0, 0, 0]])
    expect(toTyped(plain.kernel)).toEqual(toTyped(dense({ units: 3 }).init(key(1), zeros([1, 4])).params.kernel))
    expect(toTyped(plain.kernel)).not.toEqual(toTyped(dense({ units: 3 }).init(key(2), zeros([1, 4])).params.kernel))
    expect(
      toArray(dense({ units: 2, bias: constantInitializer(0.5) }).init(key(0), zeros([1, 1])).params.bias)
    ).toEqual([0.5, 0.5])
  })

  const drawn = dense({ units: 3 }).init(key(0), zeros([1, 4]))
  const init = (x: Tensor) => () => dense({ units: 3 }).init(key(0), x)
  const make = (options: unknown) => () => dense(options as DenseOptions)
  test.each<[string, string, () => unknown]>([
    ["HyperparameterError", "dense: expected units to be a whole number ≥ 1; got 0", make({ units: 0 })],
    ["HyperparameterError", "dense: expected units to be a whole number ≥ 1; got 1.5", make({ units: 1.5 })],
    ["HyperparameterError", "dense: expected units to be a whole number ≥ 1; got NaN", make({ units: NaN })],
    ["HyperparameterError", "dense: expected units to be a whole number ≥ 1; got undefined", make({})],
    ["HyperparameterError", "dense: expected options in a record; got 3", make(3)],
    [
      "HyperparameterError",
      'dense: expected options among units, kernel, bias; got "kernal" (did you mean "kernel"?)',
      make({ units: 3, kernal: glorotUniform })
    ],
    ["HyperparameterError", 'dense: expected kernel to be a function; got "he"', make({ units: 3, kernel: "he" })],
    [
      "HyperparameterError",
      "dense: expected bias to be a function, or false for none; got true",
      make({ units: 3, bias: true })
    ],
    ["DTypeError", "dense: expected f32 or f64; got i32", init(zeros([2, 2], "i32"))],
    [
      "DataError",
      "dense: expected a batch of inputs, such as zeros([1, 3]); got an array of 1 (write tensor(…))",
      init([4] as never)
    ],
    ["ShapeError", "dense: expected inputs with a last axis of features; got f32[]", init(zeros([]))],
    [
      "ShapeError",
      "dense: expected inputs of 4 features; got f32[2, 5]",
      () => dense({ units: 3 }).apply(drawn.params, [], zeros([2, 5]), still)
    ],
    ["DTypeError", "f64 and f32", () => dense({ units: 3 }).apply(drawn.params, [], zeros([2, 4], "f64"), still)],
    ["KeyError", "key", () => dense({ units: 3 }).init(tensor([0, 1]), zeros([1, 4]))]
  ])("refuses with a %s: %s", (name, message, use) => {
    expect(use).toThrow(expect.objectContaining({ name, message: expect.stringContaining(message) as string }) as Error)
  })
})

describe("activation", () => {
  const x = tensor([[-1, 0], [2, 3]]) // prettier-ignore

  test("applies a function to the batch and keeps nothing", () => {
    const layer = activation(relu)
    const { params, state } = layer.init(key(0), x)
    expect([params, state]).toEqual([[], []])
    expect(toArray(layer.apply(params, state, x, training(0))[0])).toEqual([[0, 0], [2, 3]]) // prettier-ignore
    const rows = toArray(activation(t => softmax(t)).apply([], [], x, still)[0]) as number[][]
    for (const row of rows) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6)
  })

  test.each([
    [activation(relu), "relu"],
    [activation(x => x), "activation"],
    [activation(x => x, "identity"), "identity"],
    [activation(tanh, "tanh"), "tanh"]
  ])("%#: is named as its function, or as one says", (layer, name) => {
    expect(layer.name).toBe(name)
  })
})

describe("dropout", () => {
  const ones = (n: number): Tensor => tensor(new Float32Array(n).fill(1))
  const drop = (rate: number, x: Tensor, mode: Mode): Tensor => dropout({ rate }).apply([], [], x, mode)[0]

  test.each([0.1, 0.3, 0.5, 0.9])(
    "rate %s: keeps the share 1 - rate and divides it by that, so that the mean stays",
    rate => {
      const n = 40_000
      const values = toTyped(drop(rate, ones(n), training(3)))
      const kept = values.filter(value => value !== 0)
      expect(new Set(kept)).toEqual(new Set([Math.fround(1 / Math.fround(1 - rate))]))
      expect(Math.abs(kept.length / n - (1 - rate))).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / n))
      expect(Math.abs(item(mean(drop(rate, ones(n), training(3)))) - 1)).toBeLessThan(
        4 * Math.sqrt(rate / (1 - rate) / n)
      )
    }
  )

  test("drops elements, not examples or features", () => {
    const rows = toArray(
      drop(0.5, tensor(new Float32Array(64 * 64).fill(1), { shape: [64, 64] }), training(1))
    ) as number[][]
    const counts = [...rows, ...(rows[0] ?? []).map((_, j) => rows.map(row => row[j] ?? 0))].map(
      line => line.filter(value => value !== 0).length
    )
    expect(counts.length).toBe(128)
    expect(Math.min(...counts)).toBeGreaterThan(15)
    expect(Math.max(...counts)).toBeLessThan(49)
  })

  test("is off when the model is not trained, and at rate 0", () => {
    const x = tensor([1, NaN, -3, Infinity])
    expect(drop(0.9, x, still)).toBe(x)
    expect(toArray(drop(0, x, training(0)))).toEqual([1, NaN, -3, Infinity])
  })

  test("what is dropped is 0, whatever it was, and gets no gradient", () => {
    const wild = tensor(new Float32Array(1000).fill(NaN))
    expect(new Set(toTyped(drop(0.5, wild, training(0))))).toEqual(new Set([0, NaN]))
    const mask = toTyped(drop(0.25, ones(1000), training(7)))
    expect(toTyped(grad((x: Tensor) => sum(drop(0.25, x, training(7))))(ones(1000)))).toEqual(mask)
  })

  test("the same key drops the same, another key others; compiled too; in the dtype of its input", () => {
    const x = tensor(new Float64Array(200).fill(1))
    const values = toTyped(drop(0.5, x, training(0)))
    expect(values).toBeInstanceOf(Float64Array)
    expect(toTyped(drop(0.5, x, training(0)))).toEqual(values)
    expect(toTyped(drop(0.5, x, training(1)))).not.toEqual(values)
    const compiled = compile((k: Tensor) => drop(0.5, x, { training: true, key: k }))
    expect(toTyped(compiled(key(0)))).toEqual(values)
  })

  test.each([1, 1.5, -0.1, NaN, Infinity])("refuses the rate %s", rate => {
    const message = `dropout: expected rate to be a number ≥ 0 and < 1; got ${rate}`
    expect(() => dropout({ rate })).toThrow(expect.objectContaining({ name: "HyperparameterError", message }) as Error)
  })
})
