import fc from "fast-check"
import { add, flip, mul } from "thalweg"
import type { Schedule } from "thalweg/schedule"
import { fixed } from "../arbitrary/hyperparameter.js"
import { arbOptions, type ScheduleCatalogue } from "../arbitrary/schedule.js"
import { exact, rounded } from "../equality.js"
import { law, type Law } from "../law.js"
import { along, at, atEach, both, flat, list } from "./sides.js"

const number = fixed(2, -2)
const count = fc.integer({ min: 1, max: 6 })
const power = fixed(2, 0.25)
const held = arbOptions("polynomial").map(options => ({ ...options, beyond: "hold" as const }))
const lasting = held.filter(({ steps }) => steps > 0)
const half = arbOptions("cosine").filter(({ steps }) => steps > 0)
const restarts = arbOptions("cosineRestarts", { growing: false })
/** Options of `exponential` and `inverseTime` with stairs that begin at steps. */
const rates = fc.tuple(arbOptions("exponential"), count).map(([options, steps]) => ({ ...options, steps }))
const noams = arbOptions("noam").filter(({ warmupSteps }) => warmupSteps > 0)

type Curve = (options: { readonly start: number; readonly end: number; readonly steps: number }) => Schedule

const lines = ({ constant, linear, polynomial, cosine }: ScheduleCatalogue): readonly Law[] => {
  const curves = (exponent: number): readonly Curve[] => [
    linear.make,
    ends => polynomial.make({ ...ends, power: exponent }),
    ends => cosine.make({ ...ends, power: exponent })
  ]
  return [
    law("constant is its value", exact, fc.tuple(number, fc.nat()), ([value, step]) => [
      atEach(constant.make({ value }), [step]),
      list(value)
    ]),
    law("lines, polynomials and cosines begin at their start", rounded, lasting, ({ start, end, steps, power: p }) => [
      curves(p).map(make => atEach(make({ start, end, steps }), [0])),
      curves(p).map(() => list(start))
    ]),
    law("lines, polynomials and cosines stay at their end", exact, held, ({ start, end, steps, power: p }) => [
      curves(p).map(make => atEach(make({ start, end, steps }), [steps, steps + 1, 100 * steps])),
      curves(p).map(() => flat(end, 3))
    ]),
    law("linear is polynomial of power 1", rounded, held, ({ start, end, steps }) => [
      along(linear.make({ start, end, steps })),
      along(polynomial.make({ start, end, steps, power: 1 }))
    ]),
    law("linear is straight", rounded, fc.tuple(number, number, count), ([start, end, steps]) => {
      const line = linear.make({ start, end, steps: steps + 1 })
      return [add(along(line, steps), along(line, steps, 2)), mul(along(line, steps, 1), 2)]
    }),
    law("linear of equal ends is constant", exact, fc.tuple(number, count), ([value, steps]) => [
      along(linear.make({ start: value, end: value, steps })),
      flat(value)
    ])
  ]
}

const polynomials = ({ polynomial }: ScheduleCatalogue): readonly Law[] => [
  law("powers of polynomials from 1 to 0 multiply", rounded, fc.tuple(power, power, count), ([p, q, steps]) => {
    const fall = (exponent: number): Schedule => polynomial.make({ start: 1, end: 0, steps, power: exponent })
    return [along(both(mul, fall(p), fall(q))), along(fall(p + q))]
  }),
  law("a stretched polynomial is the polynomial until its end", exact, held, options => [
    along(polynomial.make({ ...options, beyond: "stretch" }), options.steps + 1),
    along(polynomial.make(options), options.steps + 1)
  ]),
  law("a polynomial stretched n times has n times the steps", rounded, fc.tuple(held, count), ([options, n]) => {
    const { steps } = options
    const from = (n - 1) * steps + 1
    return [
      along(polynomial.make({ ...options, beyond: "stretch" }), steps, from),
      along(polynomial.make({ ...options, steps: n * steps }), steps, from)
    ]
  })
]

