// How many hidden units does a table of 506 rows bear? Cross-validation says it, and the test set is looked at once, at the end.
import assert from "node:assert"
import { pipe } from "thalweg"
import { activation, dense, halfSquaredError, rootMeanSquaredError, sequential, tanh } from "thalweg/nn"
import { adam, withWeightDecay } from "thalweg/optimizer"
import { key, split } from "thalweg/random"
import { assess, fit, kFold, splitDataset, standardize, validationCurve, type Dataset, type Fold } from "thalweg/train"
import { houseColumns } from "./lib/houses.js"
import { lineChart, writeSvg } from "./lib/plot/index.js"

// what a house costs, by what is around it
const x = houseColumns(["crim", "zn", "indus", "chas", "nox", "rm", "age", "dis", "rad", "tax", "ptratio", "lstat"])
const [splitKey, foldKey, trainKey] = split(key(1978), 3)
const { train: known, test } = splitDataset(splitKey, { train: 0.8, test: 0.2 })({ x, y: houseColumns(["medv"]) })

/** Trains on one part and measures both, in deviations of the price; what scales them is fitted to the training part. */
const score = ({ train, validation }: Fold<Dataset>, units: number) => {
  const { fit: measure, apply } = standardize()
  const figures = measure(train)
  const model = sequential(dense({ units }), activation(tanh), dense({ units: 1 }))
  const optimizer = pipe(adam({ learningRate: 0.01 }), withWeightDecay(0.01))
  const options = { train: apply(figures, train), epochs: 100, batchSize: 32, key: trainKey }
  const { trained } = fit({ model, loss: halfSquaredError, optimizer })(options)
  const error = (part: Dataset) => assess(model, { root: rootMeanSquaredError })(trained, apply(figures, part)).root
  return { training: error(train), validation: error(validation) }
}

const curve = validationCurve([1, 2, 4, 8, 16, 32, 64], score)(kFold({ k: 5, key: foldKey })(known))
const best = curve.reduce((a, b) => (b.validation < a.validation ? b : a))
const reached = score({ train: known, validation: test }, best.at).validation
console.table(curve)
console.log(`${best.at} units; on the test set an error of ${reached.toFixed(3)} deviations`)

const errors = (["training", "validation"] as const).map(name => ({
  name,
  points: curve.map(point => [point.at, point[name]] as const)
}))
const axes = { x: { title: "hidden units", scale: "log" }, y: { title: "error (RMS)" } } as const
await writeSvg("examples/out/selection.svg", lineChart({ title: "Five folds", ...axes, series: errors }))

const [fewest, most] = [curve[0], curve.at(-1)]
assert.ok(
  fewest && most && best.validation < Math.min(0.95 * fewest.validation, most.validation),
  "the best is between"
)
assert.ok(most.training < best.training, "which the error of training does not say")
assert.ok(Math.abs(reached - best.validation) < 2 * best.validationDeviation, "and the test set agrees")
