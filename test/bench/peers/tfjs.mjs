import * as tf from "@tensorflow/tfjs"
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm"

const CLASSES = 10

/** Steps on a backend, which are prepared there when they are first made. */
const on = (backend, prepare) => {
  let step
  return async count => {
    await tf.setBackend(backend)
    step ??= prepare()
    const start = performance.now()
    for (let i = 0; i < count; i++) tf.tidy(step)
    return (performance.now() - start) / count
  }
}

const adamOn = n => {
  const [p, g] = [tf.variable(tf.randomNormal([n])), tf.randomNormal([n])]
  const optimizer = tf.train.adam(1e-3)
  return () => optimizer.applyGradients({ [p.name]: g })
}

const matmul = (n, a, b) => {
  const [x, y] = [tf.randomNormal([n, n]), tf.randomNormal([n, n])]
  return () => void tf.matMul(x, y, a === 1, b === 1)
}

const kernel = shape => {
  const inputs = shape.slice(0, -1).reduce((product, n) => product * n, 1)
  return tf.variable(tf.randomNormal(shape, 0, Math.sqrt(2 / inputs)))
}
const layer = (...shape) => ({ kernel: kernel(shape), bias: tf.variable(tf.zeros(shape.slice(-1))) })
const dense = (x, { kernel, bias }) => tf.add(tf.matMul(x, kernel), bias)
const pooled = (x, { kernel, bias }) =>
  tf.maxPool(tf.relu(tf.add(tf.conv2d(x, kernel, 1, "valid"), bias)), 2, 2, "valid")

/** Labels for each example, or for each place of it. */
const training = (x, logits, labelled = [x.shape[0]]) => {
  const y = tf.cast(tf.oneHot(tf.randomUniform(labelled, 0, CLASSES, "int32"), CLASSES), "float32")
  const optimizer = tf.train.adam(1e-3)
  return () => void optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, logits(x)))
}

const mlp = (batch, ...sizes) => {
  const layers = sizes.slice(1).map((units, i) => layer(sizes[i], units))
  const activated = (x, layer, i) => (i < layers.length - 1 ? tf.relu(dense(x, layer)) : dense(x, layer))
  return training(tf.randomUniform([batch, sizes[0]]), x => layers.reduce(activated, x))
}

const cnn = (batch, side, first, second, hidden) => {
  const left = Math.floor((Math.floor((side - 2) / 2) - 2) / 2)
  const convs = [layer(3, 3, 1, first), layer(3, 3, first, second)]
  const [wide, last] = [layer(left * left * second, hidden), layer(hidden, CLASSES)]
  const flat = x => tf.reshape(convs.reduce(pooled, x), [batch, -1])
  return training(tf.randomUniform([batch, side, side, 1]), x => dense(tf.relu(dense(flat(x), wide)), last))
}

const lstm = (batch, length, inputs, units) => {
  const [memory, head] = [tf.layers.lstm({ units, inputShape: [length, inputs] }), layer(units, CLASSES)]
  return training(tf.randomUniform([batch, length, inputs]), x => dense(memory.apply(x), head))
}

const normalized = (x, { kernel, bias }) => {
  const { mean, variance } = tf.moments(x, -1, true)
  return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), kernel), bias)
}
/** All leading axes as one, since its products take two matrices or as many axes on both sides. */
const atEach = (x, layer) =>
  tf.reshape(dense(tf.reshape(x, [-1, x.shape.at(-1)]), layer), [...x.shape.slice(0, -1), layer.bias.shape[0]])
const gelu = x => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1))
const square = width => layer(width, width)

const transformer = (batch, length, width, heads, count) => {
  const blocks = Array.from({ length: count }, () => ({
    norms: [0, 1].map(() => layer(width)),
    attention: [0, 1, 2, 3].map(() => square(width)),
    up: layer(width, 4 * width),
    down: layer(4 * width, width)
  }))
  const head = layer(width, CLASSES)
  const mask = tf.tensor(Array.from({ length }, (_, i) => Array.from({ length }, (_, j) => (j > i ? -1e9 : 0))))
  const perHead = x => tf.transpose(tf.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3])
  const attend = (x, [q, k, v, o]) => {
    const [query, keys, values] = [q, k, v].map(layer => perHead(atEach(x, layer)))
    const scores = tf.add(tf.mul(tf.matMul(query, keys, false, true), (width / heads) ** -0.5), mask)
    const mixed = tf.transpose(tf.matMul(tf.softmax(scores), values), [0, 2, 1, 3])
    return atEach(tf.reshape(mixed, [batch, length, width]), o)
  }
  const block = (x, { norms, attention, up, down }) => {
    const y = tf.add(x, attend(normalized(x, norms[0]), attention))
    return tf.add(y, atEach(gelu(atEach(normalized(y, norms[1]), up)), down))
  }
  return training(
    tf.randomUniform([batch, length, width]),
    x => tf.reshape(atEach(blocks.reduce(block, x), head), [batch * length, CLASSES]),
    [batch * length]
  )
}

const bowl = () => {
  const [x, y] = [tf.variable(tf.scalar(5)), tf.variable(tf.scalar(2))]
  const optimizer = tf.train.adam(1e-3)
  return () => void optimizer.minimize(() => tf.add(tf.mul(0.1, tf.square(x)), tf.mul(2, tf.square(y))))
}

const worksOn = (backend, works) =>
  Object.fromEntries(
    Object.entries(works).map(([name, work]) => [name, (...sizes) => on(backend, () => work(...sizes))])
  )

export const open = async () => {
  tf.env().set("PROD", true)
  setThreadsCount(1)
  for (const backend of ["wasm", "cpu"]) if (!(await tf.setBackend(backend))) throw new Error(`tfjs has no ${backend}`)
  const everywhere = { adam: adamOn, matmul, mlp, lstm, transformer, bowl }
  return [
    { name: "tfjs-wasm", works: worksOn("wasm", everywhere) }, // it has no kernel for the derivative of filters
    { name: "tfjs-cpu", works: worksOn("cpu", { ...everywhere, cnn }) }
  ]
}
