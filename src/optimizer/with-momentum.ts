import type { Hyperparameter } from "../schedule/schedule.js"
import { trace, type TraceF } from "../transform/trace.js"
import { onDisplacement, type OnDisplacement } from "./lift.js"

/**
 * Gives an optimizer momentum: `v = γ·v + Δ`, `p' = p + v`, where `Δ` is the displacement that the inner one proposes.
 *
 * Acts on the displacement, so the rate is inside the velocity, as in Keras and most textbooks: when the rate changes, what was
 * accumulated keeps the rate it was made with. Equal to `sgd({ momentum })` for a constant rate only. After `withWeightDecay` the
 * decay is accumulated too; before it, it is not. `0 ≤ γ < 1`.
 *
 * Laws: `withMomentum(0)` changes nothing, exactly.
 * Source: Polyak 1964; Rumelhart, Hinton & Williams 1986.
 */
export const withMomentum = (momentum: Hyperparameter): OnDisplacement<TraceF> =>
  onDisplacement(trace({ decay: momentum }))
