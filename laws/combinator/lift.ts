import fc from "fast-check"
import { pipe } from "thalweg"
import { chain, identity } from "thalweg/transform"
import { additive, blind, inner } from "../arbitrary/optimizer.js"
import { run } from "../arbitrary/run.js"
import { arbTransform, type AnyTransform } from "../arbitrary/transform.js"
import type { Wrap } from "../callable.js"
import { exact } from "../equality.js"
import { law, type Law } from "../law.js"
import { pathOf, streamOf } from "../sides.js"

/** The two ways to make a combinator of a transform. */
export interface Lifting {
  readonly onGradient: (transform: AnyTransform) => Wrap
  readonly onDisplacement: (transform: AnyTransform) => Wrap
}

const transform = arbTransform()

/**
 * Lists the laws of making a combinator of a transform: `identity` makes one that changes nothing, a chain makes the
 * composition, before the optimizer in order, after it in order. All of them exact. On displacements the first
 * holds where the optimizer inside adds its displacements: one that sets the parameters is rounded by the detour.
 *
 * @example
 * import assert from "node:assert"
 * import { onDisplacement, onGradient } from "thalweg/optimizer"
 * import { checkAll, liftLaws } from "thalweg/laws"
 *
 * assert(checkAll(liftLaws({ onDisplacement, onGradient }), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const liftLaws = ({ onGradient: before, onDisplacement: after }: Lifting): readonly Law[] => {
  const two = fc.tuple(transform, transform)
  return [
    law("onGradient(identity) changes nothing", exact, fc.tuple(inner, run), ([optimizer, r]) => [
      pathOf(before(identity)(optimizer), r),
      pathOf(optimizer, r)
    ]),
    law("onDisplacement(identity) changes nothing", exact, fc.tuple(additive, run), ([optimizer, r]) => [
      pathOf(after(identity)(optimizer), r),
      pathOf(optimizer, r)
    ]),
    law(
      "onGradient of a chain composes, the last applied first",
      exact,
      fc.tuple(two, inner, run),
      ([[a, b], optimizer, r]) => [
        pathOf(before(chain(a, b))(optimizer), r),
        pathOf(pipe(optimizer, before(b), before(a)), r)
      ]
    ),
    law("onDisplacement of a chain composes", exact, fc.tuple(two, inner, run), ([[a, b], optimizer, r]) => [
      pathOf(after(chain(a, b))(optimizer), r),
      pathOf(pipe(optimizer, after(a), after(b)), r)
    ]),
    law("onGradient acts before the optimizer", exact, fc.tuple(transform, blind, run), ([t, optimizer, r]) => [
      streamOf(before(t)(optimizer), r),
      streamOf(optimizer, { ...r, gradients: streamOf(t, r) })
    ]),
    law("onDisplacement acts after the optimizer", exact, fc.tuple(transform, blind, run), ([t, optimizer, r]) => [
      streamOf(after(t)(optimizer), r),
      streamOf(t, { ...r, gradients: streamOf(optimizer, r) })
    ])
  ]
}
