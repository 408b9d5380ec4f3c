import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { item, tensor, type DType, type Tensor } from "thalweg"
import * as nn from "thalweg/nn"
import { assess } from "thalweg/train"

interface Stored {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: readonly number[]
}
type Name = "logits" | "labels" | "score" | "target" | "prediction" | "wanted"
type Golden = { readonly [name in Name]: Stored } & {
  readonly classes: Readonly<Record<"accuracy" | "top3" | "perplexity", number>> &
    Readonly<Record<"macro" | "micro" | "weighted", Scores>>
  readonly binary: Scores & Readonly<Record<"binaryAccuracy" | "above" | "auc", number>>
  readonly regression: Readonly<Record<"meanAbsoluteError" | "rootMeanSquaredError" | "r2", number>>
}
type Scores = Readonly<Record<"precision" | "recall" | "f1", number>>

const golden = JSON.parse(readFileSync(new URL("../golden/metrics.json", import.meta.url), "utf8")) as Golden
const read = (name: Name): Tensor => {
  const { data, dtype, shape } = golden[name]
  return tensor(data, { dtype, shape })
}

const of = (average: "macro" | "micro" | "weighted") => ({
  precision: nn.precision.with({ average }),
  recall: nn.recall.with({ average }),
  f1: nn.f1.with({ average })
})
const { accuracy, binaryAccuracy, topKAccuracy, perplexity, precision, recall, f1, auc, meanAbsoluteError, rootMeanSquaredError, r2 } = nn // prettier-ignore

describe.each([
  [
    "classes",
    read("logits"),
    read("labels"),
    { accuracy, top3: topKAccuracy.with({ k: 3 }), perplexity },
    golden.classes
  ],
  ["macro", read("logits"), read("labels"), of("macro"), golden.classes.macro],
  ["micro", read("logits"), read("labels"), of("micro"), golden.classes.micro],
  ["weighted", read("logits"), read("labels"), of("weighted"), golden.classes.weighted],
  [
    "yes or no",
    read("score"),
    read("target"),
    { precision, recall, f1, auc, binaryAccuracy, above: binaryAccuracy.with({ threshold: 0.5 }) },
    golden.binary
  ],
  ["numbers", read("prediction"), read("wanted"), { meanAbsoluteError, rootMeanSquaredError, r2 }, golden.regression]
] as const)("%s agree with scikit-learn", (_, x, y, metrics, expected) => {
  test.each(Object.entries(metrics) as unknown as readonly (readonly [string, nn.MetricFold<object>])[])(
    "%s, at once and over batches",
    (name, metric) => {
      const value = (expected as Readonly<Record<string, unknown>>)[name] as number
      expect(item(metric(x, y))).toBeCloseTo(value, 12)
      for (const batchSize of [1, 4, 7])
      expect(assess(nn.sequential(), { metric }, { batchSize })({ params: [], state: [] }, { x, y }).metric).toBeCloseTo(value, 12) // prettier-ignore
    }
  )
})
