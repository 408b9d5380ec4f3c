import { grad } from "../../autodiff/grad.js"
import { abs, add, mul } from "../../dataflow/arithmetic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import type { Recipe } from "../../options/recipe.js"
import { castLike, objectiveAt } from "../../transform/common.js"
import { globalNorm, timesRatio } from "../../transform/norm.js"
import {
  checkGoesByGradient,
  needsOfAll,
  type AtObjective,
  type NeedsOf,
  type StateFamily,
  type StateOf
} from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { moveBy } from "../motion.js"
import { around, type Optimizer } from "../optimizer.js"
import { combinator } from "./recipe.js"

type SharpnessState<I extends Tree> = { readonly inner: I }

/** The state of the optimizer within (`inner`); a step needs the objective. */
export interface SharpnessAwareF<F extends StateFamily> extends StateFamily {
  readonly type: SharpnessState<StateOf<F, this["params"]>>
  readonly needs: NeedsOf<F, this["params"]> & AtObjective<this["params"]>
}

/** A function from optimizers to optimizers that take the gradient at the worst point nearby, for `pipe`. */
export type SharpnessAware = <F extends StateFamily>(inner: Optimizer<F>) => Optimizer<SharpnessAwareF<F>>

/** How far it is to the worst point nearby, from where the gradient was taken, by the count of steps. */
type Ascent = (step: Tensor) => <P extends Tree>(grads: P, point: P) => P

const takingGradientsAt =
  (operation: string, ascent: Ascent): SharpnessAware =>
  <F extends StateFamily>(inner: Optimizer<F>) => {
    const { init, move, gradientPoint } = checkGoesByGradient(operation, inner).motion
    return around<F, SharpnessAwareF<F>>(inner, {
      needs: needsOfAll([inner, { needs: ["objective"] }]),
      init: params => ({ inner: init(params) }),
      move: (grads, state, params, now) => {
        const objective = objectiveAt(operation, now)
        const point = gradientPoint(params, state.inner, now)
        const { to: worst } = moveBy(point, ascent(now.step)(grads, point))
        const [moved, after] = move(grad(objective)(worst), state.inner, params, now)
        return [moved, { inner: after }]
      }
    })
  }

const fields = {
  /** ρ ≥ 0, in units of the parameters: how far the worst point nearby is. Default 0.05. */
  rho: hyper(nonNegative, 0.05)
}

/** How far sharpness is looked for. */
export interface SamOptions extends OptionsOf<typeof fields> {}

/**
 * Makes an optimizer sharpness-aware: it gets the gradient at the worst point nearby, `g' = ∇f(p + ρ·g/‖g‖)`, the norm over all
 * leaves, and so prefers minima around which the loss stays low.
 *
 * Acts on the gradient. Needs the objective, `step(params, state, grads, { objective })`, of which each step takes one more
 * gradient; `trainStep` hands over that of the same batch, model state and key. Nearby is where the optimizer within takes its
 * gradients (`gradientPoint`). In a `pipe` it stands after what acts on gradients: what comes before it (clips, decay) sees the
 * gradient at the worst point, what comes later only the one that says where that is. Around `accumulate` each micro-batch has
 * a worst point of its own (m-sharpness); `accumulate` around it is a `HyperparameterError`. The loss that an optimizer within may
 * need stays the one that was given. The state is that of the optimizer within.
 *
 * `rho`: ρ ≥ 0, else a `HyperparameterError`. Where the gradient is 0, the worst point is the parameters.
 *
 * Laws: with ρ = 0 it takes the gradient where the optimizer within does; else as far as ρ from there; does not see the scale of
 * the gradient that it gets; keeps the rate.
 * Source: Foret et al. 2021, arXiv 2010.01412, Algorithm 1 (p = 2). As optax's `contrib.sam` with a normalized `sgd(ρ)`,
 * `opaque_mode=True`; we do not offer its other inner optimizers, nor more than one step of them.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, mul, pipe, square, sum, tensor, toArray, type Tensor } from "thalweg"
 * import { sam, sgd } from "thalweg/optimizer"
 *
 * const f = ({ w }: { w: Tensor }) => mul(sum(square(w)), 0.5) // the gradient is w
 * const opt = pipe(sgd({ learningRate: 0.5 }), sam({ rho: 5 }))
 * const params = { w: tensor([3, 4]) }
 * const [{ w }] = opt.step(params, opt.init(params), grad(f)(params), { objective: f })
 * assert.deepStrictEqual(toArray(w), [0, 0]) // by half of (3, 4) + (3, 4)
 */
