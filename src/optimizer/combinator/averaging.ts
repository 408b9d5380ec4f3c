import type { Tree } from "../../tree/index.js"
import { next } from "../../transform/common.js"
import type { Clock, NeedsOf, StateFamily, StateOf } from "../../transform/transform.js"
import { madeUp } from "../finish.js"
import { around, type Optimizer } from "../optimizer.js"

/** A family of records. */
interface RecordF extends StateFamily {
  readonly type: { readonly [key: string]: Tree }
}

/** How parameters are averaged, and what is deployed in their place. */
interface Averaging<A extends RecordF> {
  init<P extends Tree>(this: void, params: P): StateOf<A, P>
  /** With what is deployed after a step; the clock is that of before it. */
  follow<P extends Tree>(this: void, state: StateOf<A, P>, deployed: P, now: Clock): StateOf<A, P>
  deploy<P extends Tree>(this: void, state: StateOf<A, P>, deployed: P, now: Clock): P
}

type AveragedState<A extends Tree, I extends Tree> = A & { readonly inner: I }

/** What is kept for an average, and the state of the optimizer within (`inner`). */
export interface AveragedF<A extends RecordF, F extends StateFamily> extends StateFamily {
  readonly type: AveragedState<StateOf<A, this["params"]>, StateOf<F, this["params"]>>
  readonly needs: NeedsOf<F, this["params"]>
}

/** A function from optimizers to optimizers that averages, for `pipe`. */
export type Averager<A extends RecordF> = <F extends StateFamily>(inner: Optimizer<F>) => Optimizer<AveragedF<A, F>>

/** Averages what an optimizer deploys after each step; neither its run nor its state change. */
export const averaged =
  <A extends RecordF>({ init, follow, deploy }: Averaging<A>): Averager<A> =>
  <F extends StateFamily>(inner: Optimizer<F>) => {
    const { init: initInner, move, evalParams, finish } = inner.motion
    return around<F, AveragedF<A, F>>(inner, {
      init: params => ({ ...init(params), inner: initInner(params) }),
      evalParams: (params, state, now) => deploy(state, evalParams(params, state.inner, now), now),
      move: (grads, state, params, now) => {
        const [moved, after] = move(grads, state.inner, params, now)
        const deployed = evalParams(moved.to, after, { step: next(now.step) })
        return [moved, { ...follow(state, deployed, now), inner: after }]
      },
      ...(finish && {
        finish: (params, state, now) => {
          const [moved, after] = finish(params, state.inner, now)
          const at = { step: next(now.step) }
          const [withIt, without] = [evalParams(moved.to, after, at), evalParams(params, state.inner, at)]
          const [more, less] = [follow(state, withIt, now), follow(state, without, now)]
          return [moved, { ...madeUp(state, { ...state, ...more }, { ...state, ...less }), inner: after }]
        }
      })
    })
  }
