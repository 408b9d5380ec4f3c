import {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  random,
  tree,
  valueAndGrad
} from "@jax-js/jax"

const CLASSES = 10
const [ETA, B1, B2, EPS] = [1e-3, 0.9, 0.999, 1e-8]

/** Adam of one leaf, as optax has it. Every use of an array but the last is by `ref`. */
const moved = (p, m, v, t, g) => {
  const mu = m.mul(B1).add(g.ref.mul(1 - B1))
  const nu = v.mul(B2).add(np.square(g).mul(1 - B2))
  const mHat = mu.ref.div(np.subtract(1, np.power(B1, t.ref)))
  const nuHat = nu.ref.div(np.subtract(1, np.power(B2, t)))
  return [p.sub(mHat.div(np.sqrt(nuHat).add(EPS)).mul(ETA)), mu, nu]
}

/** Adam of a list of leaves, whose moments and count are the state. */
const adam = (params, { m, v, t }, grads) => {
  const next = t.add(1)
  const leaves = params.map((p, i) => moved(p, m[i], v[i], next.ref, grads[i]))
  const [p, mu, nu] = [0, 1, 2].map(k => leaves.map(leaf => leaf[k]))
  return [p, { m: mu, v: nu, t: next }]
}

/** Steps of a function from parameters, state and data to the next parameters and state. */
const stepsOf = (params, step, data = []) => {
  const zeros = () => params.map(p => np.zeros(p.shape))
  let [p, state] = [params, { m: zeros(), v: zeros(), t: np.array(0) }]
  const run = jit(step)
  return async count => {
    const start = performance.now()
    for (let i = 0; i < count; i++) [p, state] = run(p, state, data.map(tree.ref))
    await blockUntilReady([p, state])
    return (performance.now() - start) / count
  }
}

let seed = 0
const normal = shape => random.normal(random.key(seed++), shape)

const descent = (params, loss, data) =>
  stepsOf(params, (p, state, data) => adam(p, state, valueAndGrad(loss)(tree.ref(p), data)[1]), data)

const matmul = (n, a, b) => {
  const [x, y] = [normal([n, n]), normal([n, n])]
  const run = jit((x, y) => np.matmul(a === 1 ? x.transpose() : x, b === 1 ? y.transpose() : y))
  return async count => {
    const start = performance.now()
    for (let i = 0; i < count; i++) {
      const product = run(x.ref, y.ref)
      await product.blockUntilReady()
      product.dispose()
    }
    return (performance.now() - start) / count
  }
}

const kernel = (shape, inputs) => normal(shape).mul(Math.sqrt(2 / inputs))
const dense = (inputs, outputs) => [kernel([inputs, outputs], inputs), np.zeros([outputs])]
const conv = (inputs, outputs) => [kernel([outputs, inputs, 3, 3], 9 * inputs), np.zeros([outputs, 1, 1])]

const crossEntropy = (logits, y) => np.mean(np.sum(nn.logSoftmax(logits).mul(y), -1)).mul(-1)

/** Labels for each example, or for each place of it. */
const training = (params, logits, x, places = x.shape[0]) => {
  const labels = np.array(Array.from({ length: places }, (_, i) => i % CLASSES)).astype("int32")
  return descent(params, (p, [x, y]) => crossEntropy(logits(p, x), y), [x, nn.oneHot(labels, CLASSES)])
}

const mlp = (batch, ...sizes) => {
  const params = sizes.slice(1).flatMap((units, i) => dense(sizes[i], units))
  const logits = (p, x) => {
    for (let i = 0; i < p.length; i += 2) {
      x = np.matmul(x, p[i]).add(p[i + 1])
      if (i < p.length - 2) x = nn.relu(x)
    }
    return x
  }
  return training(params, logits, normal([batch, sizes[0]]))
}

