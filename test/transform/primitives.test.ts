import { describe, expect, test } from "vitest"
import { compile, item, mul, scalar, tensor, toArray, toTyped, Tree, zeros, type Tensor } from "thalweg"
import { linear } from "thalweg/schedule"
import {
  addDecayedWeights,
  applyMomentum,
  clipByGlobalNorm,
  clockAt,
  globalNorm,
  scale,
  scaleByRadam,
  scaleByAdam,
  scaleByLearningRate,
  type AnyF,
  type Transform
} from "thalweg/transform"

const STEPS = 6
const PARAMETERS = [1, -2, 0.5, 0]
const UPDATES = Array.from({ length: STEPS }, (_, t) => [0.5 * t - 1, 3, t % 2 === 0 ? -1 : 2, t < 3 ? 0 : 1e-7])

/** What comes out over the steps, elements side by side, in f64. */
const run = (transform: Transform<AnyF>, gradients = UPDATES): readonly (readonly number[])[] => {
  const params = tensor(PARAMETERS, { dtype: "f64" })
  let state = transform.init(params)
  return gradients.map((values, t) => {
    const [out, after] = transform.update(tensor(values, { dtype: "f64" }), state, params, clockAt(t))
    state = after
    return [...toTyped(out)]
  })
}

/** The same, each element on its own through a formula with variables of its own. */
const byFormula = <V>(first: V, formula: (u: number, v: V, p: number, t: number) => readonly [out: number, v: V]) => {
  const variables = PARAMETERS.map(() => first)
  return UPDATES.map((values, t) =>
    values.map((u, i) => {
      const [out, next] = formula(u, variables[i] ?? first, PARAMETERS[i] ?? 0, t)
      variables[i] = next
      return out
    })
  )
}

const expectClose = (actual: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void => {
  actual.forEach((values, t) =>
    values.forEach((value, i) => {
      const wanted = expected[t]?.[i] ?? NaN
      expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-14 * Math.abs(wanted))
    })
  )
}

const falling = linear({ start: 1, end: 0, steps: 4 })
const fall = (t: number): number => 1 - Math.min(t, 4) / 4

const adamFormula =
  (b1: number, b2: number, eps: number, epsRoot: number) =>
  (g: number, { m, v }: { readonly m: number; readonly v: number }, _: number, t: number) => {
    const next = { m: b1 * m + (1 - b1) * g, v: b2 * v + (1 - b2) * g * g }
    const [c1, c2] = [1 - b1 ** (t + 1), 1 - b2 ** (t + 1)]
    return [next.m / c1 / (Math.sqrt(next.v / c2 + epsRoot) + eps), next] as const
  }

/** Transforms that act on each element alone, and their formulas. */
const elementwise: readonly (readonly [name: string, actual: readonly (readonly number[])[], expected: number[][]])[] =
  [
    ["scale", run(scale(-1.5)), byFormula(0, u => [-1.5 * u, 0])],
    ["scale by a schedule", run(scale(falling)), byFormula(0, (u, _, __, t) => [fall(t) * u, 0])],
    ["scaleByLearningRate", run(scaleByLearningRate(0.1)), byFormula(0, u => [-0.1 * u, 0])],
    ["addDecayedWeights", run(addDecayedWeights(0.3)), byFormula(0, (u, _, p) => [u + 0.3 * p, 0])],
    [
      "addDecayedWeights by a schedule",
      run(addDecayedWeights(falling)),
      byFormula(0, (u, _, p, t) => [u + fall(t) * p, 0])
    ],
    ["applyMomentum", run(applyMomentum({ decay: 0.9 })), byFormula(0, (u, b) => [0.9 * b + u, 0.9 * b + u])],
    [
      "applyMomentum by a schedule",
      run(applyMomentum({ decay: step => mul(falling(step), 0.5) })),
      byFormula(0, (u, b, _, t) => [0.5 * fall(t) * b + u, 0.5 * fall(t) * b + u])
    ],
    [
      "applyMomentum with nesterov",
      run(applyMomentum({ decay: 0.9, nesterov: true })),
      byFormula(0, (u, b) => [u + 0.9 * (0.9 * b + u), 0.9 * b + u])
    ],
    [
      "applyMomentum with dampening",
      run(applyMomentum({ decay: 0.5, dampening: 0.25 })),
      byFormula(0, (u, b) => [0.5 * b + 0.75 * u, 0.5 * b + 0.75 * u])
    ],
    [
      "applyMomentum with dampening but for the first",
      run(applyMomentum({ decay: 0.5, dampening: 0.25, dampenFirst: false })),
      byFormula(0, (u, b, _, t) => [0.5 * b + (t === 0 ? 1 : 0.75) * u, 0.5 * b + (t === 0 ? 1 : 0.75) * u])
    ],
    ["scaleByAdam by default", run(scaleByAdam()), byFormula({ m: 0, v: 0 }, adamFormula(0.9, 0.999, 1e-8, 0))],
    [
      "scaleByAdam",
      run(scaleByAdam({ b1: 0.5, b2: 0.75, eps: 0.1, epsRoot: 0.01 })),
      byFormula({ m: 0, v: 0 }, adamFormula(0.5, 0.75, 0.1, 0.01))
    ],
    [
      "scaleByAdam without memory",
      run(scaleByAdam({ b1: 0, b2: 0 })),
      byFormula({ m: 0, v: 0 }, adamFormula(0, 0, 1e-8, 0))
    ]
  ]

test.each(elementwise)("%s is its formula", (_, actual, expected) => {
  expect(actual.length).toBe(STEPS)
  expectClose(actual, expected)
})