export const sam: Recipe<typeof fields, (options?: SamOptions) => SharpnessAware> = combinator(
  "sam",
  fields,
  { additive: {} },
  ({ rho }) =>
    takingGradientsAt("sam", step => grads => {
      const length = globalNorm(grads)
      return Tree.map((g: Tensor) => timesRatio(g, rho(step), length))(grads)
    })
)

const adaptiveFields = {
  /** ρ ≥ 0: how far the worst point nearby is, where every element is measured by its own size. Default 0.5. */
  rho: hyper(nonNegative, 0.5),
  /** η ≥ 0, in units of the parameters: what the size of an element is raised by. Default 0.01. */
  eta: hyper(nonNegative, 0.01)
}

/** How far sharpness is looked for, and by which measure. */
export interface AsamOptions extends OptionsOf<typeof adaptiveFields> {}

/**
 * Makes an optimizer sharpness-aware whatever the scale of the parameters: it gets the gradient at the worst point nearby, `g' =
 * ∇f(p + ρ·T²·g/‖T·g‖)` with `T = |p| + η` element by element, the norm over all leaves.
 *
 * As `sam`, but that an element may go as far as it is large. Acts on the gradient, needs the objective, and stands in a `pipe`
 * where `sam` does.
 *
 * `rho`: ρ ≥ 0, `eta`: η ≥ 0, others are a `HyperparameterError`. Where the gradient is 0, the worst point is the parameters.
 *
 * Laws: with ρ = 0 it takes the gradient where the optimizer within does; else as far as ρ from there, measured by `T`; of
 * elements of one size it is `sam`; parameters on another scale have worst points on that scale (η = 0); keeps the rate.
 * Source: Kwon et al. 2021, arXiv 2102.11600, Algorithm 1 (p = 2), with `T` as in its equation 3. The authors' code takes biases
 * for as large as 1. The PyPI package `pytorch_optimizer` has `SAM(…, adaptive=True)`, which is ours with η = 0.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, mul, pipe, square, sum, tensor, toArray, type Tensor } from "thalweg"
 * import { asam, sgd } from "thalweg/optimizer"
 *
 * const f = ({ w }: { w: Tensor }) => mul(sum(square(w)), 0.5)
 * const opt = pipe(sgd({ learningRate: 1 }), asam({ rho: 1, eta: 0 }))
 * const params = { w: tensor([2, 0]) }
 * const [{ w }] = opt.step(params, opt.init(params), grad(f)(params), { objective: f })
 * assert.deepStrictEqual(toArray(w), [-2, 0]) // by the gradient at 2 + 2²·2/(2·2)
 */
export const asam: Recipe<typeof adaptiveFields, (options?: AsamOptions) => SharpnessAware> = combinator(
  "asam",
  adaptiveFields,
  { additive: {} },
  ({ rho, eta }) =>
    takingGradientsAt("asam", step => (grads, point) => {
      const sizes = Tree.map((p: Tensor) => add(abs(p), castLike(eta(step), p)))(point)
      const scaled = Tree.zipWith((g: Tensor, size: Tensor) => mul(g, size))(grads, sizes)
      const length = globalNorm(scaled)
      return Tree.zipWith((g: Tensor, size: Tensor) => mul(timesRatio(g, rho(step), length), size))(scaled, sizes)
    })
)
