import fc from "fast-check"
import { describe, expect, expectTypeOf, test } from "vitest"
import {
  compile,
  div,
  erf,
  item,
  max,
  mean,
  scalar,
  scan,
  sort,
  stack,
  take,
  tensor,
  toArray,
  toTyped,
  zeros,
  type Tensor
} from "thalweg"
import * as random from "thalweg/random"

const { bits, foldIn, key, permutation, split, uniform } = random

const arbSeed = fc.maxSafeNat()
const arbShape = fc.array(fc.nat(5), { maxLength: 3 })
const arbCounts = fc.tuple(fc.nat(20), fc.nat(20)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)

/** One draw of each kind, as a function of the key alone. */
const draws: Readonly<Record<string, (key: Tensor) => Tensor>> = {
  split: k => stack(split(k)),
  foldIn: k => foldIn(k, 3),
  bits: k => bits(k, [4, 5]),
  uniform: k => uniform(k, [20], { min: -3, max: 0.7 }),
  uniformF64: k => uniform(k, [20], { dtype: "f64" }),
  normal: k => random.normal(k, [20]),
  normalF64: k => random.normal(k, [20], { dtype: "f64" }),
  truncatedNormal: k => random.truncatedNormal(k, -1, 2, [20]),
  bernoulli: k => random.bernoulli(k, 0.5, [40]),
  bernoulliOfTensor: k => random.bernoulli(k, tensor([0.3, 0.7]), [20, 2]),
  gumbel: k => random.gumbel(k, [20]),
  categorical: k => random.categorical(k, zeros([20, 9])),
  permutation: k => permutation(k, 20),
  randint: k => random.randint(k, [20], { min: -(2 ** 31), max: 2 ** 31 }),
  exponential: k => random.exponential(k, [20]),
  gamma: k => random.gamma(k, tensor([0.3, 1, 7]), [10, 3]),
  gammaF64: k => random.gamma(k, 2, [20], { dtype: "f64" }),
  beta: k => random.beta(k, 0.5, tensor([0.5, 3]), [10, 2]),
  poisson: k => random.poisson(k, tensor([3, 40]), [20, 2]),
  choice: k => random.choice(k, 2 ** 30, [20]),
  choiceByShares: k => random.choice(k, 50, [20], { p: uniform(key(1), [50]) }),
  choiceOfOthers: k => random.choice(k, tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), [3, 4], { replace: false })
}

describe.each(Object.entries(draws))("%s", (_, draw) => {
  test("gives the same bits compiled or not, and every time", () => {
    const compiled = compile(draw)
    fc.assert(
      fc.property(arbSeed, seed => {
        const expected = toTyped(draw(key(seed)))
        expect(toTyped(draw(key(seed)))).toEqual(expected)
        expect(toTyped(compiled(key(seed)))).toEqual(expected)
      }),
      { numRuns: 20 }
    )
  })

  test("gives other values for another key", () => {
    fc.assert(
      fc.property(fc.uniqueArray(arbSeed, { minLength: 2, maxLength: 2 }), seeds => {
        const [a, b] = seeds.map(seed => toTyped(draw(key(seed))))
        expect(a).not.toEqual(b)
      }),
      { numRuns: 20 }
    )
  })
})

describe("keys", () => {
  test("a seed is the two words of a 64-bit integer", () => {
    expect(toArray(key(2 ** 32 + 7))).toEqual([1, 7])
    expect(toArray(key(2 ** 53 - 1))).toEqual([2 ** 21 - 1, 2 ** 32 - 1])
  })

  test("a split begins with every shorter one, and its keys are foldIn of their index", () => {
    fc.assert(
      fc.property(arbSeed, arbCounts, (seed, [m, n]) => {
        const keys = split(key(seed), n).map(toArray)
        expect(keys.slice(0, m)).toEqual(split(key(seed), m).map(toArray))
        expect(keys).toEqual(keys.map((_, i) => toArray(foldIn(key(seed), i))))
      })
    )
  })

  test("a split is typed by its count, so that it can be destructured", () => {
    expectTypeOf(split(key(0))).toEqualTypeOf<readonly [Tensor, Tensor]>()
    expectTypeOf(split(key(0), 3)).toEqualTypeOf<readonly [Tensor, Tensor, Tensor]>()
    expectTypeOf(split(key(0), Number("4"))).toEqualTypeOf<readonly Tensor[]>()
    expectTypeOf(split(key(0), 100)[15]).toEqualTypeOf<Tensor>()
  })

  test("foldIn takes a traced step; a key can be the carry of a loop", () => {
    const steps = tensor([0, 1, 2], { dtype: "i32" })
    const [last, each] = scan((k: Tensor, i: Tensor) => [foldIn(k, i), foldIn(k, i)] as const, key(1), steps)
    const unrolled = [0, 1, 2].reduce(foldIn, key(1))
    expect(toArray(last)).toEqual(toArray(unrolled))
    expect(toArray(take(each, scalar(0, "i32")))).toEqual(toArray(foldIn(key(1), 0)))
  })

  test("foldIn reads a negative i32 as the u32 of the same bits", () => {
    expect(toArray(foldIn(key(3), scalar(-1, "i32")))).toEqual(toArray(foldIn(key(3), 2 ** 32 - 1)))
  })
})

