import { isFloat, type DType } from "../../dataflow/dtype.js"
import { END, errorTables, STEPS } from "../interpreter/elementary/error-tables.js"
import { ABOVE, factors, LINE } from "../interpreter/elementary/error.js"
import * as table from "../interpreter/elementary/tables.js"
import type { Func } from "./code.js"
import {
  abs,
  add,
  addWords,
  and,
  asExponent,
  c,
  choose,
  div,
  eq,
  floor,
  ge,
  gt,
  least,
  lt,
  most,
  mul,
  neg,
  or,
  rounded,
  ROW,
  sub,
  subBits,
  subWords,
  upperWords,
  whole,
  words,
  wordsDown,
  Writing,
  type Columns,
  type Four
} from "./four.js"
import type { Fn } from "./node.js"

// Elementary functions of four f64 at once. They do what `interpreter/elementary` does, in the same order, so that they
// have its bits; there it is explained. Where that branches, both sides are computed and one is chosen. Where one of four
// numbers is out of the range of a formula, the interpreter's function is called for all.

/** A table of pairs. */
const rows = (a: Float64Array, b: Float64Array): readonly number[] => [...a].flatMap((x, i) => [x, b[i]!])

/** One row for each step of the error function. */
const ERROR_ROWS = STEPS * END + 1

/** What the error function looks up. */
const errorRows = (): readonly number[] => {
  const { slopeHigh, slopeLow, erfHigh, erfLow } = errorTables()
  return [...rows(slopeHigh, slopeLow), ...rows(erfHigh, erfLow)]
}

/** What the functions look up: it has to stand in memory. The rows of the error function take time, and are 0 without it. */
export const tables = (hasErrors: boolean): Float64Array =>
  Float64Array.from([
    ...(hasErrors ? errorRows() : Array.from({ length: 4 * ERROR_ROWS }, () => 0)),
    ...rows(table.ROOT_HIGH, table.ROOT_LOW),
    ...rows(table.LOG_HIGH, table.LOG_LOW),
    ...rows(table.RECIPROCAL, table.RECIPROCAL),
    ...rows(table.SIN_HIGH, table.SIN_LOW)
  ])
const [SLOPES, ERRORS, ROOTS] = [0, ROW * ERROR_ROWS, 2 * ROW * ERROR_ROWS]
const LOGS = ROOTS + ROW * table.ROOT_HIGH.length
const RECIPROCALS = LOGS + ROW * table.LOG_HIGH.length
const SINES = RECIPROCALS + ROW * table.RECIPROCAL.length

/** What exponents are greater by than they stand for. */
const BIAS = 1023

/** What rounding took off `a + b`, for `|a| ≥ |b|`. */
const sumError = (a: Four, b: Four, sum: Four): Four => add(sub(a, sum), b)

const anySumError = (w: Writing, a: Four, b: Four, sum: Four): Four => {
  const added = w.keep(sub(sum, a))
  return add(sub(a, sub(sum, added)), sub(b, added))
}

const productError = (w: Writing, a: Four, b: Four, product: Four): Four => {
  const [aHigh, bHigh] = [w.keep(rounded(a)), w.keep(rounded(b))]
  const [aLow, bLow] = [w.keep(sub(a, aHigh)), w.keep(sub(b, bHigh))]
  return add(sub(mul(aHigh, bHigh), product), add(mul(aHigh, bLow), mul(aLow, bHigh)), mul(aLow, bLow))
}

const quotientOfSums = (w: Writing, above: Four, aboveRest: Four, below: Four, belowRest: Four): Four => {
  const quotient = w.keep(div(above, below))
  const product = w.keep(mul(quotient, below))
  const remainder = sub(sub(above, product), productError(w, quotient, below, product))
  return add(quotient, div(sub(add(remainder, aboveRest), mul(quotient, belowRest)), below))
}

