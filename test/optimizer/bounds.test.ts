import { describe, expect, test } from "vitest"
import { all, and, evaluate, isFinite, item, lt, scalar, Tree, where, type Tensor } from "thalweg"
import { linear, type Schedule } from "thalweg/schedule"
import type { AnyF } from "thalweg/transform"
import { hyperRows, type HyperRow } from "./hyperparameters.samples.js"
import { gradient, params, stepOf, thrown, type At, type Params } from "./samples.js"

const f64 = (value: number): Tensor => scalar(value, "f64")

/** A hyperparameter, the end of its range, whether that belongs to it or not, and a number beyond. */
interface Bound extends HyperRow {
  readonly end: number
  readonly beyond: number
}

const boundsOf = (row: HyperRow): readonly Bound[] =>
  [-1, 0, 1, 3, 4].flatMap(end =>
    [0.25, -0.25].flatMap(by => {
      const isEnd = row.range.holds(end - by) && !row.range.holds(end + by)
      return isEnd ? [{ ...row, name: `${row.name} at ${end}`, end, beyond: end + by }] : []
    })
  )

/** Every bound of every hyperparameter of the catalogue. */
const bounds = hyperRows.flatMap(boundsOf).map(bound => [bound.name, bound] as const)

test("there are bounds", () => {
  const names = bounds.map(([name]) => name)
  expect(names).toEqual(
    expect.arrayContaining(["adam b1 at 0", "adam b1 at 1", "lookahead mix at 1", "rprop etaPlus at 1"])
  )
})

test.each(bounds)("%s: a schedule that goes beyond is refused", (_, { value, beyond, build }) => {
  const schedule = linear({ start: value, end: beyond, steps: 3 })
  expect(thrown(() => build(schedule))).toContain(`at every step; got linear, which may reach ${beyond}`)
})

const areFinite = (tree: Tree): boolean =>
  item(Tree.reduce(scalar(true), (sofar: Tensor, t) => and(sofar, all(isFinite(t))))(tree)) === 1

const zeros = Tree.zerosLike(params)
const streams: Readonly<Record<string, (step: number) => Params>> = {
  gradients: gradient,
  "zero gradients": () => zeros,
  "zero gradients after others": step => (step < 2 ? gradient(step) : zeros)
}

/** Functions of a user's, of which nothing is known. */
const ways: Readonly<Record<string, (value: number, end: number) => Schedule>> = {
  "there from the first step on": (_, end) => () => f64(end),
  "there later": (value, end) => step => where(lt(step, 2), f64(value), f64(end)),
  "there at first": (value, end) => step => where(lt(step, 2), f64(end), f64(value))
}

describe.each(Object.entries(streams))("%s", (_, gradientAt) => {
  test.each(bounds)("%s: parameters stay finite", (_, { value, end, build }) => {
    const failed = Object.entries(ways).flatMap(([name, way]) => {
      const optimizer = build(way(value, end))
      const step = (at: At<AnyF>, i: number): At<AnyF> => evaluate(stepOf(optimizer)(at, gradientAt(i)))
      const [last, state] = [0, 1, 2, 3, 4, 5].reduce(step, [params, optimizer.init(params)])
      const seen = [last, optimizer.gradientPoint(last, state), optimizer.evalParams(last, state)]
      return areFinite(seen) ? [] : [name]
    })
    expect(failed).toEqual([])
  })
})
