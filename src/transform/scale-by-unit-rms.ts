import { mul, square } from "../dataflow/arithmetic.js"
import { zeros } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sizeOf } from "../dataflow/shape.js"
import { beside, choice, hyper, type OptionsOf } from "../options/fields.js"
import { decay, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { plusEps, quotient, rootOf } from "./common.js"
import { ema } from "./moments.js"
import { globalNorm, timesRatio } from "./norm.js"
import type { StateFamily, Transform } from "./transform.js"
import { axesOfUnit, meanOver, shapeWithout } from "./units.js"

const fields = {
  /** β₂: decay of the mean squares, `0 ≤ β₂ < 1`. Default 0.95. */
  b2: hyper(decay, 0.95),
  /** ε ≥ 0, added to the root, in units of the updates. Default 1e-8. */
  eps: hyper(nonNegative, 1e-8),
  /** How large a leaf is in the end: its root mean square that of `targetRms` ("rms", the default), or its norm as before ("kept"). */
  norm: choice(["rms", "kept"], "rms"),
  /** The root mean square of every leaf with "rms", at least 0. Default 0.2. */
  targetRms: beside("norm", hyper(nonNegative, 0.2), "rms")
}

/** How units are made alike. */
export interface UnitScaling extends OptionsOf<typeof fields> {}

/** The mean squares of the units (`units`). */
export type UnitMoment<P extends Tree> = { readonly units: P }

/** A mean square for every unit, along the last axis of each leaf, in its dtype. */
export interface UnitMomentF extends StateFamily {
  readonly type: UnitMoment<this["params"]>
}

const axesOf = (leaf: Tensor): readonly number[] => axesOfUnit("last", leaf)

/**
 * Divides the updates of each unit (neuron, channel) by the root of their mean square on average:
 * `v = β₂·v + (1-β₂)·mean(u²)`, `û = u / (√v + ε)`, and then each leaf by a number, so that its root mean square is `targetRms`,
 * or with `norm: "kept"` its norm that of `u`.
 *
 * Shapes: units lie along the last axis, `[…, out]`; a vector or scalar is one unit. Norms are taken in f64; `0/0` is 0. Throws a
 * `HyperparameterError` for options out of range.
 *
 * Laws: odd; leaves apart; with β₂ = ε = 0 all units of a leaf have one root mean square.
 * Source: Li et al. 2025, arXiv 2510.05491, Algorithm 1, lines 7 to 11, whose matrices are `[out, in]`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleByUnitRms } from "thalweg/transform"
 *
 * const p = tensor([[0, 0], [0, 0]])
 * const alike = scaleByUnitRms({ b2: 0, eps: 0, targetRms: 1 })
 * const [u] = alike.update(tensor([[100, 0.25], [-100, -0.25]]), alike.init(p), p, clockAt(0))
 * assert.deepStrictEqual(toArray(u), [[1, 1], [-1, -1]])
 */
export const scaleByUnitRms: Recipe<typeof fields, (options?: UnitScaling) => Transform<UnitMomentF>> = recipe(
  "scaleByUnitRms",
  fields,
  {},
  ({ b2, eps, norm, targetRms }) => ({
    init: params => ({ units: Tree.map(t => zeros(shapeWithout(axesOf(t), t), t.dtype))(params) }),
    update: (updates, { units }, _, { step }) => {
      const [beta, e, rms] = [b2(step), eps(step), targetRms(step)]
      const after = Tree.zipWith((v: Tensor, u: Tensor) => ema(beta, v, meanOver(axesOf(u), square(u))))(units, updates)
      const scaled = Tree.zipWith((u: Tensor, v: Tensor) => {
        const alike = quotient(u, plusEps(rootOf(v), e), e)
        const above = norm === "kept" ? globalNorm(u) : mul(rms, Math.sqrt(sizeOf(u.shape)))
        return timesRatio(alike, above, globalNorm(alike))
      })(updates, after)
      return [scaled, { units: after }]
    }
  })
)
