import { zerosLike } from "../dataflow/create.js"
import type { Scope, Tensor } from "../dataflow/primitive.js"
import { end, newScope } from "../dataflow/scope.js"
import { variable } from "../dataflow/symbol.js"

/** The cotangents (or tangents) of some tensors; `undefined` where nothing flows. */
export type Cotangents = readonly (Tensor | undefined)[]

/** Reverse mode on the nodes of a scope, as `backprop.ts` has it. */
export type Backprop = (
  scope: Scope,
  outputs: readonly Tensor[],
  cotangents: Cotangents,
  sources: readonly Tensor[],
  sumsSoFar?: Cotangents
) => Cotangents

/**
 * Forward mode: the tangents of `outputs` given those of `sources`, which are symbols of `scope`, or what its nodes use from
 * outside. The pullback is linear in its cotangent; its own pullback is the pushforward.
 */
export const pushforward = (
  backprop: Backprop,
  scope: Scope,
  outputs: readonly Tensor[],
  sources: readonly Tensor[],
  tangents: Cotangents
): Cotangents => {
  const ofPullback = newScope()
  const between = outputs.map(t => variable(zerosLike(t), ofPullback))
  const pulled = ofPullback.trace(() => backprop(scope, outputs, between, sources))
  const reached = pulled.flatMap((t, i) => (t === undefined ? [] : [[t, tangents[i]] as const]))
  const pushed = backprop(
    ofPullback,
    reached.map(([t]) => t),
    reached.map(([, v]) => v),
    between
  )
  end(ofPullback)
  return pushed
}
