import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { scaleByAcprop, type AcpropScaling } from "../../transform/scale-by-acprop.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { allButScaleFree } from "../traits.js"
import type { AdamF } from "./adam.js"

const fields = {
  /** η ≥ 0, in units of the parameters. Default 1e-3. */
  learningRate: hyper(nonNegative, 1e-3),
  ...scaleByAcprop.fields
}

/** The options of ACProp. */
export interface AcpropOptions extends AcpropScaling, OptionsOf<typeof fields> {}

/**
 * Makes ACProp, AdaBelief that judges a gradient by what was before it: `p' = p - η · g / (√(s/c₂) + ε)` with
 * `c₂ = 1 - β₂ᵗ⁻¹`, `t` from 1, and only then `m = β₁·m + (1-β₁)·g`, `s = β₂·s + (1-β₂)·(g - m)² + ε_root`.
 *
 * At the first step `s/c₂` is 1: it is one of plain descent. The mean gradient `m` only centres; it is not stepped by.
 * The state is that of `adam`. Defaults: η 1e-3, β₁ 0.9, β₂ 0.999, ε 1e-16, ε_root 1e-16, centre "after".
 * `withWeightDecay` gives the authors' decoupled decay. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the first step is that of `sgd` (ε = 0); after it, does not see the scale of the gradients (ε = ε_root = 0);
 * odd in the gradients; elementwise.
 * Source: Zhuang et al. 2021, arXiv 2110.05454. The first step, the debiasing and the place of ε_root (the paper's ε)
 * are those of the authors' code, of which we leave out the rectification, on by default there. optax compares with the
 * mean of before, against the paper and its own documentation: `centre: "before"`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { acprop } from "thalweg/optimizer"
 *
 * const opt = acprop({ learningRate: 0.5, b1: 0.5, b2: 0, eps: 0, epsRoot: 0 })
 * const p0 = { w: tensor([5]) }
 * const [p1, s1] = opt.step(p0, opt.init(p0), { w: tensor([8]) }) // s = (8 - 4)²
 * const [p2] = opt.step(p1, s1, { w: tensor([-2]) }) // by 0.5·2 / 4
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[1], [1.25]])
 */
export const acprop: Recipe<typeof fields, (options?: AcpropOptions) => Optimizer<AdamF>> = recipe(
  "acprop",
  fields,
  allButScaleFree,
  ({ learningRate, ...scaling }) => optimizer(chain(scaleByAcprop(scaling), scaleByLearningRate(learningRate)))
)
