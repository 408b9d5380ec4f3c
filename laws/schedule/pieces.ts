import fc from "fast-check"
import { add, all, ge, le, mul } from "thalweg"
import type { Schedule } from "thalweg/schedule"
import { meant } from "../arbitrary/meant.js"
import { arbOptions, type OptionsOf, type ScheduleCatalogue } from "../arbitrary/schedule.js"
import { exact, rounded } from "../equality.js"
import { law, type Law } from "../law.js"
import { truth } from "../sides.js"
import { along, atEach, both, list } from "./sides.js"

const stairs = arbOptions("piecewiseConstant")
const points = arbOptions("piecewiseInterpolate")
const apart = points.filter(({ boundaries }) => boundaries.every((b, i) => b > (boundaries[i - 1] ?? 0)))
const cycles = arbOptions("cyclic", { growing: false })
const single = arbOptions("oneCycle")
const slow = single.filter(({ upSteps, downSteps }) => upSteps > 0 && downSteps > 0)

const pieces = (schedules: ScheduleCatalogue): readonly Law[] => {
  const { piecewiseConstant, piecewiseInterpolate, join, constant, linear, cosine } = schedules
  return [
    law("piecewiseConstant is a join of constants", exact, stairs, ({ boundaries, values }) => {
      const constants = values.map(value => constant.make({ value }))
      return [
        along(piecewiseConstant.make({ boundaries, values })),
        along(join.make({ schedules: constants, boundaries }))
      ]
    }),
    law("piecewiseInterpolate goes through its values and stays at the last", rounded, apart, options => {
      const { boundaries, values } = options
      const [last = 0, end = 0] = [boundaries.at(-1), values.at(-1)]
      return [
        atEach(piecewiseInterpolate.make(options), [0, ...boundaries, last + 1, last + 100]),
        list(...values, end, end)
      ]
    }),
    law("piecewiseInterpolate is a join of lines or cosines", rounded, points, options => {
      const { boundaries, values, interpolation } = options
      const { make } = interpolation === "linear" ? linear : cosine
      const parts = values.map((start, i): Schedule => {
        const [begin = 0, stop] = [boundaries[i - 1], boundaries[i]]
        const end = values[i + 1] ?? start
        return stop === undefined ? constant.make({ value: start }) : make({ start, end, steps: stop - begin })
      })
      return [along(piecewiseInterpolate.make(options)), along(join.make({ schedules: parts, boundaries }))]
    })
  ]
}

type Mode = "triangular" | "triangular2" | "expRange"

/** What the height of a cycle is multiplied by after it. */
const heightAfter = (steps: number, mode: Mode, rate: number): number =>
  ({ triangular: 1, triangular2: 0.5, expRange: rate ** steps })[mode]

/** A cycle without the rate that its mode has not. */
const ofMode = <O extends { readonly mode: Mode; readonly rate: number }>({ rate, ...options }: O) =>
  options.mode === "expRange" ? { ...options, rate } : options

const waves = ({ cyclic, exponential, piecewiseInterpolate }: ScheduleCatalogue): readonly Law[] => [
  law("a cycle is a line up and a line down", rounded, cycles, ({ low, high, upSteps, downSteps }) => {
    const steps = upSteps + downSteps
    const triangle = { boundaries: [upSteps, steps], values: [low, high, low] }
    const made = (["triangular", "triangular2"] as const).map(mode =>
      cyclic.make({ low, high, upSteps, downSteps, mode })
    )
    return [made.map(wave => along(wave, steps)), made.map(() => along(piecewiseInterpolate.make(triangle), steps))]
  }),
  law("cycles repeat, as high as their mode says", rounded, cycles, options => {
    const { low, high, upSteps, downSteps, mode, rate } = options
    const steps = upSteps + downSteps
    const next = { ...options, high: low + (high - low) * heightAfter(steps, mode, rate) }
    return [along(cyclic.make(ofMode(options)), 64, steps), along(cyclic.make(ofMode(next)), 64)]
  }),
  law("expRange is triangular under an exponential", rounded, cycles, ({ rate, ...options }) => {
    const [wave, fall] = [{ ...options, low: 0 }, exponential.make({ start: 1, rate })]
    return [
      along(cyclic.make({ ...wave, mode: "expRange", rate })),
      along(both(mul, cyclic.make({ ...wave, mode: "triangular" }), fall))
    ]
  }),
  law("expRange of rate 1 is triangular", exact, cycles, ({ rate: _, ...options }) => [
    along(cyclic.make({ ...options, mode: "expRange", rate: 1 })),
    along(cyclic.make({ ...options, mode: "triangular" }))
  ])
]

