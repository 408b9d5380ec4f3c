import { checkPair, checkFlag, checkFunction, checkOptions } from "../dataflow/check.js"
import { MAX_ELEMENTS } from "../dataflow/shape.js"
import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { loop, sameAs } from "../dataflow/loop.js"
import { zipWith } from "./functions.js"
import { requireSameStructure } from "./structure.js"
import { flatten, flattenAs, unflatten, type Structure, type TreeLike } from "./tree.js"

/** How a loop goes over its slices. */
export interface ScanOptions {
  /** Number of iterations; needed only when `xs` has no leaf. */
  readonly length?: number
  /** Whether to walk from the last slice to the first (results keep their places). Default no. */
  readonly reverse?: boolean
}

/**
 * Folds over the leading axis of every leaf of `xs` and stacks what each step yields: `[carry₁, y₀] = body(carry₀,
 * xs[0]), …`. A loop is one node of the graph, whatever its length, and differentiates. What the body uses of the graph
 * around it and does not depend on the carry or the slice is computed once.
 *
 * `whileLoop` ends by what it computes.
 *
 * Shapes: the carry keeps its structure, shapes and dtypes; each leaf of `y` gains a leading axis of the loop's length.
 *
 * Throws a `ShapeError` or `TreeError` when the carry changes or the lengths differ. The body is called once, on
 * symbols: reading a value in it is an `UnboundInputError`.
 *
 * @example
 * import assert from "node:assert"
 * import { add, item, mul, scalar, scan, tensor, toArray, type Tensor } from "thalweg"
 *
 * const compound = (balance: Tensor, rate: Tensor) => {
 *   const next = mul(balance, add(1, rate))
 *   return [next, next] as const
 * }
 * const [final, history] = scan(compound, scalar(100), tensor([0.5, 1]))
 * assert.strictEqual(item(final), 300)
 * assert.deepStrictEqual(toArray(history), [150, 300])
 *
 * const powersOfTwo = scan((n: Tensor) => [mul(n, 2), n] as const, scalar(1), [], { length: 4 })[1]
 * assert.deepStrictEqual(toArray(powersOfTwo), [1, 2, 4, 8])
 */
export const scan = <C extends TreeLike<C>, X extends TreeLike<X>, Y extends TreeLike<Y>>(
  body: (carry: C, x: X) => readonly [carry: C, y: Y],
  init: C,
  xs: X,
  options: ScanOptions = {}
): readonly [carry: C, ys: Y] => {
  checkFunction("scan", body)
  checkOptions("scan", options, ["length", "reverse"])
  const reverse = checkFlag("scan", "reverse", options.reverse)
  const start = flattenAs("scan", init, "an init")
  const slices = flattenAs("scan", xs, "an xs")
  const lengths = new Set([
    ...slices.leaves.map(t => t.shape[0]),
    ...(options.length === undefined ? [] : [options.length])
  ])
  const [length] = lengths
  if (lengths.size !== 1 || length === undefined || !Number.isInteger(length) || length < 0 || length > MAX_ELEMENTS)
    return fail(
      "ShapeError",
      "scan",
      `one length up to ${MAX_ELEMENTS}: the leading size of every leaf of xs, or the option length`,
      `[${[...lengths].map(n => (n === undefined ? "a scalar" : describeValue(n))).join(", ")}]`
    )
  let stacked: Structure | undefined
  const outputs = loop(
    (carry, x) => {
      const before = unflatten<C>(start.structure)(carry)
      const [after, y] = checkPair(
        "scan",
        "a body that returns [carry, y]",
        body(before, unflatten<X>(slices.structure)(x))
      )
      requireSameStructure("scan", before, after, "a carry")
      const flat = flattenAs("scan", y, "a y")
      stacked = flat.structure
      return [flatten(zipWith(sameAs("scan", "a carry"))(before, after)).leaves, flat.leaves]
    },
    start.leaves,
    slices.leaves,
    length,
    reverse
  )
  const carried = start.leaves.length
  return [
    unflatten<C>(start.structure)(outputs.slice(0, carried)),
    unflatten<Y>(stacked as Structure)(outputs.slice(carried))
  ]
}
