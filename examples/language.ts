// An LSTM and a Transformer learn to write as Melville did, letter by letter: all of Moby Dick, read twice, with FULL=1.
import assert from "node:assert"
import { pipe, type TreeLike } from "thalweg"
import { cachedTransformerBlock, crossEntropy, dense, embedding, layerNorm, lstmCell } from "thalweg/nn"
import { perplexity, recurrent, repeat, sequential, stateful, transformerBlock, type Layer } from "thalweg/nn"
import { progress } from "thalweg/node"
import { adam, clipByNorm } from "thalweg/optimizer"
import { key, split } from "thalweg/random"
import { cosine } from "thalweg/schedule"
import { assess, fit, type Progress } from "thalweg/train"
import { averaged, lineChart, writeSvg } from "./lib/plot/index.js"
import { bigrams, mobyDick, writeOn } from "./lib/text.js"

const full = process.env["FULL"] === "1"
const [epochs, chapters, batchSize, length] = full ? [2, 135, 16, 128] : [1, 10, 8, 64]
const { letters, train, test } = mobyDick({ chapters, places: length })
const tokens = letters.tokens.length

const [embed, norm, head] = [embedding({ tokens, features: 64 }), layerNorm(), dense({ units: tokens })]
const cell = lstmCell({ units: 160 })
const lstm = sequential({ embed, memory: recurrent()(cell), head })
const block = { heads: 4, hidden: 256, rotary: 10_000 }
const blocks = repeat(2)(transformerBlock({ ...block, causal: true }))
const transformer = sequential({ embed, blocks, norm, head })

// the same models, by the same parameters, but that keep as state what they read so far
const lstmWriter = sequential({ embed, memory: stateful()(cell), head })
const cachedBlocks = repeat(2)(cachedTransformerBlock({ ...block, length }))
const transformerWriter = sequential({ embed, blocks: cachedBlocks, norm, head })

const steps = epochs * Math.ceil((train.x.shape[0] ?? 0) / batchSize)
const optimizer = pipe(adam({ learningRate: cosine({ start: 5e-3, steps }) }), clipByNorm(1))
const [trainKey, writeKey] = split(key(1851))

/** Trains a model, measures it on the chapters held out, and lets it write. */
const learn = <P extends TreeLike<P>, S extends TreeLike<S>, W extends TreeLike<W>>(
  name: string,
  model: Layer<P, S>,
  writer: Layer<P, W>
) => {
  const display = progress()
  const losses: number[] = []
  const onStep = (now: Progress) => {
    losses.push(now.loss)
    display.update(now)
  }
  const options = { train, epochs, batchSize, key: trainKey, onStep }
  const { trained } = fit({ model, loss: crossEntropy, optimizer })(options)
  display.stop()
  const reached = assess(model, { perplexity }, { batchSize })(trained, test).perplexity
  const text = writeOn(writer, letters)(trained.params, "Call me ", length - 8, writeKey)
  console.log(`${name}: perplexity ${reached.toFixed(2)}\n${text}\n`)
  return { name, losses, reached }
}

const pairs = { params: { table: bigrams(train, tokens) }, state: [] } as const
const byPairs = assess(embedding({ tokens, features: tokens }), { perplexity })(pairs, test).perplexity
console.log(`By the letter before alone: perplexity ${byPairs.toFixed(2)}\n`)
const runs = [learn("LSTM", lstm, lstmWriter), learn("Transformer", transformer, transformerWriter)]

const learning = runs.map(({ name, losses }) => ({
  name,
  points: averaged(losses, 60).map(([step, nats]) => [step, Math.exp(nats)] as const)
}))
const table = { name: "the letter before", points: [0, steps].map(step => [step, byPairs] as const) }
const axes = { x: { title: "step" }, y: { title: "perplexity", scale: "log" } } as const
const title = "Guessing the next letter of Moby Dick"
await writeSvg("examples/out/language.svg", lineChart({ title, ...axes, series: [...learning, table] }))

for (const { name, reached } of runs)
  assert.ok(reached < byPairs, `${name}: ${reached}, and by the letter before ${byPairs}`)
