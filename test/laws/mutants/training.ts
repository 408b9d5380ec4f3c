import { sliceAxis, type Tensor, type Tree } from "thalweg"
import { trainingLaws, type Training } from "thalweg/laws"
import { altered, type OptimizerState } from "thalweg/optimizer"
import { epochs, fit, type Dataset, type Fitted, type FitOptions, type Task } from "thalweg/train"
import type { AnyF } from "thalweg/transform"
import { mutant, type Mutants } from "./mutant.js"

type AnyTask = Task<Tree, Tree, AnyF>
type Options = FitOptions<Tree, Tree, OptimizerState<AnyF, Tree>, never, Dataset>
type Fit = (task: AnyTask) => (options: Options) => Fitted<Tree, Tree, OptimizerState<AnyF, Tree>, never, Dataset>

const suite = (wrong: Partial<Training>) => trainingLaws({ epochs, fit, ...wrong })
const fitting = (how: Fit) => suite({ fit: how as unknown as Training["fit"] })

/** Training under other options. */
const under = (change: (options: Options, task: AnyTask) => Options) =>
  fitting(task => options => fit(task)(change(options, task)))

type From = NonNullable<Options["from"]>

/** Training that goes on from something else than it was given. */
const goingOn = (change: (from: From, options: Options, task: AnyTask) => From) =>
  under((options, task) =>
    options.from === undefined ? options : { ...options, from: change(options.from, options, task) }
  )

/** The same, with the key of the beginning. */
const rekeyed = (from: From, { key }: Options): From => ({
  ...from,
  state: { ...from.state, key: key ?? from.state.key }
})

const oneByOne: Fit = task => options => {
  const train = fit(task)
  return Array.from({ length: options.epochs - 1 }).reduce<ReturnType<ReturnType<Fit>>>(
    before => train({ ...options, epochs: 1, from: rekeyed(before, options) }),
    train({ ...options, epochs: 1 })
  )
}

const wholeBatches = ({ train: { x, y }, batchSize, ...options }: Options): Options => {
  const [n = 0] = x.shape
  const kept = n < batchSize ? n : n - (n % batchSize)
  const cut = (t: Tensor): Tensor => sliceAxis(t, 0, 0, kept)
  return { ...options, batchSize, train: { x: cut(x), y: cut(y) } }
}

interface Turn {
  readonly _tag: string
  readonly epoch: number
}

/** Steps and epochs that come otherwise. */
const told = (how: (turns: Iterable<Turn>) => Iterable<Turn>) =>
  suite({
    epochs: ((task: AnyTask) => (options: Options) => how(epochs(task)(options))) as unknown as Training["epochs"]
  })

/** Of steps after which it was told to stop it says nothing, and makes them. */
const toTheEnd = function* (turns: Iterable<Turn>): Generator<Turn, undefined, "stop" | undefined> {
  let stopped: "stop" | undefined
  for (const turn of turns) if (turn._tag === "Epoch" || stopped === undefined) stopped = yield turn
}

export const trainingMutants: Mutants = {
  "training is the plain fold of trainStep over shuffled batches": [
    mutant("shuffles every epoch alike", fitting(oneByOne)),
    mutant("leaves out the last batch, where it is smaller", under(wholeBatches)),
    mutant(
      "tells no optimizer what an epoch came to",
      fitting(({ optimizer, ...task }) => fit({ ...task, optimizer: altered(optimizer, { endEpoch: state => state }) }))
    )
  ],
  "training that is told to stop has the state of its steps": [
    mutant("goes on to the end of the epoch", told(toTheEnd))
  ],
  "fit is the fold of epochs": [
    mutant(
      "counts epochs from 0",
      told(turns => [...turns].map(turn => ({ ...turn, epoch: turn.epoch - 1 })))
    )
  ],
  "training that goes on is one long training": [
    mutant("begins with the key again", goingOn(rekeyed)),
    mutant(
      "begins with a new state of the optimizer",
      goingOn((from, _, { optimizer }) => ({
        ...from,
        state: { ...from.state, optimizer: optimizer.init(from.state.params) }
      }))
    ),
    mutant(
      "forgets the history",
      goingOn(({ state }) => ({ state }))
    )
  ]
}
