import { scalar } from "../dataflow/create.js"
import { add, cast, div, maximum, mul, sqrt, square } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sum } from "../dataflow/reduce.js"
import { hyperparameter, nonNegative, positive, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, zeroCount, type CountF } from "./common.js"
import type { Transform } from "./transform.js"

/** The Euclidean norm of all leaves together, `√Σ x²`, as an f64 scalar; squares and their sum are taken in f64. */
export const globalNorm = (tree: Tree): Tensor =>
  sqrt(Tree.reduce(scalar(0, "f64") as Tensor, (total, t) => add(total, sum(square(cast(t, "f64")))))(tree))

export interface ClipOptions {
  /** Added to the norm before it is compared. Default 0; PyTorch's `clip_grad_norm_` has 1e-6. */
  readonly eps?: Hyperparameter
}

/**
 * Shortens updates whose norm over all leaves exceeds `maxNorm`: `u' = u · N / max(‖u‖ + ε, N)`. `maxNorm` > 0.
 *
 * Where the norm is NaN, all updates become NaN; where it is infinite, infinite elements become NaN and the others 0: a
 * non-finite gradient stays visible (`ifFinite` skips it).
 *
 * Laws: idempotent; non-expansive; zero stays zero; the direction does not change.
 */
export const clipByGlobalNorm = (maxNorm: Hyperparameter, options: ClipOptions = {}): Transform<CountF> => {
  const limit = hyperparameter("clipByNorm", "maxNorm", positive, maxNorm)
  const eps = hyperparameter("clipByNorm", "eps", nonNegative, options.eps ?? 0)
  return {
    init: () => ({ count: zeroCount }),
    update: (updates, { count }) => {
      const most = limit(count)
      const factor = div(most, maximum(add(globalNorm(updates), eps(count)), most))
      return [Tree.map(u => mul(u, like(factor, u)))(updates), { count: next(count) }]
    }
  }
}