const growth = (w: Writing, remainder: Four): Four => {
  const r = w.keep(remainder)
  const z = w.keep(mul(r, r))
  return add(r, mul(z, add(c(1 / 2), mul(r, c(1 / 6)), mul(z, add(c(1 / 24), mul(r, c(1 / 120)))))))
}

/** `x` in steps of `log 2 / 128`, as a double and in a word, to which some octaves are added; and the row of their root. */
const stepsOf = (w: Writing, x: Four, octaves: number) => {
  const k = w.keep(floor(add(mul(x, c(table.STEPS_PER_UNIT)), c(0.5))))
  const word = w.keep(addWords(whole(k), words(128 * octaves)))
  const [high, low] = w.look(ROOTS, word, 0, 7)
  return { k, word, high, low }
}

/** From -746 to 711; below and above it is what it is there, 0 and ∞. */
const expOfSum = (w: Writing, given: Four, rest: Four): Four => {
  const x = w.keep(most(least(given, c(711)), c(-746)))
  const { k, word, high, low } = stepsOf(w, x, 2 * BIAS)
  const e = growth(w, add(sub(x, mul(k, c(table.STEP_HIGH))), sub(rest, mul(k, c(table.STEP_LOW)))))
  const root = add(high, add(low, mul(add(high, low), e)))
  // Two halves of the octaves, each with its bias.
  const half = w.keep(wordsDown(word, 8))
  return mul(mul(root, asExponent(half)), asExponent(subWords(wordsDown(word, 7), half)))
}

const secondOrder = (w: Writing, x: Four): Four => {
  const z = w.keep(mul(x, x))
  const first = add(c(1 / 2), mul(x, c(1 / 6)), mul(z, add(c(1 / 24), mul(x, c(1 / 120)))))
  const last = add(c(1 / 720), mul(x, c(1 / 5040)), mul(z, add(c(1 / 40320), mul(x, c(1 / 362880)))))
  return mul(z, add(first, mul(mul(z, z), last)))
}

const excess = (w: Writing, x: Four): Columns => {
  const second = w.keep(secondOrder(w, x))
  const series = w.keep(add(x, second))
  const { k, word, high, low } = stepsOf(w, x, BIAS)
  const e = growth(w, sub(sub(x, mul(k, c(table.STEP_HIGH))), mul(k, c(table.STEP_LOW))))
  const scale = w.keep(asExponent(wordsDown(word, 7)))
  const power = w.keep(mul(high, scale))
  const above = w.keep(sub(power, c(1)))
  const rest = add(anySumError(w, power, c(-1), above), mul(add(low, mul(add(high, low), e)), scale))
  const isSmall = w.keep(lt(abs(x), c(1 / 16)))
  return [w.keep(choose(isSmall, series, above)), w.keep(choose(isSmall, sumError(x, second, series), rest))]
}

const thirdOrder = (w: Writing, x: Four): Four => {
  const r = w.keep(x)
  const z = w.keep(mul(r, r))
  const last = add(sub(c(1 / 7), mul(r, c(1 / 8))), mul(z, c(1 / 9)))
  const middle = add(sub(c(1 / 5), mul(r, c(1 / 6))), mul(z, last))
  return mul(mul(r, z), add(sub(c(1 / 3), mul(r, c(1 / 4))), mul(z, middle)))
}

