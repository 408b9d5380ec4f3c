import { maximum, mul, square } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sum } from "../dataflow/reduce.js"
import { choice, hyper, resolve, type Fields } from "../schedule/fields.js"
import { positive, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { next, rootOf, times, zeroCount, type CountF } from "./common.js"
import { shortening } from "./norm.js"
import type { Transform } from "./transform.js"
import { axesOfUnit, type Units } from "./units.js"

/** How updates are compared with the parameters. */
export interface UnitClipOptions {
  /** ε > 0: the least norm that parameters count with, so that those which are 0 can grow. Default 1e-3. */
  readonly eps?: Hyperparameter
  /** The axis along which units lie: `last` (the default), as in our kernels `[…, in, out]`, or `first`, as PyTorch's. */
  readonly units?: Units
}

export interface UnitClipping extends UnitClipOptions {
  readonly clipping: Hyperparameter
}

/** What the options of adaptive clipping may be. */
export const unitClippingFields: Fields<UnitClipping> = {
  clipping: hyper(positive),
  eps: hyper(positive, 1e-3),
  units: choice(["last", "first"], "last")
}

/**
 * Shortens the updates of each unit to a fraction of the norm of its parameters:
 * `u' = u · N / max(‖u‖, N)` with `N = λ·max(‖p‖, ε)`, norms unit by unit.
 *
 * A unit is a neuron: a slice along the last axis, or the first; a vector or scalar is one unit.
 * `clipping`: λ, a finite number > 0, else a `HyperparameterError`. Where the norm of a unit is NaN, all of that unit
 * becomes NaN; where it is infinite, its infinite elements become NaN and its others 0. Other units do not notice.
 *
 * Laws: units within their norm pass unchanged, exactly; non-expansive; idempotent, to rounding; zero stays zero.
 * Source: Brock et al. 2021, arXiv 2102.06171, equation 3.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clipUnits } from "thalweg/transform"
 *
 * const kernel = tensor([[3, 0], [4, 1]]) // columns of the norms 5 and 1
 * const clip = clipUnits(0.5)
 * const [clipped] = clip.update(tensor([[0, 0], [10, 0.25]]), clip.init(kernel), kernel)
 * assert.deepStrictEqual(toArray(clipped), [[0, 0], [2.5, 0.25]])
 */
export const clipUnits = (clipping: Hyperparameter, options: UnitClipOptions = {}): Transform<CountF> => {
  const { clipping: fraction, eps, units } = resolve("clipUnits", unitClippingFields, { ...options, clipping })
  const norm = (t: Tensor): Tensor =>
    rootOf(sum(square(cast(t, "f64")), { axes: axesOfUnit(units, t), keepDims: true }))
  return {
    init: () => ({ count: zeroCount }),
    update: (updates, { count }, params) => {
      const [lambda, least] = [fraction(count), eps(count)]
      const clipped = Tree.zipWith((u: Tensor, p: Tensor) => {
        const most = mul(maximum(norm(p), least), lambda)
        return times(u, shortening(norm(u), most))
      })(updates, params)
      return [clipped, { count: next(count) }]
    }
  }
}