const cosines = ({ cosine, cosineRestarts }: ScheduleCatalogue): readonly Law[] => [
  law("powers of cosines from 1 to 0 multiply", rounded, fc.tuple(power, power, count), ([p, q, steps]) => {
    const fall = (exponent: number): Schedule => cosine.make({ start: 1, end: 0, steps, power: exponent })
    return [along(both(mul, fall(p), fall(q))), along(fall(p + q))]
  }),
  law("a cosine is symmetric about its middle", rounded, half, ({ start, end, steps }) => {
    const values = along(cosine.make({ start, end, steps, power: 1 }), steps + 1)
    return [add(values, flip(values)), flat(start + end, steps + 1)]
  }),
  law("a swinging cosine is the cosine until its end", exact, half, options => [
    along(cosine.make({ ...options, beyond: "swing" }), options.steps),
    along(cosine.make({ ...options, beyond: "hold" }), options.steps)
  ]),
  law("a swinging cosine rises as it fell, again and again", rounded, half, options => {
    const [{ steps }, swing] = [options, cosine.make({ ...options, beyond: "swing" })]
    const [down, up] = [along(swing, steps + 1), along(swing, steps + 1, steps)]
    return [
      [up, along(swing, 2 * steps, 2 * steps)],
      [flip(down), along(swing, 2 * steps)]
    ]
  }),
  law("cosineRestarts is cosine within its first period", exact, restarts, options => {
    const { start, end, steps } = options
    return [along(cosineRestarts.make(options), steps), along(cosine.make({ start, end, steps, power: 1 }), steps)]
  }),
  law("cosineRestarts after a period is longer and lower", rounded, restarts, options => {
    const { start, end, steps, stepsFactor, heightFactor } = options
    const later = { ...options, start: end + (start - end) * heightFactor, steps: steps * stepsFactor }
    return [along(cosineRestarts.make(options), 200, steps), along(cosineRestarts.make(later), 200)]
  })
]

const decays = ({ constant, exponential, inverseTime }: ScheduleCatalogue): readonly Law[] => [
  law("exponential multiplies by its rate every steps", rounded, rates, options => {
    const schedule = exponential.make(options)
    return [along(schedule, 24, options.steps), mul(along(schedule, 24), options.rate)]
  }),
  law("exponential of rate 1 is constant", exact, rates, options => [
    along(exponential.make({ ...options, rate: 1 })),
    along(constant.make({ value: options.start }))
  ]),
  law("inverseTime divides its start by what grows evenly", rounded, rates, ({ start, rate, steps }) => {
    const grows: Schedule = step => add(mul(step, rate / steps), 1)
    return [along(both(mul, inverseTime.make({ start, rate, steps }), grows)), flat(start)]
  }),
  law("a staircase is the curve where each stair begins", exact, rates, options => {
    const begins = Array.from({ length: 24 }, (_, step) => step - (step % options.steps))
    const made = [exponential, inverseTime] as const
    return [
      made.map(({ make }) => along(make({ ...options, staircase: true }), 24)),
      made.map(({ make }) => atEach(make({ ...options, staircase: false }), begins))
    ]
  })
]

const transformers = ({ noam }: ScheduleCatalogue): readonly Law[] => [
  law("noam is at factor / √(d·w) at step w - 1", rounded, noams, options => {
    const { modelSize, warmupSteps, factor } = options
    return [atEach(noam.make(options), [warmupSteps - 1]), list(factor / Math.sqrt(modelSize * warmupSteps))]
  }),
  law("noam rises evenly from step -1 during warm-up", rounded, fc.tuple(noams, fc.nat()), ([options, some]) => {
    const [step, { warmupSteps }] = [some % options.warmupSteps, options]
    const schedule = noam.make(options)
    return [mul(at(schedule, step), warmupSteps), mul(at(schedule, warmupSteps - 1), step + 1)]
  }),
  law("noam falls to half after four times the steps", rounded, fc.tuple(noams, count), ([options, more]) => {
    const steps = options.warmupSteps + more
    return [mul(at(noam.make(options), 4 * steps - 1), 2), at(noam.make(options), steps - 1)]
  }),
  law("noam of a model four times as large is half as high", rounded, noams, options => [
    mul(along(noam.make({ ...options, modelSize: 4 * options.modelSize })), 2),
    along(noam.make(options))
  ])
]

/** Laws of the smooth rows: lines, polynomials, cosines, decays. */
export const curveLaws = (schedules: ScheduleCatalogue): readonly Law[] =>
  [lines, polynomials, cosines, decays, transformers].flatMap(laws => laws(schedules))