/** For normal numbers, below 2¹⁰⁰⁰ where there is a rest. */
const logOfSum = (w: Writing, x: Four, rest?: Four): Columns => {
  const upper = w.keep(wordsDown(subWords(x, words(0x3fe60000)), 20))
  const [exponent, exponentAsDouble] = upperWords(upper)
  const k = w.keep(exponentAsDouble)
  const [factor] = w.look(RECIPROCALS, x, 13, 7, 1)
  const [logHigh, logLow] = w.look(LOGS, x, 13, 7, 1)
  const m = w.keep(subBits(x, asExponent(exponent)))
  const near = w.keep(rounded(m))
  const scale = (): Four => asExponent(whole(sub(c(BIAS), k)))
  const a = w.keep(sub(mul(near, factor), c(1)))
  const b = w.keep(mul(rest === undefined ? sub(m, near) : add(sub(m, near), mul(rest, scale())), factor))
  const first = w.keep(add(mul(k, c(table.LN2_HIGH)), logHigh, a))
  const second = w.keep(mul(mul(c(-0.5), a), a))
  const sum = w.keep(add(first, second))
  const high = w.keep(add(sum, b))
  const errors = add(sumError(first, second, sum), sumError(sum, b, high))
  const third = sub(thirdOrder(w, add(a, b)), mul(b, add(a, mul(c(0.5), b))))
  return [high, w.keep(add(errors, add(mul(k, c(table.LN2_LOW)), logLow, third)))]
}

const isNormal = (x: Four, most = Infinity): Four => and(ge(x, c(2 ** -1022)), lt(x, c(most)))

/** `sin(i·π/128 + t + rest)`, where `i` is the lower word. */
const sinNear = (w: Writing, i: Four, t: Four, rest: Four): Four => {
  const [sinHigh, sinLow] = w.look(SINES, i, 0, 8)
  const [cosHigh, cosLow] = w.look(SINES + 64 * ROW, i, 0, 8)
  const z = w.keep(mul(t, t))
  const second = mul(z, add(c(-1 / 2), mul(z, sub(c(1 / 24), mul(z, c(1 / 720))))))
  const third = mul(mul(t, z), add(c(-1 / 6), mul(z, sub(c(1 / 120), mul(z, c(1 / 5040))))))
  const near = w.keep(rounded(t))
  const product = w.keep(mul(cosHigh, near))
  const sum = w.keep(add(sinHigh, product))
  const bySine = add(sinLow, mul(add(sinHigh, sinLow), second))
  const byCosine = add(mul(cosHigh, sub(t, near)), mul(cosLow, t), mul(add(cosHigh, cosLow), add(third, rest)))
  return add(sum, add(sumError(sinHigh, product, sum), add(bySine, byCosine)))
}

/** `sin(x + i·π/128)` for `|x| < 2²⁰`, not next to a multiple of `π/128` other than 0. */
const sinFrom = (w: Writing, i: number, x: Four): Four => {
  const steps = w.keep(floor(add(mul(x, c(128 / Math.PI)), c(0.5))))
  const a = w.keep(sub(x, mul(steps, c(table.ANGLE_HIGH))))
  const b = w.keep(neg(mul(steps, c(table.ANGLE_MIDDLE))))
  const sum = w.keep(add(a, b))
  const low = w.keep(sub(anySumError(w, a, b, sum), mul(steps, c(table.ANGLE_LOW))))
  const t = w.keep(add(sum, low))
  w.within(and(lt(abs(x), c(2 ** 20)), or(ge(abs(t), c(2 ** -20)), eq(steps, c(0)))))
  return sinNear(w, whole(add(steps, c(i))), t, sumError(sum, low, t))
}

const tanhOfPositive = (w: Writing, x: Four): Four => {
  const [high, low] = excess(w, w.keep(add(x, x)))
  const above = w.keep(add(high, low))
  const aboveRest = w.keep(sumError(high, low, above))
  const below = w.keep(add(above, c(2)))
  return quotientOfSums(w, above, aboveRest, below, add(anySumError(w, above, c(2), below), aboveRest))
}

/** `(erf(center + t) - erf center) / erf' center - t`. */
const errorSecondOrder = (w: Writing, center: Four, t: Four): Four => {
  const p = w.keep(mul(mul(c(-2), center), t))
  const q = w.keep(mul(mul(c(-2), t), t))
  let [before, term, sum] = [c(1), p, c(0)]
  for (let n = 1; n < factors.length; n++) {
    sum = w.keep(add(sum, mul(term, c(factors[n]!))))
    const next = w.keep(add(mul(p, term), mul(mul(c(n), q), before)))
    before = term
    term = next
  }
  return mul(t, sum)
}

