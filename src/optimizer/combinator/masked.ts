import { maskField } from "../../options/fields.js"
import type { Recipe } from "../../options/recipe.js"
import { combinatorOf } from "./recipe.js"
import { combine, hide, hideNeeds, merge, type HiddenState } from "../../transform/mask.js"
import type { NeedsOf, StateFamily } from "../../transform/transform.js"
import type { Tree } from "../../tree/index.js"
import { chosen, type Mask } from "../../tree/mask.js"
import { noMove, type Motion, type Move } from "../motion.js"
import { around, type Optimizer } from "../optimizer.js"
import { apartIfAll, byGradient } from "../traits.js"

type MaskedState<I extends Tree> = { readonly inner: I }

/** The state of an optimizer that sees some of the leaves (`inner`). */
export interface MaskedF<F extends StateFamily> extends StateFamily {
  readonly type: MaskedState<HiddenState<F>>
  readonly needs: NeedsOf<F, this["params"]>
}

/** A function from optimizers to optimizers that see some of the leaves, for `pipe`. */
export type Masking = <F extends StateFamily>(inner: Optimizer<F>) => Optimizer<MaskedF<F>>

/** The moves of the leaves of some labels, in a move of all leaves. */
export const combineMoves = <L, P extends Tree>(
  labels: readonly L[],
  onto: Move<P>,
  moves: ReadonlyMap<L, Move<Tree>>
): Move<P> => {
  const put = (face: keyof Move<P>): P =>
    combine(labels, onto[face], new Map([...moves].map(([label, move]) => [label, move[face]])))
  return { by: put("by"), to: put("to") }
}

/** Shows the inner optimizer the leaves that are kept; the others do not move. */
const keeping =
  (kept: (params: Tree) => readonly boolean[]): Masking =>
  <F extends StateFamily>(inner: Optimizer<F>) => {
    const { init, move, gradientPoint, evalParams, finish } = inner.motion
    /** What the inner optimizer makes of its leaves, among the others. */
    const among =
      (of: Motion<F>["evalParams"]): Motion<MaskedF<F>>["evalParams"] =>
      (params, state, now) => {
        const keep = kept(params)
        return merge(keep, params, of(hide(keep, params), state.inner, now))
      }
    return around<F, MaskedF<F>>(inner, {
      init: params => ({ inner: init(hide(kept(params), params)) }),
      gradientPoint: among(gradientPoint),
      evalParams: among(evalParams),
      move: (grads, state, params, now) => {
        const keep = kept(params)
        const seen = (tree: Tree): Tree => hide(keep, tree)
        const within = hideNeeds<F, typeof params>(shown => merge(keep, params, shown), seen, now)
        const [moved, after] = move(seen(grads), state.inner, seen(params), within)
        return [combineMoves(keep, noMove(params), new Map([[true, moved]])), { inner: after }]
      },
      ...(finish && {
        finish: (params, state, now) => {
          const keep = kept(params)
          const [moved, after] = finish(hide(keep, params), state.inner, now)
          return [combineMoves(keep, noMove(params), new Map([[true, moved]])), { inner: after }]
        }
      })
    })
  }

const maskedFields = {
  /** What moves: a `Mask`. */
  mask: maskField()
}

/**
 * Lets an optimizer move some of the parameters only; the others stay as they are, bit for bit.
 *
 * Acts on all of the inner optimizer, which sees a tree without the others: it keeps no state for them, and a norm over
 * all leaves does not count them. What comes later in a `pipe` sees every gradient, so that decay belongs inside.
 *
 * `mask`: patterns of paths, a function of the path and the leaf, or a tree of booleans like the parameters; `Mask` has
 * the syntax of patterns. A pattern that matches no parameter is a `TreeError` that lists the nearest paths, as is a mask
 * of another structure; both at `init` and `step`.
 *
 * Laws: a mask that is true everywhere ≡ the inner optimizer, exactly; false everywhere, parameters do not change.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray, Tree } from "thalweg"
 * import { adam, masked } from "thalweg/optimizer"
 *
 * const opt = pipe(adam({ learningRate: 0.5, b2: 0.75, eps: 0 }), masked("head/**"))
 * const params = { body: tensor([1]), head: { kernel: tensor([1]) } }
 * const [moved, state] = opt.step(params, opt.init(params), params)
 * assert.deepStrictEqual([moved.body, moved.head.kernel].map(toArray), [[1], [0.5]])
 * assert.deepStrictEqual(Tree.paths(state.inner.inner[0]), ["mu/head/kernel", "nu/head/kernel"])
 */
export const masked: Recipe<typeof maskedFields, (mask: Mask) => Masking> = combinatorOf(
  "masked",
  "mask",
  maskedFields,
  { additive: { mask: "**" }, ...apartIfAll, ...byGradient, scaleFree: {} },
  ({ mask }) => keeping(params => chosen("masked", mask, params))
)

const freezeFields = {
  /** What does not move: a `Mask`. */
  mask: maskField()
}

/**
 * Keeps some of the parameters as they are, bit for bit, while an optimizer moves the others.
 *
 * Acts on all of the inner optimizer, as the opposite of `masked`: it keeps no state for what is frozen, and does not
 * see its gradients.
 *
 * `mask`: what to freeze, given as to `masked`; the same errors.
 *
 * What comes later in a `pipe` sees and moves all parameters: decay belongs inside. Only parameters are frozen: while training, a
 * part that they belong to still drops out, and moves the running statistics of its batch normalization. A part that is to run as
 * after training is `inference(part)`, of `thalweg/nn`.
 *
 * Laws: frozen parameters never change; freezing nothing (`() => false`) ≡ the inner optimizer, exactly.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { freeze, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), freeze("encoder/**"))
 * const params = { encoder: { kernel: tensor([1]) }, head: tensor([1]) }
 * const [{ encoder, head }] = opt.step(params, opt.init(params), params)
 * assert.deepStrictEqual([encoder.kernel, head].map(toArray), [[1], [0]])
 * assert.throws(() => pipe(sgd({ learningRate: 1 }), freeze("encodr/*")).init(params), {
 *   message: 'freeze: expected a parameter that matches "encodr/*"; got none; the nearest are "encoder/kernel", "head"'
 * })
 */
export const freeze: Recipe<typeof freezeFields, (mask: Mask) => Masking> = combinatorOf(
  "freeze",
  "mask",
  freezeFields,
  { ...apartIfAll, ...byGradient, scaleFree: {} },
  ({ mask }) => keeping(params => chosen("freeze", mask, params).map(frozen => !frozen))
)
