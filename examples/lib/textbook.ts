/** Networks that textbooks print in Keras, with the names that their layers have there. All give logits of ten classes. */

import { div, matmul, softmax, swapAxes, type Tensor } from "thalweg"
import { activation, connect, conv2d, dense, dropout, flatten, globalAveragePool, heNormal } from "thalweg/nn"
import { maxPool, orthogonal, recurrent, relu, rnnCell, sequential } from "thalweg/nn"

const classes = dense({ units: 10 })
const convolution = (outputs: number) => sequential(conv2d({ outputs, window: 3, kernel: heNormal }), activation(relu))

/** Images `[batch, 64, 64, 3]` through two convolutions. */
export const convolutional = sequential({
  conv1: convolution(32),
  pool1: maxPool({ window: 2 }),
  conv2: convolution(64),
  pool2: maxPool({ window: 2 }),
  flatten: flatten(),
  dropout: dropout({ rate: 0.5 }),
  classes
})

/** Sequences `[batch, 100, 10]` through a simple recurrent network. */
export const simpleRecurrent = sequential({
  rnn: recurrent({ give: "last" })(rnnCell({ units: 64, recurrent: orthogonal() })),
  classes
})

const projection = dense({ units: 64, bias: false })
const projections = { query: projection, key: projection, value: projection }

/** Sequences `[batch, places, features]` through attention by its formula, `softmax(Q·Kᵀ/√d)·V`. */
export const attentive = sequential({
  attention: connect("attention", projections, ({ query, key, value }, x: Tensor) => {
    const scores = div(matmul(query(x), swapAxes(key(x), -1, -2)), Math.sqrt(64))
    return matmul(softmax(scores), value(x))
  }),
  pool: globalAveragePool(),
  classes
})
