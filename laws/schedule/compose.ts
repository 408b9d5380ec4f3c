import fc from "fast-check"
import { all, ge, grad, item, le, pipe, scalar, sub, sum, type Tensor } from "thalweg"
import type { Schedule } from "thalweg/schedule"
import { arbSchedule, type ScheduleCatalogue } from "../arbitrary/schedule.js"
import { fixed } from "../arbitrary/hyperparameter.js"
import { exact, relative, ulps, rounded } from "../equality.js"
import { law, type Law } from "../law.js"
import { truth } from "../sides.js"
import { along, at } from "./sides.js"

const any = arbSchedule()
const bounded = arbSchedule({ growing: false })
const count = fc.integer({ min: 1, max: 6 })
const number = fixed(2, -2)
/** Not below 1, so that the smallest numbers lose nothing, either. */
const power = fc.integer({ min: 0, max: 8 }).map(n => 2 ** n)

/** Two roundings of a product on each side; below the floor, products round to multiples of the smallest number. */
const asProducts = relative(1e-15, 1e-290)

type Wrap = (schedule: Schedule) => Schedule

/** The rows that compose, as functions of what they compose. */
const combinatorsOf = ({ atLeast, atMost, join, product, scale, shift, warmup }: ScheduleCatalogue) => ({
  atLeast:
    (bound: number): Wrap =>
    schedule =>
      atLeast.make({ bound, schedule }),
  atMost:
    (bound: number): Wrap =>
    schedule =>
      atMost.make({ bound, schedule }),
  join: (schedules: readonly Schedule[], boundaries: readonly number[]) => join.make({ schedules, boundaries }),
  product: (...factors: readonly Schedule[]) => product.make({ schedules: factors }),
  scale:
    (factor: number): Wrap =>
    schedule =>
      scale.make({ factor, schedule }),
  shift:
    (steps: number): Wrap =>
    schedule =>
      shift.make({ steps, schedule }),
  warmup:
    (start: number, steps: number): Wrap =>
    schedule =>
      warmup.make({ start, steps, schedule })
})

type Combinators = ReturnType<typeof combinatorsOf>

const joins = ({ join, shift }: Combinators): readonly Law[] => [
  law("join is associative", exact, fc.tuple(any, any, any, count, count), ([a, b, c, m, n]) => {
    const all = along(join([a, b, c], [m, m + n]))
    return [
      [along(join([a, join([b, c], [n])], [m])), along(join([join([a, b], [m]), c], [m + n]))],
      [all, all]
    ]
  }),
  law("join of one schedule is it", exact, any, s => [along(join([s], [])), along(s)]),
  law("join gives its first schedule before its first boundary", exact, fc.tuple(any, any, count), ([a, b, n]) => [
    along(join([a, b], [n]), n),
    along(a, n)
  ]),
  law("join gives its next schedule from the boundary on", exact, fc.tuple(any, any, count), ([a, b, n]) => [
    along(shift(-n)(join([a, b], [n]))),
    along(b)
  ]),
  law("join of a schedule and its rest is it", exact, fc.tuple(any, count), ([s, n]) => [
    along(join([s, shift(-n)(s)], [n])),
    along(s)
  ])
]

const scales = ({ scale }: Combinators): readonly Law[] => [
  law("scale by 1 changes nothing", exact, any, s => [along(scale(1)(s)), along(s)]),
  law("scales of schedules by powers of two multiply", exact, fc.tuple(power, power, any), ([a, b, s]) => [
    along(pipe(s, scale(a), scale(b))),
    along(scale(a * b)(s))
  ]),
  law("scales of schedules multiply", asProducts, fc.tuple(number, number, bounded), ([a, b, s]) => [
    along(pipe(s, scale(a), scale(b))),
    along(scale(a * b)(s))
  ])
]

const shifts = ({ shift, join }: Combinators, { constant }: ScheduleCatalogue): readonly Law[] => [
  law("shift by 0 changes nothing", exact, any, s => [along(shift(0)(s)), along(s)]),
  law("shifts of one sign add up", exact, fc.tuple(fc.constantFrom(-1, 1), count, count, any), ([way, m, n, s]) => [
    along(pipe(s, shift(way * m), shift(way * n))),
    along(shift(way * (m + n))(s))
  ]),
  law("a jump ahead undoes a delay", exact, fc.tuple(count, any), ([n, s]) => [
    along(pipe(s, shift(n), shift(-n))),
    along(s)
  ]),
  law("a delay holds the first value", exact, fc.tuple(count, any), ([n, s]) => {
    const first = constant.make({ value: item(at(s, 0)) })
    return [along(shift(n)(s)), along(join([first, s], [n]))]
  })
]

