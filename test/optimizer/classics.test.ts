import { describe, expect, test } from "vitest"
import { compile, item, mul, pipe, tensor, toTyped, Tree, type Tensor } from "thalweg"
import {
  adabound,
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  amsbound,
  amsgrad,
  momentum,
  nadam,
  nag,
  radam,
  rmsprop,
  rprop,
  sgd,
  withWeightDecay,
  type Optimizer
} from "thalweg/optimizer"
import { exponential } from "thalweg/schedule"
import type { StateFamily } from "thalweg/transform"

type Rows = readonly (readonly number[])[]
const f64 = (values: readonly number[]): Tensor => tensor(values, { dtype: "f64" })

const START = [1, -2, 0.5, 0]
const GRADS: Rows = Array.from({ length: 12 }, (_, t) => [0.5 * t - 1, 3, t % 2 === 0 ? -1 : 2, t < 3 ? 0 : 1e-7])
/** Without zeros, whose sizes never fall. */
const RISING: Rows = GRADS.map((_, t) => [t + 1, -3, (t % 2 === 0 ? -1 : 1) * (2 + t), 0.25])

/** The displacements of each step. */
const displacements = <F extends StateFamily>(
  opt: Optimizer<F>,
  grads: Rows = GRADS,
  start: readonly number[] = START
): Rows => {
  const params = f64(start)
  let state = opt.init(params)
  return grads.map(values => {
    const [displacement, after] = opt.update(f64(values), state, params)
    state = after
    return [...toTyped(displacement)]
  })
}

const expectClose = (actual: Rows, expected: Rows, within = 1e-12): void => {
  expect(actual.length).toBe(expected.length)
  actual.forEach((values, t) =>
    values.forEach((value, i) => {
      const wanted = expected[t]?.[i] ?? NaN
      expect(Math.abs(value - wanted)).toBeLessThanOrEqual(within * Math.abs(wanted))
    })
  )
}

const scaledBy = (s: number, rows: Rows): Rows => rows.map(values => values.map(value => s * value))
const plusZero = (rows: Rows): Rows => rows.map(values => values.map(value => value + 0))
const A = { learningRate: 0.02, b1: 0.8, b2: 0.95 }
const at = { learningRate: 0.1 }

const displacementsOf =
  <F extends StateFamily>(opt: Optimizer<F>) =>
  (grads?: Rows, start?: readonly number[]) =>
    displacements(opt, grads, start)

/** The optimizers of the family, with ε = 0 where it is only a guard. */
const family = {
  momentum: displacementsOf(momentum(at)),
  nag: displacementsOf(nag(at)),
  adagrad: displacementsOf(adagrad({ ...at, eps: 0 })),
  adadelta: displacementsOf(adadelta()),
  adadeltaWithoutEps: displacementsOf(adadelta({ eps: 0 })),
  rmsprop: displacementsOf(rmsprop({ ...at, eps: 0 })),
  centered: displacementsOf(rmsprop({ ...at, eps: 0, centered: true })),
  rprop: displacementsOf(rprop()),
  adam: displacementsOf(adam({ ...A, eps: 0 })),
  epsilonHat: displacementsOf(adam({ ...A, eps: 0, form: "epsilonHat" })),
  amsgrad: displacementsOf(amsgrad({ ...A, eps: 0 })),
  amsgradBefore: displacementsOf(amsgrad({ ...A, eps: 0, form: "debiasedBefore" })),
  adamax: displacementsOf(adamax({ ...A, eps: 0 })),
  adamaxOutside: displacementsOf(adamax({ ...A, eps: 0, epsPlace: "outside" })),
  nadam: displacementsOf(nadam({ ...A, eps: 0 })),
  nadamScheduled: displacementsOf(nadam({ ...A, eps: 0, momentumDecay: 0.1 })),
  radam: displacementsOf(radam({ ...A, eps: 0 })),
  adabound: displacementsOf(adabound({ ...A, eps: 0 })),
  amsbound: displacementsOf(amsbound({ ...A, eps: 0 }))
}
describe.each(Object.entries(family))("%s", (_, run) => {
  test("is odd in the gradients, exactly", () => {
    expect(plusZero(run(scaledBy(-1, GRADS)))).toEqual(plusZero(scaledBy(-1, run())))
  })

  test("does not look at the parameters, exactly", () => {
    expect(run(GRADS, [7, 8, 9, -10])).toEqual(run())
  })

  test("is elementwise: elements may be permuted", () => {
    const reversed = (rows: Rows): Rows => rows.map(values => values.toReversed())
    expect(run(reversed(GRADS))).toEqual(reversed(run()))
  })

  test("zero gradients from a fresh state move nothing, even with ε = 0", () => {
    const still = GRADS.map(values => values.map(() => 0))
    expect(plusZero(run(still))).toEqual(still)
  })
})

