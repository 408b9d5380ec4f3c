import { div } from "../../dataflow/arithmetic.js"
import { scalar } from "../../dataflow/create.js"
import { cast } from "../../dataflow/elementwise.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { sum } from "../../dataflow/reduce.js"
import { sizeOf } from "../../dataflow/shape.js"
import { exp } from "../../dataflow/transcendental.js"
import { fixed, type OptionsOf } from "../../options/fields.js"
import { integer } from "../../options/range.js"
import { differing, requireIntegers } from "../labels.js"
import { crossEntropy } from "../loss/cross-entropy.js"
import { adding, checkTarget, count, metricOf, none, type MetricFunction } from "./fold.js"

const fields = {
  /** The label of places that do not count, such as padding. Default: there is none. */
  ignored: fixed(integer, "none")
}

/** Which places do not count. */
export interface PerplexityOptions extends OptionsOf<typeof fields> {}

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
  fields,
  ({ ignored }) => {
    const each = crossEntropy.with({ reduction: "none", ...(ignored !== undefined && { ignored }) })
    const counted = (labels: Tensor): Tensor =>
      ignored === undefined ? scalar(sizeOf(labels.shape), "f64") : count(differing("perplexity", labels, ignored))
    return adding<Nats>(
      { nats: none, places: none },
      (logits, labels) => {
        const places = counted(requireIntegers("perplexity", checkTarget("perplexity", labels)))
        return { nats: sum(cast(each(logits, labels), "f64")), places }
      },
      ({ nats, places }) => exp(div(nats, places))
    )
  }
)
