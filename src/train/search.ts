import { checkList, checkRecord } from "../dataflow/check.js"
import { add, floor, mul, sub } from "../dataflow/arithmetic.js"
import { describeValue, isRecord } from "../dataflow/describe.js"
import { scalar } from "../dataflow/create.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { exp, log } from "../dataflow/transcendental.js"
import { toTyped } from "../engine/index.js"
import { checkApart, hashOf } from "../nn/connect.js"
import { choice, fixed, flag, type OptionsOf } from "../options/fields.js"
import { checkNumber, finite, whole } from "../options/range.js"
import { resolve } from "../options/resolve.js"
import { foldIn, randint, uniform } from "../random/index.js"

/** More combinations than this are taken for a mistake. */
const MAX_COMBINATIONS = 2 ** 20

type Lists = { readonly [name: string]: readonly unknown[] }

/** One of each list. */
export type Combination<G extends Lists> = { readonly [K in keyof G]: G[K][number] }

const checkValues = (operation: string, name: string, values: readonly unknown[]): readonly unknown[] =>
  checkList(operation, `a list of values for ${name}`, values).length > 0
    ? values
    : fail("DataError", operation, `at least one value for ${name}`, "an empty list")

/**
 * Lists all combinations of some values, for a search over a grid: a record for each, the last name varying fastest. What
 * the values are does not matter: numbers, words, optimizers, layers, specs.
 *
 * Throws a `DataError` for what is no list, an empty one, and more than 2²⁰ combinations.
 *
 * @example
 * import assert from "node:assert"
 * import { gridOf } from "thalweg/train"
 *
 * assert.deepStrictEqual(gridOf({ learningRate: [0.1, 0.01], units: [8, 16] }), [
 *   { learningRate: 0.1, units: 8 },
 *   { learningRate: 0.1, units: 16 },
 *   { learningRate: 0.01, units: 8 },
 *   { learningRate: 0.01, units: 16 }
 * ])
 */
export const gridOf = <const G extends Lists>(values: G): readonly Combination<G>[] => {
  const lists = Object.entries(checkRecord("gridOf", values) as G)
  const count = lists.reduce((n, [name, list]) => n * checkValues("gridOf", name, list).length, 1)
  if (count > MAX_COMBINATIONS) fail("DataError", "gridOf", `at most ${MAX_COMBINATIONS} combinations`, String(count))
  const all = lists.reduce<readonly object[]>(
    (made, [name, list]) => made.flatMap(one => list.map(value => ({ ...one, [name]: value }))),
    [{}]
  )
  return all as readonly Combination<G>[]
}

const rangeFields = {
  /** The lowest number. */
  from: fixed(finite),
  /** Above it, the highest number. */
  to: fixed(finite),
  /** Whether numbers are drawn evenly, or their logarithms are, for what counts by its order of magnitude. Default `"linear"`. */
  scale: choice(["linear", "log"], "linear"),
  /** Whether only whole numbers are drawn, both ends included; the ends are then whole. Default no. */
  whole: flag(false)
}

/** Numbers between two, to be drawn from. */
export interface NumberRange extends OptionsOf<typeof rangeFields> {}

type Choices = { readonly [name: string]: readonly unknown[] | NumberRange }

/** One of each list, and a number of each range. */
export type Drawn<C extends Choices> = {
  readonly [K in keyof C]: C[K] extends readonly unknown[] ? C[K][number] : number
}

const checkEnds = (name: string, range: NumberRange) => {
  const checked = resolve("drawFrom", rangeFields, range)
  const { from, to, scale, whole } = checked
  const wrong = (expected: string): never =>
    fail("HyperparameterError", "drawFrom", expected, `from ${from} to ${to}`, name)
  if (from >= to) wrong("from to be below to")
  if (scale === "log" && from <= 0) wrong("from to be above 0, for a logarithmic scale")
  if (whole && !(Number.isSafeInteger(from) && Number.isSafeInteger(to))) wrong("whole numbers at both ends")
  return checked
}

/** Numbers of a range, and of whole ones each as likely as those between it and the next are. */
const drawNumbers = (key: Tensor, count: number, name: string, range: NumberRange): readonly number[] => {
  const { from, to, scale, whole } = checkEnds(name, range)
  const [low, high] = [scalar(from, "f64"), scalar(whole ? to + 1 : to, "f64")]
  const share = uniform(key, [count], { dtype: "f64" })
  const between = (a: Tensor, b: Tensor): Tensor => add(mul(a, sub(1, share)), mul(b, share))
  const drawn = scale === "log" ? exp(between(log(low), log(high))) : between(low, high)
  // what was rounded may lie beyond the ends
  return Array.from(toTyped(whole ? floor(drawn) : drawn), value => Math.min(Math.max(value, from), to))
}

const drawItems = (key: Tensor, count: number, list: readonly unknown[]): readonly unknown[] =>
  Array.from(toTyped(randint(key, [count], { max: list.length })), place => list[place])

/** How many combinations are drawn: no search tries more. */
const MANY = /* @__PURE__ */ whole(1, 1_000_000)

/**
 * Draws combinations at random by a key, for a random search: of lists one of the values, each as likely, of ranges a
 * number. What is drawn for a name depends on the key and the name only, not on what else is searched.
 *
 * `count`: a whole number from 1 to a million. `choices`: lists, or ranges `{ from, to, scale, whole }` (`NumberRange`).
 * Throws a `HyperparameterError` for ranges that are empty or logarithmic from 0 or below, a `DataError` for empty lists, and
 * for two names of one hash, which would be drawn alike (a rare chance).
 *
 * The same key gives the same combinations; every value is one of its list or within its range.
 *
 * Source: Bergstra & Bengio 2012, "Random search for hyper-parameter optimization".
 *
 * @example
 * import assert from "node:assert"
 * import { key } from "thalweg/random"
 * import { drawFrom } from "thalweg/train"
 *
 * const tried = drawFrom(key(0), 20, { learningRate: { from: 1e-4, to: 1, scale: "log" }, units: [8, 16, 32] })
 * assert.strictEqual(tried.length, 20)
 * assert.ok(tried.every(({ learningRate }) => learningRate >= 1e-4 && learningRate <= 1))
 * assert.ok(tried.every(({ units }) => [8, 16, 32].includes(units)))
 */
export const drawFrom = <const C extends Choices>(key: Tensor, count: number, choices: C): readonly Drawn<C>[] => {
  checkNumber("drawFrom", "count", MANY, count)
  checkApart("drawFrom", Object.keys(checkRecord("drawFrom", choices)))
  const drawn = Object.entries(choices).map(([name, choice]) => {
    const own = foldIn(key, hashOf(name))
    if (Array.isArray(choice)) return [name, drawItems(own, count, checkValues("drawFrom", name, choice))] as const
    if (!isRecord(choice)) return fail("DataError", "drawFrom", `a list or a range for ${name}`, describeValue(choice))
    return [name, drawNumbers(own, count, name, choice)] as const
  })
  return Array.from(
    { length: count },
    (_, i) => Object.fromEntries(drawn.map(([name, values]) => [name, values[i]])) as Drawn<C>
  )
}