describe("distributions", () => {
  test("bits depend on the row-major index only: shapes of one size agree, larger ones begin with smaller", () => {
    fc.assert(
      fc.property(arbSeed, arbShape, fc.nat(20), (seed, shape, more) => {
        const drawn = toTyped(bits(key(seed), shape))
        expect(toTyped(bits(key(seed), [drawn.length + more])).slice(0, drawn.length)).toEqual(drawn)
      })
    )
  })

  test("uniform stays within its bounds", () => {
    fc.assert(
      fc.property(arbSeed, fc.integer({ min: -99, max: 99 }), fc.integer({ min: 1, max: 99 }), (seed, min, width) => {
        const drawn = toTyped(uniform(key(seed), [50], { min, max: min + width }))
        expect(drawn.every(x => x >= min && x < min + width)).toBe(true)
      })
    )
  })

  test.each([
    [{ min: 10, max: 11 }, 11 - 2 ** -20],
    [{ min: -(2 ** 24), max: 2 - 2 ** 24 }, -(2 ** 24) + 1],
    [{ min: 1, max: 1 + 2 ** -23 }, 1],
    [{ min: 1, max: 1 + 2 ** -52, dtype: "f64" }, 1],
    [{ min: -(2 ** -149), max: 0 }, -(2 ** -149)],
    [{ min: 1e30, max: 1e30 + 2 ** 76 }, Math.fround(1e30)]
  ] as const)("uniform between %j is below the end, where draws are rounded up to it", (options, largest) => {
    // of so many draws, several are within half a digit of the end
    expect(Math.max(...toTyped(max(uniform(key(1), [2 ** 22], options))))).toBe(largest)
  })

  test("truncatedNormal in f64 is the quantile of the uniform draw between the bounds' probabilities", () => {
    const cdf = (x: Tensor): Tensor => erf(div(x, Math.SQRT2))
    const [min, max] = [-1.5, 3].map(bound => item(cdf(scalar(bound, "f64")))) as [number, number]
    const drawn = random.truncatedNormal(key(5), -1.5, 3, [200], { dtype: "f64" })
    const expected = toTyped(uniform(key(5), [200], { min, max, dtype: "f64" }))
    toTyped(cdf(drawn)).forEach((u, i) => expect(u).toBeCloseTo(expected[i] ?? NaN, 14))
    expect(toTyped(drawn).every(x => x > -1.5 && x < 3)).toBe(true)
  })

  test("truncatedNormal lies strictly between its bounds even where f32 rounds onto them", () => {
    const [lower, upper] = [1, 1 + 2 ** -20]
    const drawn = toTyped(random.truncatedNormal(key(0), lower, upper, [1000]))
    expect(drawn.every(x => x > lower && x < upper)).toBe(true)
  })

  test.each([3, 2, 1])("truncatedNormal above %f with a bound far away is never at that bound", lower => {
    const drawn = random.truncatedNormal(key(0), lower, 1e30, [200_000])
    // φ(lower) / P(X > lower)
    const means: Readonly<Record<number, number>> = { 3: 3.28309865, 2: 2.37321553, 1: 1.52513528 }
    expect(item(max(drawn))).toBeLessThan(7)
    expect(item(mean(drawn))).toBeCloseTo(means[lower] ?? NaN, 2)
  })

  test("bernoulli is certain at 0 and 1", () => {
    expect(toTyped(random.bernoulli(key(0), 0, [1000])).some(Boolean)).toBe(false)
    expect(toTyped(random.bernoulli(key(0), 1, [1000])).every(Boolean)).toBe(true)
  })

  test("categorical never draws what has no probability, along any axis", () => {
    const logits = tensor([
      [0, 1],
      [-Infinity, -Infinity],
      [2, 0.5]
    ])
    const drawn = random.categorical(key(0), logits, { axis: 0, shape: [500, 2] })
    expect(drawn.shape).toEqual([500, 2])
    expect(new Set(toTyped(drawn))).toEqual(new Set([0, 2]))
  })

  test("a permutation has every element once, and shuffles a tensor along its first axis", () => {
    fc.assert(
      fc.property(arbSeed, fc.nat(40), (seed, n) => {
        const order = permutation(key(seed), n)
        expect([...toTyped(sort(order))]).toEqual([...Array(n).keys()])
        const rows = uniform(key(seed), [n, 2])
        expect(toTyped(permutation(key(seed), rows))).toEqual(toTyped(take(rows, order)))
      })
    )
  })
})

