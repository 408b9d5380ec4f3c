import { scalar, type Tree } from "thalweg"
import type { AnyTransform, Wrap } from "thalweg/laws"
import { altered, onDisplacement, onGradient } from "thalweg/optimizer"
import { clockAt, type StatelessF, type Transform } from "thalweg/transform"

export type { Wrap } from "thalweg/laws"
export { givenAt, stepOf, type AnyState } from "../../../../laws/sides.js"

type Change = (updates: Tree, params: Tree) => Tree

const acting = (change: Change): Transform<StatelessF> => ({
  init: () => [],
  update: ((updates: Tree, state: readonly [], params: Tree) => [change(updates, params), state]) as never
})

export const onGradients =
  (transform: AnyTransform): Wrap =>
  inner =>
    onGradient(transform)(inner)

export const onDisplacements =
  (transform: AnyTransform): Wrap =>
  inner =>
    onDisplacement(transform)(inner)

/** Changes what the optimizer inside sees. */
export const before = (change: Change): Wrap => onGradients(acting(change))

/** Changes what the optimizer inside proposes. */
export const after = (change: Change): Wrap => onDisplacements(acting(change))

/** The right combinator, but that it says a rate of its own. */
export const rateless =
  (wrap: Wrap): Wrap =>
  inner => ({ ...wrap(inner), rate: () => scalar(0.123, "f64") })

/** Forgets its state: every step is a first one. */
export const restarting: Wrap = inner => {
  const { init, move } = inner.motion
  return altered(inner, {
    move: (grads, _, params, now) => move(grads, init(params), params, { ...now, ...clockAt(0) })
  })
}
