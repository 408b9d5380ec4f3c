import { describe, expect, test } from "vitest"
import { compile, item, tensor, toTyped, type Tensor } from "thalweg"
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
  type Optimizer
} from "thalweg/optimizer"
import { exponential } from "thalweg/schedule"
import type { StateFamily } from "thalweg/transform"

type Rows = readonly (readonly number[])[]
const f64 = (values: readonly number[]): Tensor => tensor(values, { dtype: "f64" })

const START = [1, -2, 0.5, 0]
const GRADS: Rows = Array.from({ length: 12 }, (_, t) => [0.5 * t - 1, 3, t % 2 === 0 ? -1 : 2, t < 3 ? 0 : 1e-7])

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

describe("the Adam family", () => {
  test("zero gradients: adamw scales p by (1 - ηλ)ⁿ", () => {
    const opt = adamw({ learningRate: 0.5, eps: 0, weightDecay: 0.25 })
    let [p, state] = [f64(START), opt.init(f64(START))]
    for (let n = 0; n < 5; n++) [p, state] = opt.step(p, state, f64([0, 0, 0, 0]))
    expectClose([[...toTyped(p)]], [START.map(value => value * 0.875 ** 5)])
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
