// What was learnt before spares labels: a few of each digit from 5 to 9 are enough for convolutions that have read those from 0
// to 4, and for dense layers that have seen the same digits without labels. With FULL=1 by more labels and keys.
import assert from "node:assert"
import { pipe, reshape, type Tensor, type TreeLike } from "thalweg"
import { accuracy, activation, conv2d, crossEntropy, dense, dropout, flatten, halfSquaredError } from "thalweg/nn"
import { maxPool, pretrained, relu, sequential, type Layer } from "thalweg/nn"
import { adam, freeze, partition, type AnyOptimizer } from "thalweg/optimizer"
import { foldIn, key } from "thalweg/random"
import { assess, fit, predict, splitDataset, type Dataset } from "thalweg/train"
import { imagesOf } from "./lib/digits.js"
import { lineChart, writeSvg } from "./lib/plot/index.js"

const [counts, keys] =
  process.env["FULL"] === "1"
    ? [
        [2, 5, 10, 20],
        [1, 2, 3, 4, 5]
      ]
    : [[5], [1, 2]]
const { before } = splitDataset(key(1), { before: 0.9, rest: 0.1 })(imagesOf(0, 4))
const high = imagesOf(5, 9)
const { known, test } = splitDataset(key(2), { known: 0.8, test: 0.2 }, { stratify: high.y })(high)

const even = adam({ learningRate: 2e-3 })
const rates = { body: adam({ learningRate: 3e-4 }), head: adam({ learningRate: 1e-2 }) }
const grouped = partition(
  rates,
  new Map([
    ["body/**", "body"],
    ["head/**", "head"]
  ])
)
const head = sequential(flatten(), dense({ units: 5 }))

/** Trains on some digits, from where the model begins, and reads those held out. */
const learn = <P extends TreeLike<P>, S extends TreeLike<S>>(
  model: Layer<P, S>,
  optimizer: AnyOptimizer,
  data: { readonly train: Dataset; readonly epochs: number; readonly key: Tensor }
) => {
  const { trained } = fit({ model, loss: crossEntropy, optimizer })({ ...data, batchSize: 10 })
  return { ...trained, read: assess(model, { accuracy })(trained, test).accuracy }
}

// convolutions learn by other digits, and get another head
const convolution = (outputs: number) =>
  sequential(conv2d({ outputs, window: 3, padding: "same" }), activation(relu), maxPool({ window: 2 }))
const body = sequential({ first: convolution(16), second: convolution(32), third: convolution(64) })
const reader = sequential({ body, head })
const data = { train: before, epochs: 4, batchSize: 10, key: key(3) }
const learnt = fit({ model: reader, loss: crossEntropy, optimizer: even })(data).trained
const moved = sequential({ body: pretrained(learnt.params.body, learnt.state.body)(body), head })

// dense layers learn without labels, each to undo noise in what the one before gives
const block = sequential(dense({ units: 256 }), activation(relu))
const denoise = (codes: Tensor) => {
  const model = sequential({ noise: dropout({ rate: 0.7 }), block, back: dense({ units: codes.shape[1] ?? NaN }) })
  const data = { train: { x: codes, y: codes }, epochs: 8, batchSize: 50, key: key(4) }
  const { params, state } = fit({ model, loss: halfSquaredError, optimizer: even })(data).trained
  const own = { params: params.block, state: state.block }
  return { layer: pretrained(own.params, own.state)(block), codes: predict(block)(own, codes) }
}
const first = denoise(reshape(known.x, [-1, 784]))
const second = denoise(first.codes)
const flat = flatten()
const stack = sequential({ flat, body: sequential({ first: block, second: block }), head })
const stacked = sequential({ flat, body: sequential({ first: first.layer, second: second.layer }), head })

/** What so many labels of each digit come to on digits that were held out. */
const compare = (count: number, seed: number) => {
  const [few, drawn] = [(5 * count) / (known.y.shape[0] ?? NaN), foldIn(key(seed), count)]
  const { train } = splitDataset(drawn, { train: few, rest: 1 - few }, { stratify: known.y })(known)
  const [half, whole] = [
    { train, epochs: 20, key: drawn },
    { train, epochs: 40, key: drawn }
  ]
  const frozen = learn(moved, pipe(grouped, freeze(["body/first/**", "body/second/**"])), half)
  return {
    "from scratch": learn(reader, even, whole).read,
    "transferred, two layers frozen": frozen.read,
    "then all unfrozen": learn(pretrained(frozen.params, frozen.state)(reader), grouped, half).read,
    "dense, from scratch": learn(stack, even, whole).read,
    "dense, layer by layer": learn(stacked, grouped, whole).read
  }
}
type Way = keyof ReturnType<typeof compare>

const runs = counts.map(count => ({ count, found: keys.map(seed => compare(count, seed)) }))
const mean = ({ found }: (typeof runs)[number], way: Way) =>
  found.reduce((sum, run) => sum + run[way] / found.length, 0)
const ways = Object.keys(runs[0]?.found[0] ?? {}) as Way[]
console.table(
  runs.map(run => ({ labels: run.count, ...Object.fromEntries(ways.map(way => [way, mean(run, way).toFixed(3)])) }))
)
const axes = { x: { title: "labels of each digit", scale: "log" }, y: { title: "accuracy" } } as const
const series = ways.map(name => ({ name, points: runs.map(run => [run.count, mean(run, name)] as const) }))
await writeSvg("examples/out/transfer.svg", lineChart({ title: "What was learnt before", ...axes, series }))

for (const run of runs.filter(({ count }) => count <= 5)) {
  assert.ok(mean(run, "then all unfrozen") > mean(run, "from scratch") + 0.03, "other digits help")
  assert.ok(
    mean(run, "dense, layer by layer") > mean(run, "dense, from scratch") + 0.03,
    "and so do layers, one by one"
  )
}