const onces = ({ oneCycle, piecewiseInterpolate }: ScheduleCatalogue): readonly Law[] => [
  law("oneCycle is at its peak after its way up", rounded, slow, options => [
    atEach(oneCycle.make(options), [options.upSteps]),
    list(options.peak)
  ]),
  law("oneCycle begins at peak / divFactor, and falls back to it", rounded, slow, options => {
    const { peak, upSteps, downSteps, divFactor, finalSteps } = options
    const start = peak / divFactor
    return [
      atEach(oneCycle.make({ ...options, finalSteps: finalSteps + 1 }), [0, upSteps + downSteps]),
      list(start, start)
    ]
  }),
  law("oneCycle ends at peak / divFactor / finalDivFactor and stays there", rounded, single, options => {
    const { peak, divFactor, finalDivFactor, ...steps } = options
    const last = steps.upSteps + steps.downSteps + steps.finalSteps
    const end = peak / divFactor / finalDivFactor
    return [atEach(oneCycle.make(options), [last, last + 1, last + 100]), list(end, end, end)]
  }),
  law("oneCycle goes up and down in lines or half cosines", rounded, single, options => {
    const { peak, upSteps, downSteps, finalSteps, divFactor, interpolation } = options
    const [bottom, start] = [upSteps + downSteps, peak / divFactor]
    const end = start / options.finalDivFactor
    const [boundaries, values] =
      finalSteps === 0
        ? [[upSteps, bottom], [start, peak, end]] // prettier-ignore
        : [[upSteps, bottom, bottom + finalSteps], [start, peak, start, end]] // prettier-ignore
    return [along(oneCycle.make(options)), along(piecewiseInterpolate.make({ boundaries, values, interpolation }))]
  })
]

/** A schedule of the catalogue as data, and the numbers between which its values lie. */
interface Between {
  readonly name: keyof ScheduleCatalogue
  readonly options: object
  readonly low: number
  readonly high: number
}

const within = <N extends keyof ScheduleCatalogue>(
  name: N,
  extremes: (options: OptionsOf<N>) => readonly number[]
): fc.Arbitrary<Between> =>
  arbOptions(name, { growing: false }).map(options => ({
    name,
    options,
    low: Math.min(...extremes(options)),
    high: Math.max(...extremes(options))
  }))

const between: fc.Arbitrary<Between> = fc.oneof(
  within("linear", ({ start, end }) => [start, end]),
  within("polynomial", ({ start, end }) => [start, end]),
  within("cosine", ({ start, end }) => [start, end]),
  within("cosineRestarts", ({ start, end }) => [start, end]),
  within("exponential", ({ start }) => [start, 0]),
  within("inverseTime", ({ start }) => [start, 0]),
  within("noam", ({ factor, modelSize, warmupSteps }) => [0, factor / Math.sqrt(modelSize * warmupSteps)]),
  within("piecewiseConstant", ({ values }) => values),
  within("piecewiseInterpolate", ({ values }) => values),
  within("cyclic", ({ low, high }) => [low, high]),
  within("oneCycle", ({ peak, divFactor, finalDivFactor }) => [
    peak,
    peak / divFactor,
    peak / divFactor / finalDivFactor
  ])
)

/** What falls: from its start to its end, or to 0. */
const falling: fc.Arbitrary<Between> = between
  .filter(({ name }) => ["linear", "polynomial", "cosine", "exponential", "inverseTime"].includes(name))
  .map(({ name, options, low, high }) => {
    const down = name === "exponential" || name === "inverseTime" ? { start: high - low } : { start: high, end: low }
    const hold = "beyond" in options ? { beyond: "hold" } : {}
    return { name, options: { ...options, ...down, ...hold }, low, high }
  })

const shapes = (schedules: ScheduleCatalogue): readonly Law[] => {
  const made = ({ name, options }: Between): Schedule => {
    const { make, fields } = schedules[name] as {
      readonly make: (options: never) => Schedule
      readonly fields: Parameters<typeof meant>[0]
    }
    return make(meant(fields, options as Readonly<Record<string, unknown>>) as never)
  }
  return [
    law("values lie between the extremes of a schedule", exact, between, sample => {
      const values = along(made(sample), 64)
      return [
        [all(ge(values, sample.low - 1e-12)), all(le(values, sample.high + 1e-12))],
        [truth(true), truth(true)]
      ]
    }),
    law("what falls never rises", exact, falling, sample => {
      const schedule = made(sample)
      return [all(le(along(schedule, 63, 1), add(along(schedule, 63), 1e-12))), truth(true)]
    })
  ]
}

/** Laws of the rows in pieces, and of what lies between extremes. */
export const pieceLaws = (schedules: ScheduleCatalogue): readonly Law[] =>
  [pieces, waves, onces, shapes].flatMap(laws => laws(schedules))