const scaleFree = [
  ...(["adagrad", "rmsprop", "centered", "rprop", "adam", "epsilonHat", "nadam", "nadamScheduled"] as const),
  ...(["amsgrad", "amsgradBefore", "adamax", "adamaxOutside"] as const)
]

test.each(scaleFree)("%s does not see the scale of the gradients: powers of two, exactly", name => {
  expect(family[name](scaledBy(2 ** 40, GRADS))).toEqual(family[name]())
})

describe("momentum and NAG", () => {
  test("γ = 0 is sgd, exactly", () => {
    for (const opt of [momentum({ ...at, momentum: 0 }), nag({ ...at, momentum: 0 })])
      expect(plusZero(displacements(opt))).toEqual(plusZero(displacements(sgd(at))))
  })

  test("the rate inside the velocity equals that outside for a constant rate only", () => {
    expectClose(displacements(momentum(at)), displacements(sgd({ ...at, momentum: 0.9 })))
    const learningRate = exponential({ start: 0.1, rate: 0.5 })
    const [inside, outside] = [momentum({ learningRate }), sgd({ learningRate, momentum: 0.9 })].map(opt =>
      displacements(opt as ReturnType<typeof momentum>)
    )
    expect(Math.abs((inside?.[5]?.[1] ?? NaN) - (outside?.[5]?.[1] ?? NaN))).toBeGreaterThan(0.1)
  })

  test("the gradient points of nag are the parameters of sgd with nesterov", () => {
    const gradient = Tree.map((p: Tensor) => mul(p, f64([1, 4, 0.25, 2])))
    const [ours, theirs] = [nag(at), sgd({ ...at, momentum: 0.9, nesterov: true })]
    let [p, x] = [f64(START), f64(START)]
    let [state, other] = [ours.init(p), theirs.init(x)]
    for (let t = 0; t < 12; t++) {
      expectClose([[...toTyped(ours.gradientPoint(p, state))]], [[...toTyped(x)]])
      ;[p, state] = ours.step(p, state, gradient(ours.gradientPoint(p, state)))
      ;[x, other] = theirs.step(x, other, gradient(x))
    }
    expect(Math.abs((toTyped(p)[0] ?? NaN) - (toTyped(x)[0] ?? NaN))).toBeGreaterThan(1e-3)
  })
})

