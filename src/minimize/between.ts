import { checkFunction } from "../dataflow/check.js"
import { abs, add, clamp, div, mul, sign, square, sub } from "../dataflow/arithmetic.js"
import { lift2, scalar } from "../dataflow/create.js"
import { isFloat } from "../dataflow/dtype.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import { and, eq, isFinite, isNaN, le, lt, not, or, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { showType } from "../dataflow/type.js"
import { fixed, type Resolved } from "../options/fields.js"
import { nonNegative, positiveI32 } from "../options/range.js"
import type { Tree } from "../tree/index.js"
import { whileLoop } from "../tree/while-loop.js"
import type { Objective } from "./minimizer.js"
import { requireScalar } from "../search/problem.js"
import { CONVERGED, MAX_STEPS, NOT_FINITE } from "./status.js"
import { count, epsilonOf } from "../search/vector.js"

/** What a search of its own, and one within a graph, have alike. */
export const betweenFields = {
  /**
   * ≥ 0: it has converged where the root is known to so much, or to 4 roundings of it: |b - a| ≤ 2 · tolerance + 8ε|x| for ends a and b
   * with different signs. Absolute, in units of x. Default 1e-12, of f32 1e-6.
   */
  tolerance: fixed(nonNegative, "none"),
  /** How many iterations it makes at most, a whole number from 1. Default 10000: enough for any ends. */
  maxSteps: fixed(positiveI32, 10_000)
}

/** A point and the value there, scalars. */
interface End {
  readonly x: Tensor
  readonly f: Tensor
}

/** Where a search stands: the last point, the end across from it, and the point before. */
interface Bracket {
  readonly last: End
  readonly across: End
  readonly before: End
  /** The share of the way across at which it looks next. */
  readonly share: Tensor
  /** How many steps in a row did not halve its width. */
  readonly slow: Tensor
  readonly iterations: Tensor
}

const eitherEnd = (which: Tensor, a: End, b: End): End => ({ x: where(which, a.x, b.x), f: where(which, a.f, b.f) })

/** The end whose value is nearer to 0. */
const nearest = ({ last, across }: Bracket): End => eitherEnd(lt(abs(last.f), abs(across.f)), last, across)

const widthOf = ({ last, across }: Pick<Bracket, "last" | "across">): Tensor => abs(sub(across.x, last.x))

/** The point at the share of the way across, also where the width is more than the dtype can hold. */
const nextPoint = ({ last, across, share }: Bracket): Tensor => {
  const way = sub(across.x, last.x)
  return where(isFinite(way), add(last.x, mul(share, way)), add(mul(sub(1, share), last.x), mul(share, across.x)))
}

/** How far from the root it may be. */
const allowed = (bracket: Bracket, tolerance: number): Tensor =>
  add(tolerance, mul(4 * epsilonOf(bracket.last.x.dtype), abs(nearest(bracket).x)))

/** After so many steps in a row that do not halve the bracket, it is halved. */
const MOST_SLOW = 2

/** Where the parabola x(f) through three points has its root, as a share of the way across; ½ where it is no good there, or did not help. */
const nextShare = (bracket: Bracket, tolerance: number): Tensor => {
  const { last: one, across: two, before: three, slow } = bracket
  const xi = div(sub(one.x, two.x), sub(three.x, two.x))
  const phi = div(sub(one.f, two.f), sub(three.f, two.f))
  const isInverse = and(lt(square(phi), xi), lt(square(sub(1, phi)), sub(1, xi)))
  const first = mul(div(one.f, sub(one.f, two.f)), div(three.f, sub(three.f, two.f)))
  const second = mul(div(one.f, sub(three.f, one.f)), div(two.f, sub(two.f, three.f)))
  const share = sub(first, mul(div(sub(three.x, one.x), sub(two.x, one.x)), second))
  const least = div(allowed(bracket, tolerance), widthOf(bracket))
  return clamp(where(and(and(isInverse, isFinite(share)), lt(slow, MOST_SLOW)), share, 0.5), least, sub(1, least))
}

