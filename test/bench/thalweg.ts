import * as t from "thalweg"
import {
  activation,
  conv2d,
  crossEntropy,
  dense,
  flatten,
  heNormal,
  lstmCell,
  maxPool,
  recurrent,
  relu,
  repeat,
  sequential,
  transformerBlock,
  type SomeLayer
} from "thalweg/nn"
import { adam } from "thalweg/optimizer"
import { key, normal, randint, split, uniform } from "thalweg/random"
import { initTraining, trainStep } from "thalweg/train"
import { called, type Steps } from "./measure.js"
import { CLASSES, LEARNING_RATE, type Transposed, type Works } from "./works.js"

const optimizer = adam({ learningRate: LEARNING_RATE })

/** The same batch, again and again. */
export function* forever<A>(item: A): Generator<A> {
  for (;;) yield item
}

/** Steps of a fold over the same batch, again and again; the state stays inside. */
const folded = <S extends t.TreeLike<S>, B extends t.TreeLike<B>, M extends t.TreeLike<M>>(
  step: (state: S, batch: B) => readonly [state: S, yielded: M],
  state: S,
  batch: B
): Steps => {
  const steps = t.stepBatches(step)(state, forever(batch))
  return called(() => steps.next())
}

/** Parameters and gradients that are results, as they are in a training. */
const drawn = t.compile(
  (paramKey: t.Tensor, gradKey: t.Tensor, like: t.Tensor) =>
    [normal(paramKey, like.shape), normal(gradKey, like.shape)] as const
)

const start = (n: number) => {
  const [paramKey, gradKey] = split(key(0))
  const [params, grads] = drawn(paramKey, gradKey, t.zeros([n]))
  return { params, grads, state: t.evaluate(optimizer.init(params)) }
}

const hiddenDense = (units: number) => sequential(dense({ units, kernel: heNormal }), activation(relu))
const hiddenConv = (outputs: number) =>
  sequential(conv2d({ outputs, window: 3 }), activation(relu), maxPool({ window: 2 }))

/** A task, its first state and a batch, of labels for each example or for each place of it. */
const training = (model: SomeLayer, batch: number, inputShape: readonly number[], labelled: readonly number[] = []) => {
  const task = { model, loss: crossEntropy, optimizer }
  const [initKey, xKey, yKey] = split(key(0), 3)
  const state = t.evaluate(initTraining(task)(initKey, t.zeros([1, ...inputShape])))
  const examples = {
    x: uniform(xKey, [batch, ...inputShape]),
    y: randint(yKey, [batch, ...labelled], { max: CLASSES })
  }
  return { step: trainStep(task), state, examples: t.evaluate(examples) }
}

/** Training of dense layers. */
export const mlp = (batch: number, inputs = 0, ...units: readonly number[]) =>
  training(sequential(...units.slice(0, -1).map(hiddenDense), dense({ units: units.at(-1) ?? CLASSES })), batch, [
    inputs
  ])

/** Training of two convolutions and two dense layers. */
export const cnn = (batch: number, side: number, first: number, second: number, hidden: number) => {
  const convs = [first, second].map(hiddenConv)
  return training(sequential(...convs, flatten(), hiddenDense(hidden), dense({ units: CLASSES })), batch, [
    side,
    side,
    1
  ])
}

/** Training of an LSTM. */
const lstm = (batch: number, length: number, inputs: number, units: number) =>
  training(sequential(recurrent({ give: "last" })(lstmCell({ units })), dense({ units: CLASSES })), batch, [
    length,
    inputs
  ])

/** Training of Transformer blocks. */
const transformer = (batch: number, length: number, width: number, heads: number, blocks: number) => {
  const block = transformerBlock({ heads, hidden: 4 * width, causal: true })
  return training(sequential(repeat(blocks)(block), dense({ units: CLASSES })), batch, [length, width], [length])
}

const matmul = (n: number, a: Transposed, b: Transposed): Steps => {
  const [keyX, keyY] = split(key(0))
  const [x, y] = t.evaluate([normal(keyX, [n, n]), normal(keyY, [n, n])] as const)
  const product = t.compile((x: t.Tensor, y: t.Tensor) =>
    t.matmul(a === 1 ? t.transpose(x) : x, b === 1 ? t.transpose(y) : y)
  )
  return called(() => product(x, y))
}

type Point = { readonly x: t.Tensor; readonly y: t.Tensor }

const point = (): Point => ({ x: t.scalar(5), y: t.scalar(2) })
const slope = t.grad(({ x, y }: Point) => t.add(t.mul(0.1, t.square(x)), t.mul(2, t.square(y))))
const descend = (point: Point, state: ReturnType<typeof optimizer.init<Point>>) =>
  optimizer.step(point, state, slope(point))

/** Each step of it is a compiled call. */
const bowl = (): Steps => {
  const step = t.compile(descend)
  let [at, state] = [point(), t.evaluate(optimizer.init(point()))]
  return called(() => {
    ;[at, state] = step(at, state)
  })
}

/** All steps of it are one compiled call. */
export const bowlInScan = (): Steps => {
  const many = t.compile((at: Point, state: ReturnType<typeof optimizer.init<Point>>, xs: t.Tensor) =>
    t.scan(([at, state], _: t.Tensor) => [descend(at, state), []], [at, state] as const, xs)
  )
  const [at, state] = [point(), t.evaluate(optimizer.init(point()))]
  const length = 1000
  const loop = called(() => many(at, state, t.zeros([length])))
  return async count => (await loop(Math.ceil(count / length))) / length
}

/** Adam in a plain loop over compiled calls. */
export const adamCalls = (n: number): Steps => {
  const step = t.compile(optimizer.step)
  let { params, state } = start(n)
  const { grads } = start(n)
  return called(() => {
    ;[params, state] = step(params, state, grads)
  })
}

const again = t.Tree.map((x: t.Tensor) => t.tensor(t.toTyped(x), { shape: x.shape }))

/** The same, where every array is read after a call and given anew to the next. */
export const adamRead = (n: number): Steps => {
  const step = t.compile(optimizer.step)
  let { params, state, grads } = start(n)
  return called(() => {
    ;[params, state, grads] = again([...step(params, state, grads), grads] as const)
  })
}

/** A training step, from where it starts, and a batch. */
export type Training = ReturnType<typeof training>

/** Training of each kind of network, by steps that are made somehow. */
export const trainedBy = (steps: (training: Training) => Steps) =>
  ({
    mlp: (batch, ...sizes) => steps(mlp(batch, ...sizes)),
    cnn: (...sizes) => steps(cnn(...sizes)),
    lstm: (...sizes) => steps(lstm(...sizes)),
    transformer: (...sizes) => steps(transformer(...sizes))
  }) satisfies Partial<Works>

/** Through the public API. */
export const thalweg = {
  adam: n => {
    const { params, grads, state } = start(n)
    return folded(([p, s], g: t.Tensor) => [optimizer.step(p, s, g), []] as const, [params, state] as const, grads)
  },
  matmul,
  ...trainedBy(({ step, state, examples }) => folded(step, state, examples)),
  bowl
} satisfies Works