describe("adaptive rates", () => {
  test("constant gradients: Adam and Adamax step by η, AdaGrad by η/√t", () => {
    const constant = GRADS.map(() => [5, -0.01, 1e6, 1e-6])
    const steps = constant.map(() => [-0.1, 0.1, -0.1, -0.1])
    expectClose(displacements(adam({ ...at, eps: 0 }), constant), steps)
    expectClose(displacements(adamax({ ...at, eps: 0 }), constant), steps)
    const falling = steps.map((values, t) => values.map(value => value / Math.sqrt(t + 1)))
    expectClose(displacements(adagrad({ ...at, eps: 0 }), constant), falling)
  })

  test("RMSProp never steps further than η/√(1-ρ), AdaGrad than η", () => {
    const wild = GRADS.map((values, t) => values.map((_, i) => (-1) ** t * 10 ** ((t * 7 + i * 5) % 13)))
    const largest = (rows: Rows): number => Math.max(...rows.flat().map(Math.abs))
    expect(largest(displacements(rmsprop({ ...at, decay: 0.84, eps: 0 }), wild))).toBeLessThanOrEqual(0.25 + 1e-15)
    expect(largest(displacements(adagrad({ ...at, eps: 0 }), wild))).toBeLessThanOrEqual(0.1)
  })

  test("the sums of AdaGrad and the maxima of AMSGrad and AMSBound never fall", () => {
    const p = f64(START)
    const rises = <F extends StateFamily>(opt: Optimizer<F>, read: (state: never) => Tensor): void => {
      const states = GRADS.map((_, n) =>
        GRADS.slice(0, n + 1).reduce((state, g) => opt.update(f64(g), state, p)[1], opt.init(p))
      )
      const values = states.map(state => [...toTyped(read(state as never))])
      values
        .slice(1)
        .forEach((now, t) => now.forEach((v, i) => expect(v).toBeGreaterThanOrEqual(values[t]?.[i] ?? NaN)))
    }
    rises(adagrad(), ([{ sum }]: readonly [{ readonly sum: Tensor }]) => sum)
    rises(amsgrad(A), ([{ nuMax }]: readonly [{ readonly nuMax: Tensor }]) => nuMax)
    rises(amsbound(A), ({ nuMax }: { readonly nuMax: Tensor }) => nuMax)
  })
})

describe("the Adam family", () => {
  test("adamw without decay is adam, exactly; with it, adam under withWeightDecay", () => {
    expect(plusZero(displacements(adamw({ ...A, weightDecay: 0 })))).toEqual(plusZero(displacements(adam(A))))
    expectClose(displacements(adamw({ ...A, weightDecay: 0.1 })), displacements(pipe(adam(A), withWeightDecay(0.1))))
  })

  test("zero gradients: adamw scales p by (1 - ηλ)ⁿ", () => {
    const opt = adamw({ learningRate: 0.5, eps: 0, weightDecay: 0.25 })
    let [p, state] = [f64(START), opt.init(f64(START))]
    for (let n = 0; n < 5; n++) [p, state] = opt.step(p, state, f64([0, 0, 0, 0]))
    expectClose([[...toTyped(p)]], [START.map(value => value * 0.875 ** 5)])
  })

  test("adam with β₁ = β₂ = ε = 0 is the sign; with β₁ = 0, RMSProp with bias correction", () => {
    const signs = RISING.map(values => values.map(value => -0.1 * Math.sign(value)))
    expectClose(displacements(adam({ ...at, b1: 0, b2: 0, eps: 0 }), RISING), signs)
    const rms = rmsprop({ ...at, decay: 0.95, eps: 1e-3, epsPlace: "outside", biasCorrection: true })
    expectClose(displacements(adam({ ...at, b1: 0, b2: 0.95, eps: 1e-3 })), displacements(rms))
  })

  test("amsgrad, debiased after, is adam while gradients never fall; amsbound is adabound", () => {
    expectClose(displacements(amsgrad({ ...A, form: "debiasedAfter" }), RISING), displacements(adam(A), RISING))
    expectClose(displacements(amsbound(A), RISING), displacements(adabound(A), RISING))
    expect(displacements(amsgrad({ ...A, form: "debiasedAfter" }))).not.toEqual(displacements(adam(A)))
  })

  test("without ε the two forms of adam are equal, and those of amsgrad that debias the maximum", () => {
    expectClose(displacements(adam({ ...A, eps: 0, form: "epsilonHat" })), displacements(adam({ ...A, eps: 0 })))
    const [after, hat] = (["debiasedAfter", "epsilonHat"] as const).map(form => amsgrad({ ...A, eps: 0, form }))
    if (after && hat) expectClose(displacements(hat), displacements(after))
  })

  test("nadam: β₁ = 0 is adam; ψ → ∞ is the plain form, which is adam with nesterov", () => {
    expectClose(displacements(nadam({ ...A, b1: 0 })), displacements(adam({ ...A, b1: 0 })))
    expectClose(displacements(nadam({ ...A, b1: 0, momentumDecay: 1 })), displacements(adam({ ...A, b1: 0 })))
    expectClose(displacements(nadam({ ...A, momentumDecay: 1e6 })), displacements(nadam(A)))
    expect(displacements(nadam(A))).toEqual(displacements(adam({ ...A, nesterov: true })))
  })

  test("radam before the threshold is descent along the debiased average, and never rectifies for β₂ ≤ 0.6", () => {
    const first = displacements(radam({ ...A, b2: 0.999 })).slice(0, 5)
    let m = START.map(() => 0)
    const expected = GRADS.map((values, t) => {
      m = m.map((old, i) => 0.8 * old + 0.2 * (values[i] ?? NaN))
      return m.map(value => (-0.02 * value) / (1 - 0.8 ** (t + 1)))
    })
    expectClose(first, expected.slice(0, 5), 1e-11)
    for (const b2 of [0, 0.5, 0.6]) expectClose(displacements(radam({ ...A, b2 })), expected, 1e-11)
  })

  test("adabound for γ → ∞ is descent at the final rate along the average, not debiased", () => {
    let m = START.map(() => 0)
    const expected = GRADS.map(values => {
      m = m.map((old, i) => 0.8 * old + 0.2 * (values[i] ?? NaN))
      return m.map(value => -0.3 * value)
    })
    expectClose(displacements(adabound({ ...A, finalRate: 0.3, gamma: 1e15 })), expected)
  })

  test("the bounds of adabound follow a schedule by the base rate only", () => {
    const learningRate = exponential({ start: 0.02, rate: 0.5 })
    const wide = { ...A, learningRate, finalRate: 0.3, gamma: 1e15 }
    const [fixed = [], moving = []] = [adabound(wide), adabound({ ...wide, baseRate: 0.02 })].map(opt =>
      displacements(opt)
    )
    expectClose(
      moving,
      fixed.map((values, t) => values.map(value => value * 0.5 ** t))
    )
  })
})