const products = ({ product, scale }: Combinators, { constant }: ScheduleCatalogue): readonly Law[] => [
  law("product commutes", exact, fc.tuple(any, any), ([a, b]) => [along(product(a, b)), along(product(b, a))]),
  law("product is associative", asProducts, fc.tuple(bounded, bounded, bounded), ([a, b, c]) => {
    const all = along(product(a, b, c))
    return [
      [along(product(a, product(b, c))), along(product(product(a, b), c))],
      [all, all]
    ]
  }),
  law("product has a unit", exact, any, s => {
    const one = constant.make({ value: 1 })
    return [
      [product(s), product(one, s), product(s, one), product(product(), s)].map(p => along(p)),
      [s, s, s, s].map(p => along(p))
    ]
  }),
  law("product with a constant is scale", exact, fc.tuple(number, any), ([value, s]) => [
    along(product(s, constant.make({ value }))),
    along(scale(value)(s))
  ])
]

const bounds = ({ atLeast, atMost, scale }: Combinators): readonly Law[] => [
  law("a bound holds", exact, fc.tuple(number, any), ([bound, s]) => [
    [all(ge(along(atLeast(bound)(s)), bound)), all(le(along(atMost(bound)(s)), bound))],
    [truth(true), truth(true)]
  ]),
  law("a bound is idempotent", exact, fc.tuple(number, any), ([bound, s]) => [
    [atLeast, atMost].map(keep => along(pipe(s, keep(bound), keep(bound)))),
    [atLeast, atMost].map(keep => along(keep(bound)(s)))
  ]),
  law("two bounds are the tighter", exact, fc.tuple(number, number, any), ([a, b, s]) => [
    [along(pipe(s, atLeast(a), atLeast(b))), along(pipe(s, atMost(a), atMost(b)))],
    [along(atLeast(Math.max(a, b))(s)), along(atMost(Math.min(a, b))(s))]
  ]),
  law("a bound that is met changes nothing", exact, bounded, s => [
    [along(atLeast(-1e12)(s)), along(atMost(1e12)(s))],
    [along(s), along(s)]
  ]),
  law("atLeast is atMost upside down", ulps(0), fc.tuple(number, any), ([bound, s]) => [
    along(atLeast(bound)(s)),
    along(pipe(s, scale(-1), atMost(-bound), scale(-1)))
  ])
]

const warmups = ({ warmup, shift, join }: Combinators, { linear }: ScheduleCatalogue): readonly Law[] => [
  law("a warm-up begins at its start", exact, fc.tuple(number, count, any), ([start, n, s]) => [
    at(warmup(start, n)(s), 0),
    scalar(start, "f64")
  ]),
  law("after a warm-up comes the schedule, from its step 0", exact, fc.tuple(number, count, any), ([start, n, s]) => [
    along(shift(-n)(warmup(start, n)(s))),
    along(s)
  ]),
  law("a warm-up is a line to the first value", rounded, fc.tuple(number, count, bounded), ([start, steps, s]) => {
    const line = linear.make({ start, end: item(at(s, 0)), steps })
    return [along(warmup(start, steps)(s)), along(join([line, s], [steps]))]
  })
]

/** The sum of the values along a schedule that is composed of a tensor and others: a line in the tensor. */
const around =
  ({ join, product, scale, shift, warmup }: Combinators) =>
  (start: number, m: number, n: number, s: Schedule): ((x: Tensor) => Tensor) =>
  x => {
    const inner = pipe((): Tensor => x, scale(3), warmup(start, m), shift(n))
    return sum(along(product(s, join([s, inner], [m]))))
  }

const derivatives = (combinators: Combinators): readonly Law[] => [
  law(
    "a composition has the derivative by a tensor inside",
    rounded,
    fc.tuple(number, count, count, bounded),
    ([start, m, n, s]) => {
      const total = around(combinators)(start, m, n, s)
      return [grad(total)(scalar(0.5, "f64")), sub(total(scalar(1, "f64")), total(scalar(0, "f64")))]
    }
  )
]

/** Laws of the rows that are made of schedules. */
export const compositionLaws = (schedules: ScheduleCatalogue): readonly Law[] => {
  const combinators = combinatorsOf(schedules)
  return [
    ...joins(combinators),
    ...scales(combinators),
    ...shifts(combinators, schedules),
    ...products(combinators, schedules),
    ...bounds(combinators),
    ...warmups(combinators, schedules),
    ...derivatives(combinators)
  ]
}
