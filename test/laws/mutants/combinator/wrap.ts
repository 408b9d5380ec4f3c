import { scalar, type Tree } from "thalweg"
import { anyOptimizer, type AnyOptimizer } from "thalweg/laws"
import { onDisplacement, onGradient } from "thalweg/optimizer"
import type { StateFamily, StatelessF, Transform } from "thalweg/transform"

/** A combinator whose states do not matter. */
export type Wrap = (inner: AnyOptimizer) => AnyOptimizer

type Change = (updates: Tree, params: Tree) => Tree

const acting = (change: Change): Transform<StatelessF> => ({
  init: () => [],
  update: ((updates: Tree, state: readonly [], params: Tree) => [change(updates, params), state]) as never
})

export const onGradients =
  <F extends StateFamily>(transform: Transform<F>): Wrap =>
  inner =>
    anyOptimizer(onGradient(transform)(inner))

export const onDisplacements =
  <F extends StateFamily>(transform: Transform<F>): Wrap =>
  inner =>
    anyOptimizer(onDisplacement(transform)(inner))

/** Changes what the optimizer inside sees. */
export const before = (change: Change): Wrap => onGradients(acting(change))

/** Changes what the optimizer inside proposes. */
export const after = (change: Change): Wrap => onDisplacements(acting(change))

/** The right combinator, but that it says a rate of its own. */
export const rateless =
  (wrap: Wrap): Wrap =>
  inner => ({ ...wrap(inner), rate: () => scalar(0.123, "f64") })

/** Forgets its state: every step is a first one. */
export const restarting: Wrap = inner => ({
  ...inner,
  update: ((grads: Tree, _: Tree, params: Tree) => inner.update(grads, inner.init(params), params)) as never,
  step: ((params: Tree, _: Tree, grads: Tree) => inner.step(params, inner.init(params), grads)) as never
})

/** The state that a combinator keeps for the optimizer inside. */
export const innerOf = (state: Tree): Tree => (state as { readonly inner: Tree }).inner