describe("rprop", () => {
  test("applies the new step, and none where the sign changed", () => {
    const opt = rprop({ learningRate: 1, etaPlus: 1.5, etaMinus: 0.5, maxStep: 2 })
    const grads = [[1], [1], [1], [-1], [-1], [-1], [0], [-1]]
    const steps = displacements(opt, grads, [0]).flat()
    expect(plusZero([steps])).toEqual([[-1, -1.5, -2, 0, 1, 1.5, 0, 1.5]])
  })
})

test("rates: what the next step will apply; 1 for rprop", () => {
  const learningRate = exponential({ start: 0.1, rate: 0.5 })
  const p = f64(START)
  const rateAfter = <F extends StateFamily>(opt: Optimizer<F>, steps: number): number =>
    item(opt.rate(GRADS.slice(0, steps).reduce((state, g) => opt.update(f64(g), state, p)[1], opt.init(p))))
  const after2 = [
    rateAfter(adamw({ learningRate }), 2),
    rateAfter(adabound({ learningRate }), 2),
    rateAfter(amsbound({ learningRate }), 2),
    rateAfter(nag({ learningRate }), 2)
  ]
  expect(after2).toEqual([0.025, 0.025, 0.025, 0.025])
  expect(rateAfter(adagrad({ learningRate: 1, rateDecay: 0.5 }), 2)).toBe(0.5)
  expect(rateAfter(rprop({ learningRate: 0.1 }), 2)).toBe(1)
})

test("a compiled step refuses nothing that an evaluated one takes: initial values may be tensors", () => {
  const step = compile((a0: Tensor, p: Tensor, g: Tensor) => {
    const opt = adagrad({ learningRate: 1, initialAccumulator: a0, eps: 0 })
    return opt.step(p, opt.init(p), g)[0]
  })
  expect([...toTyped(step(tensor(9, { dtype: "f64" }), f64([8]), f64([4])))]).toEqual([8 - 4 / 5])
})