describe("errors", () => {
  const k = key(0)
  const wrong = tensor([0, 0]) // f32

  test.each([
    ["KeyError", () => key(-1)],
    ["KeyError", () => key(0.5)],
    ["KeyError", () => key(2 ** 53)],
    ["KeyError", () => key(NaN)],
    ["KeyError", () => split(wrong)],
    ["KeyError", () => foldIn(scalar(1, "u32"), 0)],
    ["KeyError", () => uniform(stack(split(k)), [2])],
    ["KeyError", () => random.normal(42 as unknown as Tensor, [2])],
    ["HyperparameterError", () => split(k, -1)],
    ["HyperparameterError", () => split(k, 1.5)],
    ["DTypeError", () => foldIn(k, -1)],
    ["DTypeError", () => foldIn(k, 0.5)],
    ["DTypeError", () => foldIn(k, scalar(1))],
    ["ShapeError", () => foldIn(k, tensor([1, 2], { dtype: "i32" }))],
    ["ShapeError", () => bits(k, [-1])],
    ["HyperparameterError", () => uniform(k, [1], { min: 1, max: 1 })],
    ["HyperparameterError", () => uniform(k, [1], { min: NaN })],
    ["HyperparameterError", () => uniform(k, [1], { max: Infinity })],
    ["HyperparameterError", () => uniform(k, [1], { min: 1, max: 1 + 1e-9 })],
    ["HyperparameterError", () => random.truncatedNormal(k, 2, -2, [1])],
    ["HyperparameterError", () => random.truncatedNormal(k, 0, Infinity, [1])],
    ["HyperparameterError", () => random.truncatedNormal(k, 8, 8 + 2 ** -20, [1])],
    ["HyperparameterError", () => random.bernoulli(k, 1.5, [1])],
    ["HyperparameterError", () => random.bernoulli(k, NaN, [1])],
    ["DTypeError", () => random.bernoulli(k, tensor([1], { dtype: "i32" }), [1])],
    ["ShapeError", () => random.bernoulli(k, tensor([0.5, 0.5]), [3])],
    ["HyperparameterError", () => random.randint(k, [1], { min: 5, max: 5 })],
    ["HyperparameterError", () => random.randint(k, [1], { min: 7, max: 3 })],
    ["HyperparameterError", () => random.randint(k, [1], { max: 1.5 })],
    ["HyperparameterError", () => random.randint(k, [1], { max: 2 ** 31 + 1 })],
    ["DTypeError", () => random.categorical(k, tensor([1, 2], { dtype: "i32" }))],
    ["AxisError", () => random.categorical(k, zeros([2, 3]), { axis: 2 })],
    ["ShapeError", () => random.categorical(k, zeros([2, 3]), { shape: [3] })],
    ["ShapeError", () => random.categorical(k, zeros([2, 3]), { shape: [] })],
    ["ShapeError", () => permutation(k, -1)],
    ["ShapeError", () => permutation(k, 2.5)],
    ["ShapeError", () => permutation(k, scalar(3))],
    ["DTypeError", () => random.exponential(k, [1], { dtype: "i32" as "f32" })],
    ["HyperparameterError", () => random.gamma(k, 0, [1])],
    ["HyperparameterError", () => random.gamma(k, Infinity, [1])],
    ["DTypeError", () => random.gamma(k, tensor([1], { dtype: "f64" }), [1])],
    ["ShapeError", () => random.gamma(k, tensor([1, 2]), [3])],
    ["HyperparameterError", () => random.beta(k, 1, -1, [1])],
    ["HyperparameterError", () => random.poisson(k, -1, [1])],
    ["HyperparameterError", () => random.poisson(k, 2 ** 31, [1])],
    ["DTypeError", () => random.poisson(k, tensor([1], { dtype: "i32" }), [1])],
    ["ShapeError", () => random.choice(k, 0, [1])],
    ["ShapeError", () => random.choice(k, scalar(3), [1])],
    ["ShapeError", () => random.choice(k, 3, [4], { replace: false })],
    ["ShapeError", () => random.choice(k, 3, [1], { p: tensor([1]) })],
    ["DTypeError", () => random.choice(k, 1, [1], { p: tensor([1], { dtype: "i32" }) })],
    ["HyperparameterError", () => random.choice(k, 3, [1], { axis: 0 } as object)]
  ])("%s: %s", (name, make) => {
    expect(make).toThrow(expect.objectContaining({ name }) as Error)
  })
})

test("truncatedNormal far out in a tail has as many values as there are", () => {
  for (const [lower, upper, dtype] of [
    [5, 6, "f32"],
    [8, 9, "f32"],
    [-9, -8, "f64"],
    [4, 3e38, "f32"],
    [1e4, 2e4, "f64"]
  ] as const) {
    const drawn = toTyped(random.truncatedNormal(key(0), lower, upper, [1000], { dtype }))
    expect(new Set(drawn).size, `${lower} to ${upper}`).toBeGreaterThan(950)
    expect(drawn.every(x => lower < x && x < upper)).toBe(true)
  }
})
