export { leakyRelu, logSigmoid, logSoftmax, relu, sigmoid, softmax, softplus, tanh } from "./activation.js"
export { dense, type DenseOptions, type DenseParams } from "./dense.js"
export { dropout } from "./dropout.js"
export {
  constantInitializer,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  zerosInitializer,
  type Initializer
} from "./initializer.js"
export { activation, stateless, type Initial, type Layer, type Mode, type SomeLayer, type Stateless } from "./layer.js"
export { crossEntropy, halfSquaredError } from "./loss.js"
export { accuracy, confusionMatrix } from "./metric.js"
export { sequential } from "./sequential.js"
export { summary } from "./summary.js"
