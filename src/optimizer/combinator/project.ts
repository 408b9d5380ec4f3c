import { maximum, sub } from "../../dataflow/arithmetic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { choice, resolve, type Fields } from "../../schedule/fields.js"
import { next, zeroCount } from "../../transform/common.js"
import type { Extra, StateFamily, StateOf } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { along, type Optimizer } from "../optimizer.js"
import type { Projection } from "./projections.js"

/** What is projected at once. */
export interface ProjectOptions {
  /** `tree` (the default): all leaves together; `leaf`: each on its own. */
  readonly over?: "tree" | "leaf"
}

/** What the options of `project` may be. */
export const projectFields: Fields<ProjectOptions> = { over: choice(["tree", "leaf"], "tree") }

type ProjectState<I extends Tree> = { readonly count: Tensor; readonly inner: I }

/** The count of steps, and the state of the optimizer within (`inner`). */
export interface ProjectF<F extends StateFamily> extends StateFamily {
  readonly type: ProjectState<StateOf<F, this["params"]>>
}

/**
 * Puts the parameters back into a set after each step: `p' = Π(p + Δ)`, the nearest point of the set.
 *
 * Acts on parameters. `projection`: `ontoSimplex`, `ontoL1Ball`, `ontoL2Ball`, `ontoLInfBall`, `ontoBox`,
 * `ontoNonNegative`, or a function of parameters and count. Velocities and moments within do not know of it. Its place
 * is last in a `pipe`: a combinator over it that acts on displacements sees `p' - p`, rounded, and may leave the set.
 * `masked` inside does not restrict it; over it, it does. `evalParams` projects what the inner optimizer deploys.
 * Throws a `HyperparameterError` for options that are none. What is not finite stays visible.
 *
 * Laws: after a step parameters lie in the set, to rounding; where every step stays in it, the inner optimizer; two of
 * the same are one, to rounding.
 * Source: Goldstein 1964; Levitin & Polyak 1966 (the gradient projection method).
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { ontoL2Ball, project, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), project(ontoL2Ball(5)))
 * const params = { w: tensor([0]), b: tensor([0]) }
 * const [{ w, b }] = opt.step(params, opt.init(params), { w: tensor([-6]), b: tensor([8]) })
 * assert.deepStrictEqual([w, b].map(toArray), [[3], [-4]])
 */
export const project = (projection: Projection, options: ProjectOptions = {}) => {
  const { over } = resolve("project", projectFields, options)
  const onto: Projection = (params, count) =>
    over === "tree" ? projection(params, count) : Tree.map(p => projection(p, count))(params)
  return <F extends StateFamily, X extends Extra = readonly []>(inner: Optimizer<F, X>) =>
    along<F, ProjectF<F>, X, X>(
      inner,
      {
        init: params => ({ count: zeroCount, inner: inner.init(params) }),
        evalParams: (params, { count, inner: within }) =>
          onto(inner.evalParams(params, within), maximum(sub(count, 1), 0))
      },
      ({ go, arrive, outcome }) =>
        (grads, { count, inner: before }, params, ...extra) => {
          const [moved, after] = go(grads, before, params, ...extra)
          const nearest = onto(arrive(params, moved), count)
          return [outcome(params, nearest), { count: next(count), inner: after }]
        }
    )
}
