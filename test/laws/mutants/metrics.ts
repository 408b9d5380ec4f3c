import { add, at, div, mul, scalar, Tree, type Tensor } from "thalweg"
import * as nn from "thalweg/nn"
import { metricLaws, scoreLaws, type ClassMetrics, type JudgedMetric, type MetricsByName } from "thalweg/laws"
import { mutant, type Mutants } from "./mutant.js"

const { accuracy, binaryAccuracy, topKAccuracy, perplexity, precision, recall, f1, auc, meanAbsoluteError, rootMeanSquaredError, r2 } = nn // prettier-ignore
const [macro, micro, byWanted] = [{ average: "macro" }, { average: "micro" }, { average: "weighted" }] as const

const all = (of: JudgedMetric["of"], metrics: Readonly<Record<string, JudgedMetric["metric"]>>): MetricsByName =>
  Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, { metric, of }]))

/** All metrics that merge. */
export const judgedMetrics: MetricsByName = {
  ...all("classes", {
    ...{
      accuracy,
      topKAccuracy: topKAccuracy.with({ k: 2 }),
      perplexity,
      ignoring: perplexity.with({ ignored: 1 }),
      accuracyIgnoring: accuracy.with({ ignored: 1 })
    },
    ...{ precision: precision.with(macro), recall: recall.with(macro), f1: f1.with(macro), micro: f1.with(micro) },
    ...{ precise: precision.with(byWanted), found: recall.with(byWanted), f1ByWanted: f1.with(byWanted) }
  }),
  ...all("yes or no", { auc, binaryAccuracy, ofYes: precision, foundYes: recall, f1OfYes: f1 }),
  ...all("numbers", { meanAbsoluteError, rootMeanSquaredError, r2 })
}

type Sum = { readonly total: Tensor }
const mean: nn.Folding<Sum> = {
  empty: { total: scalar(0, "f64") },
  of: (output, target) => ({ total: meanAbsoluteError(output, target) }),
  merge: Tree.zipWith((a: Tensor, b: Tensor) => add(a, b)),
  result: ({ total }) => total
}
const wrong = (change: Partial<nn.Folding<Sum>>) => metricLaws(all("numbers", { wrong: { ...mean, ...change } }))
const half = Tree.zipWith((a: Tensor, b: Tensor) => div(add(a, b), 2))

export const metricMutants: Mutants = {
  "merging metrics is associative": [mutant("averages two at a time", wrong({ merge: half }))],
  "merging metrics is commutative, by their results": [
    mutant("keeps the last", wrong({ merge: (_, b) => b })),
    mutant("lets the old fade", wrong({ merge: ({ total: a }, { total: b }) => ({ total: add(mul(a, 0.9), b) }) }))
  ],
  "nothing is the unit of merging metrics": [
    mutant("begins at 1", wrong({ empty: { total: scalar(1, "f64") } })),
    mutant("averages with nothing", wrong({ merge: half }))
  ],
  "a metric over batches is that of the whole": [
    mutant("adds up means", wrong({})),
    mutant("averages means", wrong({ merge: half }))
  ],
  "the order of examples does not matter to a metric": [
    mutant("looks at the first", wrong({ of: (output: Tensor) => ({ total: at(at(output, 0), 0) }) })),
    mutant("looks at the last more", wrong({ of: (output: Tensor) => ({ total: mul(at(at(output, -1), 0), 2) }) }))
  ]
}

const scoring = (change: Partial<ClassMetrics>) => scoreLaws({ ...nn, ...change })
type Score = ClassMetrics["recall"]
const averaging = (score: Score, average: "macro" | "micro" | "weighted"): Score =>
  Object.assign((x: Tensor, y: Tensor) => score(x, y), score, { with: () => score.with({ average }) })

const nearly = (threshold: number): typeof binaryAccuracy =>
  Object.assign((x: Tensor, y: Tensor) => binaryAccuracy.with({ threshold })(x, y), binaryAccuracy)

export const scoreMutants: Mutants = {
  "micro, every score is the accuracy": [
    mutant("averages classes in f1", scoring({ f1: averaging(f1, "macro") })),
    mutant("averages classes by how often they are wanted in precision", scoring({ precision: averaging(precision, "weighted") })) // prettier-ignore
  ],
  "weighted by how often classes are wanted, recall is the accuracy": [
    mutant("weighs all classes alike", scoring({ recall: averaging(recall, "macro") })),
    mutant("is precision", scoring({ recall: precision }))
  ],
  "the accuracy of yes or no is that of two classes, of which no has the logit 0": [
    mutant("says yes at the threshold", scoring({ binaryAccuracy: nearly(-1e-9) })),
    mutant("has a threshold of 1", scoring({ binaryAccuracy: nearly(1) }))
  ]
}
