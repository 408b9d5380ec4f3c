import { add, cast, div, ge, gt, mul, scalar, sub, Tree, where, type Tensor } from "thalweg"
import { accumulateLaws } from "thalweg/laws"
import {
  accumulate,
  altered,
  around,
  clocked,
  moveBy,
  noMove,
  optimizerOf,
  type AnyOptimizer,
  type Clocked
} from "thalweg/optimizer"
import type { AnyF } from "thalweg/transform"
import { mutant, type Mutants } from "../mutant.js"
import { rateless, restarting, type Wrap } from "./wrap.js"

interface Parts {
  /** What is kept with one more, the n-th. */
  readonly merged: (kept: Tensor, value: Tensor, n: Tensor) => Tensor
  readonly full: (n: Tensor, k: number) => Tensor
  /** The state inside between two steps of it. */
  readonly idle: (before: Tree, after: Tree) => Tree
  readonly told: (kept: Tensor, loss: Tensor, n: Tensor) => Tensor
}

type State = {
  readonly seen: Tensor
  readonly kept: Tree
  readonly loss: Tensor
  readonly inner: Clocked<Tree>
}

const averaged: Parts["merged"] = (kept, value, n) => add(kept, div(sub(value, kept), cast(n, kept.dtype)))

const right: Parts = { merged: averaged, full: ge, idle: before => before, told: averaged }

const pick = <T extends Tree>(condition: Tensor, yes: T, no: T): T =>
  Tree.zipWith((a: Tensor, b: Tensor) => where(condition, a, b))(yes, no)

/** An accumulation of one's own making. */
const made =
  (parts: Partial<Parts>) =>
  (k: number): Wrap =>
  inner => {
    const { merged, full, idle, told } = { ...right, ...parts }
    const stepping: AnyOptimizer = optimizerOf(clocked(inner.motion))
    const { init, move } = stepping.motion
    return around<AnyF, AnyF>(stepping, {
      init: params => ({
        seen: scalar(0, "i32"),
        kept: Tree.zerosLike(params),
        loss: scalar(0, "f64"),
        inner: init(params)
      }),
      move: (grads, before, params, now) => {
        const { seen, kept, loss, inner } = before as State
        const n = add(seen, 1)
        const done = full(n, k)
        const more = Tree.zipWith((a: Tensor, g: Tensor) => merged(a, g, n))<typeof params>(
          kept as typeof params,
          grads
        )
        const level = now.loss === undefined ? loss : told(loss, now.loss, n)
        const [moved, after] = move(more, inner, params, now.loss === undefined ? now : { ...now, loss: level })
        const state = {
          seen: where(done, 0, n),
          kept: pick(done, Tree.zerosLike(more), more),
          loss: where(done, 0, level),
          inner: pick(done, after, idle(inner, after))
        }
        return [pick(done, moved, noMove(params)), state]
      }
    })
  }

const suite = (how: (k: number) => Wrap) =>
  accumulateLaws(every => (typeof every === "number" ? how(every) : accumulate(every)))
const broken = (parts: Partial<Parts>) => suite(made(parts))

const given =
  (k: number): Wrap =>
  inner =>
    accumulate(k)(inner)

type Finish = NonNullable<AnyOptimizer["motion"]["finish"]>

/** The right steps, and another way to finish. */
const finishing = (how: (finish: Finish, k: number) => Finish) =>
  suite(k => inner => {
    const { finish } = given(k)(inner).motion
    return altered(given(k)(inner), finish === undefined ? {} : { finish: how(finish, k) })
  })

const dropped = finishing(() => (params, state) => [noMove(params), state])

export const accumulateMutants: Mutants = {
  "accumulate(1) is the optimizer inside": [mutant("waits for one more", broken({ full: gt }))],
  "accumulate shows the mean of k gradients": [
    mutant("adds them up", broken({ merged: add })),
    mutant("keeps the last", broken({ merged: (_, value) => value })),
    mutant("waits for one more", broken({ full: gt }))
  ],
  "accumulate shows the mean of k losses": [mutant("tells the last loss", broken({ told: (_, loss) => loss }))],
  "accumulate makes one step for k gradients": [
    mutant(
      "begins the optimizer inside anew",
      suite(k => inner => given(k)(restarting(inner)))
    )
  ],
  "between its steps accumulate changes nothing": [
    mutant("lets the state inside go on", broken({ idle: (_, after) => after }))
  ],
  "accumulate of equal gradients is one of them": [mutant("adds them up", broken({ merged: add }))],
  "a partial window is finished as one of its size": [
    mutant("drops it", dropped),
    mutant(
      "divides by the size of a full one",
      finishing((finish, k) => (params, before, now) => {
        const state = before as { readonly seen: Tensor; readonly mean: Tree }
        const short = Tree.map(m => mul(m, cast(div(cast(state.seen, "f64"), k), m.dtype)))(state.mean)
        return finish(params, { ...state, mean: short }, now)
      })
    ),
    mutant(
      "keeps what it applied",
      finishing(finish => (params, state, now) => [finish(params, state, now)[0], state])
    )
  ],
  "a partial window is finished through what stands around it": [
    mutant("drops it", dropped),
    mutant(
      "applies half of it",
      finishing(finish => (params, state, now) => {
        const [{ by }, after] = finish(params, state, now)
        return [moveBy(params, Tree.map(t => mul(t, 0.5))(by)), after]
      })
    )
  ],
  "accumulate by a schedule has windows of its lengths": [
    mutant(
      "counts a window twice",
      accumulateLaws(every => accumulate(typeof every === "function" ? windows => every(mul(windows, 2)) : every))
    )
  ],
  "accumulate keeps the rate": [
    mutant(
      "says a rate of its own",
      suite(k => rateless(given(k)))
    )
  ]
}