describe("scaleByAdam", () => {
  test("a first step, or a constant gradient, gives ±1 (ε = 0)", () => {
    for (const values of run(
      scaleByAdam({ eps: 0 }),
      UPDATES.map(() => [3, -1e-3, 1e8, 0.5])
    ))
      expectClose([values], [[1, -1, 1, 1]])
  })

  test("does not see the scale of gradients: the same bits for powers of two (ε = 0)", () => {
    const nonzero = UPDATES.map(values => values.map(u => u + 0.1))
    const scaled = nonzero.map(values => values.map(u => u * 2 ** 20))
    expect(run(scaleByAdam({ eps: 0 }), scaled)).toEqual(run(scaleByAdam({ eps: 0 }), nonzero))
    expect(
      run(
        scaleByAdam({ eps: 0 }),
        nonzero.map(values => values.map(u => -u))
      )
    ).toEqual(run(scaleByAdam({ eps: 0 }), nonzero).map(values => values.map(u => -u)))
  })

  test("keeps moments in the dtype of each parameter, and gives 0 where there never was a gradient", () => {
    const params = { a: zeros([2]), b: zeros([2], "f64") }
    const transform = scaleByAdam()
    const [out, { mu, nu }] = transform.update(params, transform.init(params), params, clockAt(0))
    expect([mu.a.dtype, nu.a.dtype, mu.b.dtype, nu.b.dtype, out.a.dtype, out.b.dtype]).toEqual(["f32", "f32", "f64", "f64", "f32", "f64"]) // prettier-ignore
    expect([toArray(out.a), toArray(out.b)]).toEqual([[0, 0], [0, 0]]) // prettier-ignore
  })
})

describe("globalNorm", () => {
  test("is the root of the sum of all squares, in f64", () => {
    const tree = { a: tensor([3, 0]), b: [tensor([[4]], { dtype: "f64" }), scalar(12)] as const }
    expect([item(globalNorm(tree)), globalNorm(tree).dtype]).toEqual([13, "f64"])
    expect(item(globalNorm({}))).toBe(0)
    expect(item(globalNorm(zeros([0, 2])))).toBe(0)
  })

  test("does not overflow where f32 would, nor lose small elements among many", () => {
    expect(item(globalNorm(tensor([3e30, 4e30])))).toBeCloseTo(Math.hypot(Math.fround(3e30), Math.fround(4e30)), -18)
    const many = { big: scalar(1), small: Tree.map(() => tensor(new Float32Array(10_000).fill(1e-4)))(scalar(0)) }
    expect(item(globalNorm(many))).toBeCloseTo(Math.sqrt(1 + 10_000 * Math.fround(1e-4) ** 2), 14)
  })
})

describe("clipByGlobalNorm", () => {
  const clip = <T extends Tree>(tree: T, maxNorm: number, eps?: number): T => {
    const transform = clipByGlobalNorm(maxNorm, eps === undefined ? {} : { eps })
    return transform.update(tree, transform.init(tree), tree, clockAt(0))[0]
  }
  const u = { a: tensor([3, 0], { dtype: "f64" }), b: [tensor([-4], { dtype: "f64" })] as const }
  const read = (tree: Tree): readonly number[] => Tree.leaves(tree).flatMap(t => [...toTyped(t)])

  test("shortens to the norm without turning; within the norm nothing changes, to the last bit", () => {
    expectClose([read(clip(u, 1))], [[0.6, 0, -0.8]])
    for (const norm of [5, 5.5, 1e300]) expect(read(clip(u, norm))).toEqual([3, 0, -4])
    expect(read(clip(Tree.zerosLike(u), 1))).toEqual([0, 0, 0])
  })

  test("is idempotent, and two clip to the smaller norm", () => {
    expectClose([read(clip(clip(u, 0.7), 0.7))], [read(clip(u, 0.7))])
    expectClose([read(clip(clip(u, 2), 3))], [read(clip(u, 2))])
    expectClose([read(clip(clip(u, 3), 2))], [read(clip(u, 2))])
  })

  test("eps is added to the norm, before it is compared", () => {
    expectClose([read(clip(u, 2.5, 1))], [[1.25, 0, (-4 * 2.5) / 6]])
    expectClose([read(clip(u, 5.5, 1))], [[(3 * 5.5) / 6, 0, (-4 * 5.5) / 6]])
  })

  test("looks at all leaves together: another leaf shortens this one", () => {
    expect(read(clip(u.a, 3))).toEqual([3, 0])
    expect(read(clip(u, 3))[0]).toBeCloseTo(1.8, 14)
  })

  test.each([
    ["NaN", [NaN, 1], [NaN, NaN]],
    ["infinite", [Infinity, 1], [NaN, 0]],
    ["minus infinite", [-Infinity, -1], [NaN, -0]]
  ])("a gradient that is %s stays visible", (_, values, expected) => {
    for (const dtype of ["f32", "f64"] as const) {
      const wild: Tensor = tensor(values, { dtype })
      expect(toArray(clip(wild, 1))).toEqual(expected)
      expect(toArray(compile((t: Tensor) => clip(t, 1))(wild))).toEqual(expected)
    }
  })
})

test("radam does not move at lengths up to 4, where those are rectified", () => {
  const g = scalar(1, "f64")
  const updates = (threshold: number): readonly number[] => {
    const radam = scaleByRadam({ threshold }) // the lengths are a little below 1, 2, 3, …
    const state = { mu: g, nu: g } // as after many gradients of 1
    return [0, 1, 2, 3, 4, 5].map(step => item(radam.update(g, state, g, clockAt(step))[0]))
  }
  const [early, paper] = [updates(3.5), updates(4)]
  expect(early[3]).toBe(0)
  expect(paper[3]).toBeGreaterThan(1)
  expect(early.toSpliced(3, 1)).toEqual(paper.toSpliced(3, 1))
  expect(early[4]).toBeGreaterThan(0)
})
