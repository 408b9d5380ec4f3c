import { add, sub } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import { isFloat } from "../dataflow/dtype.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { AtLoss, Clock, Need, Now, StateFamily, StateOf, Transform } from "../transform/transform.js"
import { Tree } from "../tree/index.js"
import { requireLike } from "../tree/require-like.js"

/** What a step comes to: the displacement, and the parameters to which it leads. What nobody asks for is not computed. */
export type Move<P extends Tree> = { readonly by: P; readonly to: P }

/**
 * Makes the move by a displacement.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar } from "thalweg"
 * import { moveBy } from "thalweg/optimizer"
 *
 * const { by, to } = moveBy(scalar(8), scalar(-2))
 * assert.deepStrictEqual([by, to].map(item), [-2, 6])
 */
export const moveBy = <P extends Tree>(params: P, displacement: P): Move<P> => ({
  by: displacement,
  to: Tree.zipWith(add)(params, displacement)
})

/**
 * Makes the move to other parameters.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar } from "thalweg"
 * import { moveTo } from "thalweg/optimizer"
 *
 * const { by, to } = moveTo(scalar(8), scalar(6))
 * assert.deepStrictEqual([by, to].map(item), [-2, 6])
 */
export const moveTo = <P extends Tree>(params: P, reached: P): Move<P> => ({
  by: Tree.zipWith(sub)(reached, params),
  to: reached
})

/**
 * Makes no move: a displacement of 0, and the parameters as they are.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar } from "thalweg"
 * import { noMove } from "thalweg/optimizer"
 *
 * const { by, to } = noMove(scalar(8))
 * assert.deepStrictEqual([by, to].map(item), [0, 8])
 */
export const noMove = <P extends Tree>(params: P): Move<P> => ({ by: Tree.zerosLike(params), to: params })

/**
 * How an optimizer moves under a clock that somebody else keeps. Arguments are trusted: the outermost optimizer has
 * checked them.
 */
export interface Motion<F extends StateFamily> {
  /** What `now` must hold besides the clock. */
  readonly needs: readonly Need[]
  init<P extends Tree>(this: void, params: P): StateOf<F, P>
  move<P extends Tree>(
    this: void,
    grads: P,
    state: StateOf<F, P>,
    params: P,
    now: Now<F, P>
  ): readonly [move: Move<P>, state: StateOf<F, P>]
  /** The rate of the next move; where the loss of that is known already, the one that this loss brings about. */
  rate<P extends Tree>(this: void, state: StateOf<F, P>, now: Clock & Partial<AtLoss>): Tensor
  gradientPoint<P extends Tree>(this: void, params: P, state: StateOf<F, P>, now: Clock): P
  evalParams<P extends Tree>(this: void, params: P, state: StateOf<F, P>, now: Clock): P
  /**
   * Makes up for what the last step, whose clock it gets, held back: no move where nothing is. Absent where nothing ever
   * is.
   */
  finish?<P extends Tree>(
    this: void,
    params: P,
    state: StateOf<F, P>,
    now: Clock
  ): readonly [move: Move<P>, state: StateOf<F, P>]
  /**
   * The state after an epoch, before the next step, whose clock it gets: `monitored` is what should become small, in f64.
   * Absent where no epoch is looked at.
   */
  endEpoch?<P extends Tree>(this: void, state: StateOf<F, P>, monitored: Tensor, now: Clock): StateOf<F, P>
}

const requireFloats = Tree.map(t =>
  isFloat(t.dtype) ? t : fail("DTypeError", "init", "f32 or f64 parameters", t.dtype)
)

/** The motion by what a transform makes of the gradients. */
export const motionOf = <F extends StateFamily>(transform: Transform<F>): Motion<F> => ({
  needs: transform.needs ?? [],
  init: params => transform.init(requireFloats(params)),
  move: (grads, state, params, now) => {
    const [displacement, after] = transform.update(grads, state, params, now)
    requireLike("step", "a displacement", params, displacement)
    return [moveBy(params, displacement), after]
  },
  rate: (state, now) => transform.rate?.(state, now) ?? scalar(1, "f64"),
  gradientPoint: params => params,
  evalParams: params => params
})
