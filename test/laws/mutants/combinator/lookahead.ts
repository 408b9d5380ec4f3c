import { add, eq, mul, rem, scalar, sub, Tree, where, zerosLike, type Tensor } from "thalweg"
import { lookaheadLaws } from "thalweg/laws"
import { around, lookahead, moveTo, type AnyOptimizer, type LookaheadOptions } from "thalweg/optimizer"
import type { AnyF } from "thalweg/transform"
import { mutant, type Mutants } from "../mutant.js"
import { restarting } from "./wrap.js"

interface Parts {
  /** Whether the slow weights move at the step of a count. */
  readonly synced: (count: Tensor, every: number) => Tensor
  readonly mixed: (slow: Tensor, fast: Tensor, mix: number) => Tensor
  readonly fast: (synced: Tensor, slow: Tensor, fast: Tensor) => Tensor
  readonly init: (params: Tree) => Tree
}

type State = { readonly slow: Tree; readonly inner: Tree }

const lerp = (slow: Tensor, fast: Tensor, mix: number): Tensor => add(mul(slow, 1 - mix), mul(fast, mix))

const right: Parts = {
  synced: (count, every) => eq(rem(add(count, 1), every), 0),
  mixed: lerp,
  fast: where,
  init: params => params
}

/** A lookahead of one's own making, of numbers. */
const made =
  ({ synced, mixed, fast: settled, init: begin }: Parts) =>
  ({ every = 5, mix = 0.5 }: LookaheadOptions = {}) =>
  (inner: AnyOptimizer): AnyOptimizer => {
    const { init, move } = inner.motion
    return around<AnyF, AnyF>(inner, {
      init: params => ({ slow: begin(params), inner: init(params) }),
      evalParams: (params, state) => (state as State).slow as typeof params,
      move: (grads, before, params, now) => {
        const state = before as State
        const [{ to: fast }, after] = move(grads, state.inner, params, now)
        const moves = synced(now.step, every)
        const slow = Tree.zipWith((s: Tensor, f: Tensor) => where(moves, mixed(s, f, Number(mix)), s))<typeof params>(
          state.slow as typeof params,
          fast
        )
        const reached = Tree.zipWith((s: Tensor, f: Tensor) => settled(moves, s, f))(slow, fast)
        return [moveTo(params, reached), { slow, inner: after }]
      }
    })
  }

const broken = (parts: Partial<Parts>) => lookaheadLaws(made({ ...right, ...parts }))

const backwards = broken({ mixed: (slow, fast, mix) => lerp(fast, slow, mix) })

const treating = (atSync: "keep" | "reset") =>
  lookaheadLaws((options: LookaheadOptions = {}) => lookahead({ ...options, atSync }))

const keeping = treating("keep")
const resetting = treating("reset")

export const lookaheadMutants: Mutants = {
  "lookahead of mix 1 is the optimizer inside": [mutant("mixes the other way round", backwards)],
  "lookahead of mix 0 never moves the slow weights": [
    mutant("mixes the other way round", backwards),
    mutant("begins at zeros", broken({ init: Tree.map(zerosLike) }))
  ],
  "fast and slow weights agree after a synchronization": [
    mutant("forgets to set the fast weights", broken({ fast: (_, __, fast) => fast })),
    mutant(
      "recovers the fast weights from a difference",
      broken({ fast: (synced, s, f) => add(f, where(synced, sub(s, f), 0)) })
    )
  ],
  "slow weights move only at a synchronization": [
    mutant("moves the slow weights at every step", broken({ synced: count => eq(count, count) }))
  ],
  "before a synchronization lookahead is the optimizer inside": [
    mutant(
      "counts the first step as a synchronization",
      broken({ synced: (count, every) => eq(rem(count, every), 0) })
    ),
    mutant("always shows the slow weights", broken({ fast: (_, s) => s }))
  ],
  "lookahead at every step scales displacements by the mix": [
    mutant("mixes twice", broken({ mixed: (slow, fast, mix) => lerp(slow, lerp(slow, fast, mix), mix) }))
  ],
  "lookahead that resets begins anew at a synchronization": [mutant("keeps the state inside", keeping)],
  "lookahead that resets is lookahead before": [
    mutant(
      "begins the optimizer inside anew at every step",
      lookaheadLaws(
        (options: LookaheadOptions = {}) =>
          (inner: AnyOptimizer) =>
            lookahead(options)(options.atSync === "reset" ? restarting(inner) : inner)
      )
    )
  ],
  "pulling back with mix 1 is the optimizer inside": [mutant("resets instead", resetting)],
  "pulling back with mix 0 repeats the first steps": [mutant("keeps the state inside", keeping)],
  "lookahead keeps the rate": [
    mutant(
      "says a rate of 1",
      lookaheadLaws((options: LookaheadOptions = {}) => (inner: AnyOptimizer) => ({
        ...lookahead(options)(inner),
        rate: () => scalar(1, "f64")
      }))
    )
  ]
}
