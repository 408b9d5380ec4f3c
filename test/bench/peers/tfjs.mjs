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

const training = (x, logits) => {
  const y = tf.cast(tf.oneHot(tf.randomUniform([x.shape[0]], 0, CLASSES, "int32"), CLASSES), "float32")
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
  const everywhere = { adam: adamOn, matmul, mlp, bowl }
  return [
    { name: "tfjs-wasm", works: worksOn("wasm", everywhere) }, // it has no kernel for the derivative of filters
    { name: "tfjs-cpu", works: worksOn("cpu", { ...everywhere, cnn }) }
  ]
}
