import type { Hyperparameter } from "../schedule/schedule.js"
import { clipByGlobalNorm, type ClipOptions } from "../transform/clip-by-global-norm.js"
import type { CountF } from "../transform/common.js"
import { onGradient, type OnGradient } from "./lift.js"

/**
 * Shortens the gradient to `maxNorm` where its norm over all leaves is larger: `g' = g · N / max(‖g‖, N)`.
 *
 * Acts on the gradient, before the inner optimizer. In a `pipe`, what comes later acts earlier on gradients. An optimizer that does not see
 * the scale of its gradients (Adam) is still changed, since its average mixes shortened gradients with others.
 * A NaN norm makes every gradient NaN, an infinite one makes infinite elements NaN and the others 0. `maxNorm` > 0.
 *
 * Laws: gradients within the norm pass unchanged, exactly; two of them clip to the smaller norm; zero stays zero.
 * Source: Pascanu, Mikolov & Bengio 2013. PyTorch adds 1e-6 to the norm: `{ eps: 1e-6 }`.
 */
export const clipByNorm = (maxNorm: Hyperparameter, options: ClipOptions = {}): OnGradient<CountF> =>
  onGradient(clipByGlobalNorm(maxNorm, options))
