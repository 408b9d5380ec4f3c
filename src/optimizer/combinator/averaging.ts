import type { Tree } from "../../tree/index.js"
import type { Extra, StateFamily, StateOf } from "../../transform/transform.js"
import { along, type Optimizer } from "../optimizer.js"

/** A family of records. */
interface RecordF extends StateFamily {
  readonly type: { readonly [key: string]: Tree }
}

/** How parameters are averaged, and what is deployed in their place. */
interface Averaging<A extends RecordF> {
  readonly init: <P extends Tree>(params: P) => StateOf<A, P>
  readonly follow: <P extends Tree>(state: StateOf<A, P>, deployed: P) => StateOf<A, P>
  readonly deploy: <P extends Tree>(state: StateOf<A, P>, deployed: P) => P
}

type AveragedState<A extends Tree, I extends Tree> = A & { readonly inner: I }

/** What is kept for an average, and the state of the optimizer within (`inner`). */
export interface AveragedF<A extends RecordF, F extends StateFamily> extends StateFamily {
  readonly type: AveragedState<StateOf<A, this["params"]>, StateOf<F, this["params"]>>
}

/** Averages what an optimizer deploys after each step; neither its run nor its state change. */
export const averaged =
  <A extends RecordF>({ init, follow, deploy }: Averaging<A>) =>
  <F extends StateFamily, X extends Extra = readonly []>(inner: Optimizer<F, X>) =>
    along<F, AveragedF<A, F>, X, X>(
      inner,
      {
        init: params => ({ ...init(params), inner: inner.init(params) }),
        evalParams: (params, state) => deploy(state, inner.evalParams(params, state.inner))
      },
      ({ go, arrive }) =>
        (grads, state, params, ...extra) => {
          const [moved, after] = go(grads, state.inner, params, ...extra)
          return [moved, { ...follow(state, inner.evalParams(arrive(params, moved), after)), inner: after }]
        }
    )
