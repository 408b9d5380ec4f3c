import { logSigmoid, softplus } from "../../dataflow/exponential.js"
import { logSoftmax, softmax } from "../../dataflow/statistics.js"
import { sigmoid, tanh } from "../../dataflow/transcendental.js"
import { celu, elu, selu } from "./exponential.js"
import { geglu, glu, swiglu } from "./gated.js"
import { hardSigmoid, hardSwish, hardTanh, leakyRelu, relu, relu6 } from "./piecewise.js"
import { gelu, geluTanh, mish, silu, softsign } from "./smooth.js"

/** The recipes of activations that are data by their options. */
export const madeActivations = /* @__PURE__ */ Object.freeze({ celu, elu, leakyRelu })

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

/** What activations are data by. */
export const activationTable = /* @__PURE__ */ Object.freeze({
  names: activations,
  tag: "activation",
  recipes: madeActivations
})
