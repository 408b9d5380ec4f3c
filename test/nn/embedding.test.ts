import { describe, expect, expectTypeOf, test } from "vitest"
import { add, compile, evaluate, grad, matmul, mul, oneHot, sum, tensor, toArray, transpose, zeros, type Tensor } from "thalweg" // prettier-ignore
import { connect, embedding, sequential, dense, withParams, type Table } from "thalweg/nn"
import { key, normal } from "thalweg/random"

const still = { training: false } as const
const ids = tensor([[0, 2, 2]], { dtype: "i32" })
const layer = embedding({ tokens: 3, features: 2 })
const { params } = layer.init(key(0), ids)

describe("embedding", () => {
  test("is the product of a one-hot encoding with the table", () => {
    const [y] = layer.apply(params, [], ids, still)
    expect(toArray(y)).toEqual(toArray(matmul(oneHot(ids, 3), params.table)))
  })

  test("names itself for an id that is not in the table, known or not", () => {
    const wrong = tensor([[0, 3]], { dtype: "i32" })
    expect(() => layer.apply(params, [], wrong, still)).toThrow("embedding: expected ids from 0 to 2 (3 tokens); got 3 at place 1") // prettier-ignore
    expect(() => evaluate(layer.apply(params, [], add(wrong, 0), still)[0])).toThrow(
      /^embedding: expected ids from 0 to 2/
    )
    const run = compile((ids: Tensor) => layer.apply(params, [], ids, still)[0])
    expect(() => run(tensor([[-1, 0]], { dtype: "i32" }))).toThrow(/^embedding: expected ids from 0 to 2/)
    const model = sequential({ embed: layer, head: dense({ units: 1 }) })
    const start = model.init(key(0), ids)
    expect(() => model.apply(start.params, start.state, wrong, still)).toThrow('embedding at "embed"')
  })

  test("takes ids only, of any shape", () => {
    expect(() => layer.apply(params, [], zeros([1, 2]), still)).toThrow("embedding: expected ids of i32 or u32; got f32[1, 2]") // prettier-ignore
    expect(layer.apply(params, [], zeros([0, 4], "u32"), still)[0].shape).toEqual([0, 4, 2])
    expect(() => embedding({ tokens: 0, features: 1 })).toThrow("expected tokens to be a whole number ≥ 1; got 0")
  })

  test("is drawn in the dtype that is asked for", () => {
    expect(embedding({ tokens: 2, features: 2, dtype: "f64" }).init(key(0), ids).params.table.dtype).toBe("f64")
  })
})

describe("withParams", () => {
  const tied = connect("tied", { embed: withParams(layer) }, ({ embed }, ids: Tensor) => {
    const [x, { table }] = embed(ids)
    return matmul(x, transpose(table))
  })

  test("has the parameters of the layer", () => {
    const { params } = tied.init(key(0), ids)
    expectTypeOf(params).toEqualTypeOf<{ readonly embed: Table }>()
  })

  test("lets gradients of both uses add up", () => {
    const weights = normal(key(1), [1, 3, 3])
    const value = (x: Tensor, table: Tensor) => sum(mul(weights, matmul(x, transpose(table))))
    const looked = (table: Tensor) => layer.apply({ table }, [], ids, still)[0]
    const { table } = params
    const whole = grad((table: Tensor) => sum(mul(weights, tied.apply({ embed: { table } }, { embed: [] }, ids, still)[0])))(table) // prettier-ignore
    const input = grad((t: Tensor) => value(looked(t), table))(table)
    const output = grad((t: Tensor) => value(looked(table), t))(table)
    const [sumOf, both] = [toArray(add(input, output)), toArray(whole)].map(a => (a as number[][]).flat()) as [number[], number[]] // prettier-ignore
    both.forEach((g, i) => { expect(g).toBeCloseTo(sumOf[i] ?? NaN, 6) }) // prettier-ignore
    expect(toArray(input)).not.toEqual(toArray(whole))
  })
})
