import { pipe } from "fp-ts/lib/function.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { withNesterov } from "../combinator/with-nesterov.js"
import type { Optimizer } from "../optimizer.js"
import { allButScaleFree } from "../traits.js"
import { momentum, type MomentumF, type MomentumOptions } from "./momentum.js"
import { sgd } from "./sgd.js"

/**
 * Makes Nesterov's accelerated gradient: `v = γ·v + η·g(p - γ·v)`, `p' = p - v`; it is
 * `pipe(sgd({ η }), withNesterov(γ))`.
 *
 * The gradient is to be taken at `gradientPoint`, `p - γ·v`, where the velocity alone would lead; taken at `p` it is
 * `momentum`, whose state it has. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: γ = 0 ≡ `sgd`, exactly; for a constant rate its gradient points are the parameters of
 * `sgd({ momentum, nesterov: true })`, the form of PyTorch and optax, which follows them instead; elementwise.
 * Source: Nesterov 1983; Sutskever et al. 2013, equations 3 and 4.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { nag } from "thalweg/optimizer"
 *
 * const opt = nag({ learningRate: 0.5, momentum: 0.5 })
 * const p0 = { w: tensor([8]) } // of ½w², whose gradient is w
 * const [p1, s1] = opt.step(p0, opt.init(p0), p0) // v = 4
 * const ahead = opt.gradientPoint(p1, s1) // 4 - 0.5·4
 * const [p2] = opt.step(p1, s1, ahead) // v = 0.5·4 + 0.5·2
 * assert.deepStrictEqual([p1.w, ahead.w, p2.w].map(toArray), [[4], [2], [1]])
 */
export const nag: Recipe<typeof momentum.fields, (options: MomentumOptions) => Optimizer<MomentumF>> = recipe(
  "nag",
  momentum.fields,
  allButScaleFree,
  ({ learningRate, momentum: gamma }) => pipe(sgd({ learningRate }), withNesterov(gamma))
)
