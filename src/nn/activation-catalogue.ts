import { leakyRelu, logSigmoid, logSoftmax, relu, sigmoid, softmax, softplus, tanh } from "./activation.js"
import { celu, elu, hardSigmoid, hardSwish, hardTanh, mish, relu6, selu, softsign } from "./activations.js"

/** The activations that have names as data; those that are made of a number, with its default. */
export const activations = /* @__PURE__ */ Object.freeze({
  celu: /* @__PURE__ */ celu(),
  elu: /* @__PURE__ */ elu(),
  hardSigmoid,
  hardSwish,
  hardTanh,
  leakyRelu: /* @__PURE__ */ leakyRelu(),
  logSigmoid,
  logSoftmax,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  softmax,
  softplus,
  softsign,
  tanh
})
