import { div } from "../../dataflow/arithmetic.js"
import { cast } from "../../dataflow/elementwise.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { sum } from "../../dataflow/reduce.js"
import { exp } from "../../dataflow/transcendental.js"
import type { OptionsOf } from "../../options/fields.js"
import { countingOf, ignoringFields, requireIntegers } from "../labels.js"
import { crossEntropy } from "../loss/cross-entropy.js"
import { adding, checkTarget, countIn, metricOf, none, type MetricFunction } from "./fold.js"

/** Which places do not count. */
export interface PerplexityOptions extends OptionsOf<typeof ignoringFields> {}

/** The nats of so many places. */
type Nats = { readonly nats: Tensor; readonly places: Tensor }

/**
 * Computes the perplexity of labels under softmax probabilities: `e` to the mean cross-entropy over all places, as many equal
 * chances as would be as hard to guess among.
 *
 * Shapes: logits `[…, classes]`, labels `i32` or `u32` of shape `[…]`, result `[]` in `f64`; errors as of `crossEntropy`.
 * `perplexity.with({ ignored })`: the label of places that do not count. Of targets with weights: `metricFold`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor, zeros } from "thalweg"
 * import { perplexity } from "thalweg/nn"
 *
 * const found = perplexity(zeros([1, 2, 8]), tensor([[3, 5]], { dtype: "i32" }))
 * assert.ok(Math.abs(item(found) - 8) < 1e-5)
 */
export const perplexity: MetricFunction<Nats, PerplexityOptions> = /* @__PURE__ */ metricOf(
  "perplexity",
  ignoringFields,
  ({ ignored }) => {
    const each = crossEntropy.with({ reduction: "none", ...(ignored !== undefined && { ignored }) })
    return adding<Nats>(
      { nats: none, places: none },
      (logits, labels) => {
        const counting = countingOf(
          "perplexity",
          requireIntegers("perplexity", checkTarget("perplexity", labels)),
          ignored
        )
        return { nats: sum(cast(each(logits, labels), "f64")), places: countIn(labels, counting) }
      },
      ({ nats, places }) => exp(div(nats, places))
    )
  }
)
