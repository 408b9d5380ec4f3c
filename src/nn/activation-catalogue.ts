import {
  geglu,
  gelu,
  geluTanh,
  glu,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  relu,
  sigmoid,
  silu,
  softmax,
  softplus,
  swiglu,
  tanh
} from "./activation.js"
import { celu, elu, hardSigmoid, hardSwish, hardTanh, mish, relu6, selu, softsign } from "./activations.js"

/** The activations that have names as data; those that are made of a number, with its default. */
export const activations = /* @__PURE__ */ Object.freeze({
  celu: /* @__PURE__ */ celu(),
  elu: /* @__PURE__ */ elu(),
  geglu,
  gelu,
  geluTanh,
  glu,
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
  silu,
  softmax,
  softplus,
  softsign,
  swiglu,
  tanh
})
