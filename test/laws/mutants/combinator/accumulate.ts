import { add, cast, div, ge, gt, scalar, sub, Tree, where, type Tensor } from "thalweg"
import { accumulateLaws, anyOptimizer, type AnyOptimizer } from "thalweg/laws"
import { accumulate } from "thalweg/optimizer"
import type { AtLoss } from "thalweg/transform"
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

type State = { readonly seen: Tensor; readonly kept: Tree; readonly loss: Tensor; readonly inner: Tree }
type Act = (grads: Tree, state: Tree, extra: readonly AtLoss[]) => readonly [Tree, Tree]

const averaged: Parts["merged"] = (kept, value, n) => add(kept, div(sub(value, kept), cast(n, kept.dtype)))

const right: Parts = { merged: averaged, full: ge, idle: before => before, told: averaged }

const pick = (condition: Tensor, yes: Tree, no: Tree): Tree =>
  Tree.zipWith((a: Tensor, b: Tensor) => where(condition, a, b))<Tree>(yes, no)

const turn = ({ merged, full, idle, told }: Parts, k: number, act: Act, still: Tree) => {
  return ({ seen, kept, loss, inner }: State, grads: Tree, extra: readonly AtLoss[]): readonly [Tree, State] => {
    const n = add(seen, 1)
    const done = full(n, k)
    const more = Tree.zipWith((a: Tensor, g: Tensor) => merged(a, g, n))<Tree>(kept, grads)
    const level = extra.reduce((known, given) => told(known, given.loss, n), loss)
    const [value, after] = act(
      more,
      inner,
      extra.map(() => ({ loss: level }))
    )
    const state = {
      seen: where(done, 0, n),
      kept: pick(done, Tree.zerosLike(more), more),
      loss: where(done, 0, level),
      inner: pick(done, after, idle(inner, after))
    }
    return [pick(done, value, still), state]
  }
}

/** An accumulation of one's own making. */
const made =
  (parts: Partial<Parts>) =>
  (k: number): Wrap =>
  inner => {
    const all = { ...right, ...parts }
    const open = inner as unknown as {
      readonly step: (...args: readonly unknown[]) => readonly [Tree, Tree]
      readonly update: (...args: readonly unknown[]) => readonly [Tree, Tree]
    }
    return {
      ...inner,
      init: (params: Tree) => ({
        seen: scalar(0, "i32"),
        kept: Tree.zerosLike(params),
        loss: scalar(0, "f64"),
        inner: inner.init(params)
      }),
      update: (grads: Tree, state: State, params: Tree, ...extra: readonly AtLoss[]) =>
        turn(all, k, (g, s, x) => open.update(g, s, params, ...x), Tree.zerosLike(params))(state, grads, extra),
      step: (params: Tree, state: State, grads: Tree, ...extra: readonly AtLoss[]) =>
        turn(all, k, (g, s, x) => open.step(params, s, g, ...x), params)(state, grads, extra),
      rate: (state: State) => inner.rate(state.inner),
      gradientPoint: (params: Tree, state: State) => inner.gradientPoint(params, state.inner),
      evalParams: (params: Tree, state: State) => inner.evalParams(params, state.inner)
    } as unknown as AnyOptimizer
  }

const suite = (how: (k: number) => Wrap) => accumulateLaws(how as never)
const broken = (parts: Partial<Parts>) => suite(made(parts))

const given =
  (k: number): Wrap =>
  inner =>
    anyOptimizer(accumulate(k)(inner))

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
  "accumulate keeps the rate": [
    mutant(
      "says a rate of its own",
      suite(k => rateless(given(k)))
    )
  ]
}