/** A bool scalar: whether the root is known well enough, or a value is no number. */
const isDone = (bracket: Bracket, tolerance: number): Tensor =>
  or(or(eq(nearest(bracket).f, 0), isNaN(bracket.last.f)), le(widthOf(bracket), mul(2, allowed(bracket, tolerance))))

/** Two ends as scalars of one dtype: a number takes that of the other, or is f64. */
export const endsOf = (operation: string, low: number | Tensor, high: number | Tensor): readonly [Tensor, Tensor] => {
  const [a, b] =
    typeof low === "number" && typeof high === "number"
      ? [scalar(low, "f64"), scalar(high, "f64")]
      : lift2(operation, low, high)
  for (const x of [a, b])
    if (x.shape.length > 0 || !isFloat(x.dtype) || x.dtype !== a.dtype)
      fail("DataError", operation, "ends that are scalars of f32 or f64, alike", `${showType(a)} and ${showType(b)}`)
  return [a, b]
}

/** What a search between two ends came to. */
export interface Between {
  readonly at: Tensor
  readonly value: Tensor
  readonly iterations: Tensor
  readonly status: Tensor
  /** How wide the bracket is, and how wide it may be. */
  readonly width: Tensor
  readonly bound: Tensor
  /** The point that was looked at last. */
  readonly last: Tensor
  /** The values at the ends, and a bool scalar: whether these are finite and have a root between them. */
  readonly ends: readonly [low: Tensor, high: Tensor]
  readonly hasRoot: Tensor
}

/** Makes the search for a root of a function between two ends. */
export const betweenOf = (
  operation: string,
  f: Objective<Tensor, readonly Tree[]>,
  { tolerance: given, maxSteps }: Pick<Resolved<typeof betweenFields>, keyof typeof betweenFields>
): ((low: Tensor, high: Tensor, data: readonly Tree[]) => Between) => {
  checkFunction(operation, f)
  return (low, high, data) => {
    const tolerance = given ?? (low.dtype === "f64" ? 1e-12 : 1e-6)
    const end = (x: Tensor): End => ({ x, f: cast(requireScalar(operation, f(x, ...data)), low.dtype) })
    const [first, second] = [end(low), end(high)]
    const bracket = whileLoop<Bracket>(
      bracket => and(not(isDone(bracket, tolerance)), lt(bracket.iterations, maxSteps)),
      bracket => {
        const { last, across, share, slow, iterations } = bracket
        const now = end(nextPoint(bracket))
        const isSame = eq(sign(now.f), sign(last.f))
        const [opposite, before] = [eitherEnd(isSame, across, last), eitherEnd(isSame, last, across)]
        const ends = { last: now, across: opposite, before, share, iterations: add(iterations, 1) }
        const isHalved = le(widthOf(ends), mul(0.5, widthOf(bracket)))
        const next = { ...ends, slow: where(isHalved, 0, add(slow, 1)) }
        return { ...next, share: nextShare(next, tolerance) }
      },
      {
        last: first,
        across: second,
        before: second,
        share: scalar(0.5, low.dtype),
        slow: count(0),
        iterations: count(0)
      }
    )
    const { x: at, f: value } = nearest(bracket)
    const isCrossed = le(mul(sign(first.f), sign(second.f)), 0)
    const ended = where(isDone(bracket, tolerance), count(CONVERGED), count(MAX_STEPS))
    return {
      ...{ at, value, iterations: bracket.iterations, status: where(isNaN(bracket.last.f), count(NOT_FINITE), ended) },
      ...{ width: where(eq(value, 0), 0, widthOf(bracket)), bound: mul(2, allowed(bracket, tolerance)) },
      ...{
        last: bracket.last.x,
        ends: [first.f, second.f],
        hasRoot: and(and(isFinite(low), isFinite(high)), isCrossed)
      }
    }
  }
}