const cnn = (batch, side, first, second, hidden) => {
  const left = Math.floor((Math.floor((side - 2) / 2) - 2) / 2)
  const params = [conv(1, first), conv(first, second), dense(left * left * second, hidden), dense(hidden, CLASSES)]
  const pooled = (x, kernel, bias) =>
    lax.reduceWindow(nn.relu(lax.conv(x, kernel, [1, 1], "VALID").add(bias)), np.max, [2, 2], [2, 2])
  const logits = ([k1, b1, k2, b2, w3, b3, w4, b4], x) => {
    const flat = pooled(pooled(x, k1, b1), k2, b2).reshape([batch, left * left * second])
    return np.matmul(nn.relu(np.matmul(flat, w3).add(b3)), w4).add(b4)
  }
  return training(params.flat(), logits, normal([batch, 1, side, side]))
}

/** It has no loop, so that all places are written out. */
const lstm = (batch, length, inputs, units) => {
  const params = [kernel([inputs, 4 * units], inputs), kernel([units, 4 * units], units), np.zeros([4 * units])]
  const logits = ([input, hidden, bias, w, b], x) => {
    let [h, c] = [np.zeros([batch, units]), np.zeros([batch, units])]
    for (const at of np.split(np.matmul(x, input).add(bias), length, 1)) {
      const gates = at.reshape([batch, 4 * units]).add(np.matmul(h, hidden.ref))
      const [i, f, g, o] = np.split(gates, 4, 1)
      c = nn
        .sigmoid(f)
        .mul(c)
        .add(nn.sigmoid(i).mul(np.tanh(g)))
      h = nn.sigmoid(o).mul(np.tanh(c.ref))
    }
    c.dispose()
    hidden.dispose()
    return np.matmul(h, w).add(b)
  }
  return training([...params, ...dense(units, CLASSES)], logits, normal([batch, length, inputs]))
}

const gelu = x => nn.gelu(x, { approximate: false })

const transformer = (batch, length, width, heads, blocks) => {
  const square = () => dense(width, width)
  const norm = () => [np.ones([width]), np.zeros([width])]
  const perHead = x => x.reshape([batch, length, heads, width / heads]).transpose([0, 2, 1, 3])
  const ahead = () => np.triu(np.full([length, length], -1e9), 1)
  const affine = (x, p) => np.matmul(x, p.shift()).add(p.shift())
  const normalized = (x, p) => nn.standardize(x).mul(p.shift()).add(p.shift())
  const attend = (x, p) => {
    const [q, k, v] = [x.ref, x.ref, x].map(x => perHead(affine(x, p)))
    const scores = np
      .matmul(q, k.transpose([0, 1, 3, 2]))
      .mul((width / heads) ** -0.5)
      .add(ahead())
    const mixed = np.matmul(nn.softmax(scores), v).transpose([0, 2, 1, 3])
    return affine(mixed.reshape([batch, length, width]), p)
  }
  const block = (x, p) => {
    const y = x.ref.add(attend(normalized(x, p), p))
    return y.ref.add(affine(gelu(affine(normalized(y, p), p)), p))
  }
  const params = Array.from({ length: blocks }, () => [
    ...[norm(), square(), square(), square(), square()],
    ...[norm(), dense(width, 4 * width), dense(4 * width, width)]
  ]).flat(2)
  const logits = (params, x) => {
    const p = [...params]
    for (let i = 0; i < blocks; i++) x = block(x, p)
    return affine(x, p).reshape([batch * length, CLASSES])
  }
  return training([...params, ...dense(width, CLASSES)], logits, normal([batch, length, width]), batch * length)
}

const bowl = () => descent([np.array(5), np.array(2)], ([x, y]) => np.square(x).mul(0.1).add(np.square(y).mul(2)), [])

export const open = async () => {
  if (!(await init("wasm")).includes("wasm")) throw new Error("jax-js has no wasm")
  defaultDevice("wasm")
  const works = { adam: n => stepsOf([normal([n])], (p, state, [g]) => adam(p, state, [g]), [normal([n])]), matmul, mlp, cnn, lstm, transformer, bowl } // prettier-ignore
  return [{ name: "jax-js", works }]
}