/** From 0 to 6. */
const erfOfPositive = (w: Writing, x: Four): Four => {
  const steps = w.keep(floor(add(mul(x, c(STEPS)), c(0.5))))
  const i = w.keep(whole(steps))
  const center = w.keep(div(steps, c(STEPS)))
  const t = w.keep(sub(x, center))
  const [slopeHigh, slopeLow] = w.look(SLOPES, i, 0, 8)
  const [erfHigh, erfLow] = w.look(ERRORS, i, 0, 8)
  const near = w.keep(rounded(t))
  const product = w.keep(mul(slopeHigh, near))
  const sum = w.keep(add(erfHigh, product))
  const second = mul(add(slopeHigh, slopeLow), errorSecondOrder(w, center, t))
  const byRest = add(mul(slopeHigh, sub(t, near)), mul(slopeLow, t), second)
  return add(sum, add(sumError(erfHigh, product, sum), add(erfLow, byRest)))
}

const functions: Partial<Record<Fn, (w: Writing, x: Four, y: Four) => Four>> = {
  exp: (w, x) => expOfSum(w, x, c(0)),
  expm1: (w, x) => {
    w.within(and(gt(x, c(-30)), lt(x, c(45))))
    const [high, low] = excess(w, x)
    return choose(eq(x, c(0)), x, add(high, low))
  },
  sigmoid: (w, x) => {
    const e = w.keep(expOfSum(w, neg(abs(x)), c(0)))
    const below = w.keep(add(c(1), e))
    const above = w.keep(choose(ge(x, c(0)), c(1), e))
    return quotientOfSums(w, above, c(0), below, sumError(c(1), e, below))
  },
  tanh: (w, x) => {
    const size = w.keep(abs(x))
    const value = choose(ge(size, c(22)), c(1), tanhOfPositive(w, w.keep(least(size, c(22)))))
    return or(choose(lt(size, c(2 ** -28)), size, value), and(x, c(-0)))
  },
  erf: (w, x) => {
    const size = w.keep(abs(x))
    const value = choose(ge(size, c(END)), c(1), erfOfPositive(w, w.keep(least(size, c(END)))))
    return choose(lt(size, c(LINE)), add(x, mul(x, c(ABOVE))), or(value, and(x, c(-0))))
  },
  log: (w, x) => {
    w.within(isNormal(x))
    const [high, low] = logOfSum(w, x)
    return add(high, low)
  },
  log1p: (w, x) => {
    const sum = w.keep(add(c(1), x))
    w.within(isNormal(sum, 2 ** 1000))
    const [high, low] = logOfSum(w, sum, anySumError(w, c(1), x, sum))
    return choose(eq(x, c(0)), x, add(high, low))
  },
  sin: (w, x) => choose(lt(abs(x), c(2 ** -27)), x, sinFrom(w, 0, x)),
  cos: (w, x) => sinFrom(w, 64, x),
  pow: (w, x, y) => {
    const [high, low] = logOfSum(w, x)
    const log = w.keep(add(high, low))
    const exponent = w.keep(mul(y, log))
    w.within(and(and(isNormal(x), lt(abs(y), c(2 ** 64))), lt(abs(exponent), c(700))))
    const rest = add(productError(w, y, log, exponent), mul(y, sumError(high, low, log)))
    return expOfSum(w, exponent, rest)
  }
}

/** The function that computes another of four floats of a dtype, if there is one; `at` is where the tables are. */
export const elementary = (fn: Fn, dtype: DType, at: number): Func | undefined => {
  const write = functions[fn]
  if (write === undefined || !isFloat(dtype)) return undefined
  const w = new Writing(fn, dtype, at)
  return w.done(write(w, ...(w.args as Columns)))
}
