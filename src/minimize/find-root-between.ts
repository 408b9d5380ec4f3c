import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { item } from "../engine/index.js"
import { flag, type OptionsOf } from "../options/fields.js"
import { resolve } from "../options/resolve.js"
import { flattenAs } from "../tree/tree.js"
import type { Tree, TreesLike } from "../tree/index.js"
import { betweenFields, betweenOf, endsOf, type Between } from "./between.js"
import type { Root } from "./find-root.js"
import { compileRead } from "./known.js"
import type { Objective } from "./minimizer.js"
import { messageOf, reasonOf } from "./status.js"

const fields = {
  ...betweenFields,
  /** Whether products are added before they are rounded, where the host can (`EngineOptions`). Default true. */
  fusedMultiplyAdd: flag(true)
}

/** How to find a root between two ends, and when to stop. */
export interface FindRootBetweenOptions extends OptionsOf<typeof betweenFields>, OptionsOf<typeof fields> {}

/** What a search for a root between two ends came to. */
export type RootBetween = Omit<Root<Tensor>, "history">

/**
 * Finds a root of a function of one variable between two ends at which its signs differ: `f(x) = 0` for an `x` from `low` to `high`.
 *
 * `f` takes a scalar of f32 or f64, and perhaps data (trees), to a scalar; it has to be continuous, but need not have a derivative.
 * The ends are numbers or scalars, in any order; two numbers are f64, one beside a scalar has its dtype. A bracket with different
 * signs is drawn together, by the root of the parabola x(f) through the last three points where that is to be trusted, else by
 * halves, at least every third time: in a few evaluations for smooth functions, and never in more than about three times of what halving takes. One compiled program, as of
 * `minimize`.
 *
 * It has `"converged"` where the bracket is no wider than 2 · `tolerance` + 8ε|x|, or f is 0; `"maxSteps"` and `"notFinite"` (a value
 * is NaN) are the other reasons. A pole at which the sign changes passes for a root: `residual`, |f(x)|, tells.
 *
 * Throws a `DataError` where the signs at the ends do not differ, which says both values; a `DataError` or `DTypeError` for ends that
 * are no finite scalars of floats, alike, or for another result of `f`; a `HyperparameterError` for options out of range. It reads
 * what it computed: inside `grad`, `jvp`, `compile` or `vmap` it is an `UnboundInputError`, `rootBetween` is for there.
 *
 * Law: a root between two ends is where the sign changes, whichever end comes first.
 *
 * Chandrupatla, Advances in Engineering Software 28, 1997, as in `scipy.optimize.elementwise.find_root`.
 *
 * @example
 * import assert from "node:assert"
 * import { cos, item, sub } from "thalweg"
 * import { findRootBetween } from "thalweg/minimize"
 *
 * const { at, evaluations, reason } = findRootBetween(x => sub(cos(x), x))(0, 1)
 * assert.strictEqual(reason, "converged")
 * assert.ok(Math.abs(item(at) - 0.7390851332151607) < 1e-12 && evaluations.values < 12)
 * assert.throws(() => findRootBetween(x => sub(cos(x), x))(1, 2), { name: "DataError" })
 */
export const findRootBetween = <D extends TreesLike<D> = readonly []>(
  f: Objective<Tensor, D>,
  options: FindRootBetweenOptions = {}
): ((low: number | Tensor, high: number | Tensor, ...data: D) => RootBetween) => {
  const { fusedMultiplyAdd, ...settings } = resolve("findRootBetween", fields, options)
  const search = betweenOf("findRootBetween", f as never, settings)
  const run = compileRead(
    { operation: "findRootBetween", instead: "rootBetween", fusedMultiplyAdd },
    (low: Tensor, high: Tensor, ...data: readonly Tree[]) => search(low, high, data) as unknown as Tree
  )
  return (low, high, ...data) => {
    flattenAs("findRootBetween", { data })
    const [a, b] = endsOf("findRootBetween", low, high)
    const found = run(a, b, ...(data as readonly Tree[])) as unknown as Between
    const { at, value, iterations, width, bound, last } = found
    if (item(found.hasRoot) === 0) {
      const ends = [item(a), item(b)]
      if (!ends.every(Number.isFinite)) fail("DataError", "findRootBetween", "ends that are finite", ends.join(" and "))
      const said = [a, b].map((x, i) => `f(${item(x)}) = ${item(found.ends[i] as Tensor)}`)
      fail("DataError", "findRootBetween", "a function with different signs at both ends", said.join(" and "))
    }
    const [code, steps] = [item(found.status), item(iterations)]
    return {
      ...{ at, residual: Math.abs(item(value)), iterations: steps, reason: reasonOf(code) },
      evaluations: { values: steps + 2, jacobians: 0 },
      message: messageOf({
        ...{ code, iterations: steps, value: item(value), measured: "the width of the bracket" },
        ...{ measure: item(width), tolerance: item(bound), notFinite: `the value at ${item(last)} is NaN` }
      })
    }
  }
}
