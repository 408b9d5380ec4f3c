import { checkFunction, checkOptions, checkTensor } from "../dataflow/check.js"
import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { loopWhile, sameAs } from "../dataflow/loop.js"
import { UNBOUNDED, type Tensor } from "../dataflow/primitive.js"
import { showType } from "../dataflow/type.js"
import { zipWith } from "./functions.js"
import { requireSameStructure } from "./structure.js"
import { flatten, flattenAs, unflatten, type TreeLike } from "./tree.js"

/** How long a loop may go on. */
export interface WhileLoopOptions {
  /** The most iterations: a whole number from 1 below 2³¹. After so many it ends. Needed for reverse mode only. */
  readonly max?: number
}

/** A bool scalar, or an error that says what should be one. */
export const checkTruth = (operation: string, what: string, value: Tensor): Tensor => {
  const { dtype, shape } = checkTensor(operation, value, `${what} that is a bool scalar`)
  if (dtype !== "bool") fail("DTypeError", operation, `${what} of bool`, dtype)
  if (shape.length > 0) fail("ShapeError", operation, `${what} that is a scalar`, showType(value))
  return value
}

const checkMax = (max: number): number =>
  Number.isInteger(max) && max >= 1 && max <= UNBOUNDED
    ? max
    : fail("HyperparameterError", "whileLoop", `max to be a whole number from 1 to ${UNBOUNDED}`, describeValue(max))

/**
 * Repeats a step for as long as a condition holds: `while (condition(carry)) carry = body(carry)`, and gives the last carry. It
 * is one node of the graph, however often it repeats. What body and condition use of the graph around them and does not
 * depend on the carry is computed once.
 *
 * `condition` gives a bool scalar; where it is false at once, the result is `init`. The carry keeps its structure, shapes and
 * dtypes. With `max` the loop ends after so many iterations even where the condition still holds; without it a condition
 * that stays true is never done.
 *
 * Derivatives: forward mode (`jvp`) always. Reverse mode (`grad`, `vjp` and what is made of them, `hvp` too) needs `max`, as
 * it keeps what it reads of each iteration, in buffers of `max` of them; it takes time by the iterations that were made.
 * Without `max` a `GradientError` says so when the derivative is computed. How often the loop repeats is taken for fixed.
 *
 * Throws a `DTypeError`, `ShapeError` or `DataError` when the condition is no bool scalar, a `ShapeError` or `TreeError`
 * when the carry changes, a `HyperparameterError` for another `max`. The condition is called on `init` and on
 * symbols, the body on symbols: reading a value in them is an `UnboundInputError`.
 *
 * Laws: with a counter in its carry it is the `scan` of that length; its derivatives are those of its steps, one by one.
 *
 * @example
 * import assert from "node:assert"
 * import { abs, add, div, eq, grad, gt, item, mul, ne, rem, scalar, sub, where, whileLoop, type Tensor } from "thalweg"
 *
 * // Newton's method for √2, and the derivative 1/(2√2) through it
 * const sqrt = (a: Tensor) =>
 *   whileLoop(
 *     x => gt(abs(sub(mul(x, x), a)), 1e-12),
 *     x => mul(0.5, add(x, div(a, x))),
 *     a,
 *     { max: 50 }
 *   )
 * assert.ok(Math.abs(item(sqrt(scalar(2, "f64"))) - Math.SQRT2) < 1e-12)
 * assert.ok(Math.abs(item(grad(sqrt)(scalar(2, "f64"))) - Math.SQRT1_2 / 2) < 1e-6)
 *
 * // How many steps of Collatz lead from 27 to 1
 * const next = (n: Tensor) => where(eq(rem(n, 2), 0), div(n, 2), add(mul(n, 3), 1))
 * const { steps } = whileLoop(
 *   ({ n }) => ne(n, 1),
 *   ({ n, steps }) => ({ n: next(n), steps: add(steps, 1) }),
 *   { n: scalar(27, "i32"), steps: scalar(0, "i32") }
 * )
 * assert.strictEqual(item(steps), 111)
 */
export const whileLoop = <C extends TreeLike<C>>(
  condition: (carry: C) => Tensor,
  body: (carry: C) => C,
  init: C,
  options: WhileLoopOptions = {}
): C => {
  checkFunction("whileLoop", condition, "a condition that is a function")
  checkFunction("whileLoop", body, "a body that is a function")
  const { max = UNBOUNDED } = checkOptions("whileLoop", options, ["max"])
  checkMax(max)
  const { leaves, structure } = flattenAs("whileLoop", init, "an init")
  const treeOf = unflatten<C>(structure)
  const last = loopWhile(
    carry => checkTruth("whileLoop", "a condition", condition(treeOf(carry))),
    carry => {
      const before = treeOf(carry)
      const after = body(before)
      requireSameStructure("whileLoop", before, after, "a carry")
      return flatten(zipWith(sameAs("whileLoop", "a carry"))(before, after)).leaves
    },
    leaves,
    max
  )
  return treeOf(last)
}
