import { jacobian } from "../autodiff/jacobian.js"
import { stopGradient } from "../dataflow/elementwise.js"
import { transposed } from "../dataflow/factor.js"
import { and, eq, or, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { reshape } from "../dataflow/structure.js"
import { solveFor } from "../linalg/solve.js"
import type { OptionsOf } from "../options/fields.js"
import { resolve } from "../options/resolve.js"
import { Tree, type TreeLike, type TreesLike } from "../tree/index.js"
import { flattenAs } from "../tree/tree.js"
import { equationsOf, type Equations, type Residuals } from "./equations.js"
import { betweenFields, betweenOf, endsOf } from "./between.js"
import { rootFields, rooting } from "./find-root.js"
import { implicitly } from "./implicit.js"
import type { Objective } from "./minimizer.js"
import { runFrom } from "./run.js"
import { CONVERGED, SETTLED } from "./status.js"

/** How to find a root within a graph. */
export interface RootOptions extends OptionsOf<typeof rootFields> {}

/** How to find a root between two ends within a graph. */
export interface RootBetweenOptions extends OptionsOf<typeof betweenFields> {}

type Find = (data: readonly Tree[]) => Tensor

/** A root as a function of data: the vector that is found, with the derivative by the equations. */
const differentiable = (
  name: string,
  find: Find,
  equations: (data: readonly Tree[]) => Equations,
  data: readonly Tree[]
): Tensor => {
  const { leaves, structure } = Tree.flatten(data)
  const dataOf = Tree.unflatten<readonly Tree[]>(structure)
  const residuals = (args: readonly Tensor[]) => equations(dataOf(args)).residuals
  return implicitly(
    {
      name,
      find: args => find(dataOf(args)),
      residual: (x, args) => residuals(args)(x),
      solveTransposed: (x, args, v) =>
        solveFor(transposed(jacobian(residuals(args))(x)), v, { operation: name, onFailure: "throw" })
    },
    leaves
  )
}

/**
 * Makes a root a differentiable function of data: `x*(θ)` with `f(x*, θ) = 0`, the one that `findRoot` finds from the start. Its
 * derivative is that of the equations (the implicit function theorem),
 *
 *     dx* = -J⁻¹ ∂f(x*, θ)/∂θ dθ,   J = ∂f(x*, θ)/∂x
 *
 * not that of the loop: forward and reverse, of any order, inside `grad`, `compile` and `vmap`, as of `argmin`. The start is held fixed;
 * to differentiate by a value that `f` closes over is a `GradientError`.
 *
 * Where the search does not converge, x* and its derivative are NaN; `findRoot` says why. A singular J is a `MatrixError` when the
 * derivative is computed. Throws what `findRoot` throws, as far as it can be told without values.
 *
 * Law: a root has the derivatives of its closed form.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, item, scalar, square, sub, type Tensor } from "thalweg"
 * import { root } from "thalweg/minimize"
 *
 * const squareRoot = (a: Tensor) => root((x: Tensor, a: Tensor) => sub(square(x), a))(scalar(1, "f64"), a)
 * assert.ok(Math.abs(item(squareRoot(scalar(4, "f64"))) - 2) < 1e-8)
 * assert.ok(Math.abs(item(grad(squareRoot)(scalar(4, "f64"))) - 1 / 4) < 1e-8)
 */
export const root = <P extends TreeLike<P>, R extends TreeLike<R>, D extends TreesLike<D> = readonly []>(
  f: Residuals<P, D, R>,
  options: RootOptions = {}
): ((start: P, ...data: D) => P) => {
  const own = f as unknown as Residuals<Tree, readonly Tree[], Tree>
  const transitions = rooting("root", own, resolve("root", rootFields, options))
  return (start, ...data) => {
    flattenAs("root", { start, data })
    const first = Tree.map(stopGradient)(start as Tree)
    const equations = (given: readonly Tree[]) => equationsOf("root", at => own(at, ...given), first)
    const find: Find = given => {
      const { at, status } = runFrom(transitions, transitions.init(first, given), given)
      return where(or(eq(status, CONVERGED), eq(status, SETTLED)), equations(given).vectorOf(at), NaN)
    }
    const given = data as readonly Tree[]
    return equations(given).treeOf(differentiable("root", find, equations, given)) as P
  }
}

/**
 * Makes a root between two ends a differentiable function of data, as `root` does of one near a start: `findRootBetween` as a graph.
 *
 * Where the signs at the ends do not differ, an end is not finite, or the search does not converge, it and its derivative are NaN.
 * A slope of 0 at the root is a `MatrixError` when the derivative is computed. The ends are held fixed. Otherwise as
 * `findRootBetween` and `root`.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, item, mul, scalar, sin, sub, type Tensor } from "thalweg"
 * import { rootBetween } from "thalweg/minimize"
 *
 * // Kepler's equation E - e sin E = M: the eccentric anomaly, and how it changes with M
 * const kepler = (E: Tensor, M: Tensor) => sub(sub(E, mul(0.3, sin(E))), M)
 * const anomaly = (M: Tensor) => rootBetween(kepler)(0, Math.PI, M)
 * const [M, E] = [scalar(1, "f64"), item(anomaly(scalar(1, "f64")))]
 * assert.ok(Math.abs(item(grad(anomaly)(M)) - 1 / (1 - 0.3 * Math.cos(E))) < 1e-9)
 */
export const rootBetween = <D extends TreesLike<D> = readonly []>(
  f: Objective<Tensor, D>,
  options: RootBetweenOptions = {}
): ((low: number | Tensor, high: number | Tensor, ...data: D) => Tensor) => {
  const own = f as unknown as Objective<Tensor, readonly Tree[]>
  const search = betweenOf("rootBetween", own, resolve("rootBetween", betweenFields, options))
  return (low, high, ...data) => {
    flattenAs("rootBetween", { data })
    const [a, b] = endsOf("rootBetween", low, high).map(stopGradient) as [Tensor, Tensor]
    const find: Find = given => {
      const { at, status, hasRoot } = search(a, b, given)
      return reshape(where(and(eq(status, CONVERGED), hasRoot), at, NaN), [1])
    }
    const equations = (given: readonly Tree[]) => equationsOf("rootBetween", at => own(at as Tensor, ...given), a)
    return reshape(differentiable("rootBetween", find, equations, data as readonly Tree[]), [])
  }
}
