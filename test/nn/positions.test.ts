import { describe, expect, test } from "vitest"
import { abs, concat, evaluate, item, max, sliceAxis, sub, tensor, zeros, type Tensor } from "thalweg"
import { cachedPositions, cachedSinusoidalPositions, positions, sinusoidalPositions } from "thalweg/nn"
import { key, normal } from "thalweg/random"

const still = { training: false } as const
const worst = (a: Tensor, b: Tensor) => item(max(abs(sub(a, b))))
const x = normal(key(1), [2, 4, 6])

describe("positions", () => {
  const { params } = positions({ length: 4 }).init(key(0), x)

  test("place by place, or some at once, are as all at once", () => {
    const [learned, waves] = [cachedPositions({ length: 4 }), cachedSinusoidalPositions()]
    const cut = (from: number, to: number) => sliceAxis(x, 1, from, to)
    const [a, after] = evaluate(learned.apply(params, learned.init(key(0), x).state, cut(0, 1), still))
    const [b] = learned.apply(params, after, cut(1, 4), still)
    expect(worst(concat([a, b], 1), positions({ length: 4 }).apply(params, [], x, still)[0])).toBe(0)
    const [c, later] = evaluate(waves.apply([], waves.init(key(0), x).state, cut(0, 3), still))
    const [d] = waves.apply([], later, cut(3, 4), still)
    expect(worst(concat([c, d], 1), sinusoidalPositions().apply([], [], x, still)[0])).toBe(0)
  })

  test("take no place, f64, and as many places as there are", () => {
    expect(positions({ length: 4 }).apply(params, [], zeros([1, 0, 6]), still)[0].shape).toEqual([1, 0, 6])
    expect(sinusoidalPositions().apply([], [], zeros([1, 2, 4], "f64"), still)[0].dtype).toBe("f64")
    expect(sinusoidalPositions().apply([], [], zeros([1, 2, 0]), still)[0].shape).toEqual([1, 2, 0])
  })

  test("name themselves in errors", () => {
    expect(() => positions({ length: 4 }).apply(params, [], zeros([1, 5, 6]), still)).toThrow("positions: expected at most 4 places of 6 features; got f32[1, 5, 6]") // prettier-ignore
    expect(() => positions({ length: 4 }).init(key(0), zeros([2, 6]))).toThrow("positions: expected inputs [batch, places, features]; got f32[2, 6]") // prettier-ignore
    expect(() => sinusoidalPositions().apply([], [], zeros([1, 2, 3]), still)).toThrow("sinusoidalPositions: expected features of even number; got f32[1, 2, 3]") // prettier-ignore
    const full = { count: tensor(4, { dtype: "i32" }) }
    expect(() => evaluate(cachedPositions({ length: 4 }).apply(params, full, zeros([1, 1, 6]), still)[0])).toThrow("cachedPositions: expected places from 0 to 3") // prettier-ignore
  })
})
