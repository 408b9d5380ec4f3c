import { checkLayer, checkMode, frozen, specOf, type Layer, type Mode } from "./layer.js"
import { applyInner, contextOf } from "./observe.js"

/**
 * Runs a layer as after training, also while the model around it is trained: nothing drops out, and a batch normalization uses the
 * statistics that it has, and keeps them. Parameters, state and context are those of the layer. Its parameters are still trained:
 * what is not to move is for `freeze`. So the body of a model that is fine-tuned stays what it was:
 * `inference(pretrained(params, state)(body))`.
 *
 * Law: what it gives while it is trained is what the layer gives where it is not, state included.
 *
 * PyTorch: `body.eval()`; Keras: `body(x, training=False)`, and `trainable = False` of a batch normalization.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { batchNorm, dense, inference, sequential } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const model = sequential({ norm: inference(batchNorm({ epsilon: 1e-30 })), head: dense({ units: 1 }) })
 * const x = tensor([[1], [3]])
 * const { params, state } = model.init(key(0), x)
 * const [, after] = model.apply(params, state, x, { training: true, key: key(1) })
 * assert.deepStrictEqual([after.norm.mean, after.norm.variance].map(toArray), [[0], [1]])
 */
export const inference = <P extends object, S extends object, I extends object, O extends object, C extends object>(
  layer: Layer<P, S, I, O, C>
): Layer<P, S, I, O, C> => {
  const inner = checkLayer("inference", layer)
  return frozen({
    ...inner,
    name: `inference(${inner.name})`,
    spec: specOf("inference", { of: inner }),
    apply: (params, state, input, mode) => {
      const context: object = contextOf(checkMode<Mode>("inference", mode))
      const still = { ...context, training: false } as Mode & C // what was given, but for the key
      return applyInner(inner, params, state, input, still)
    }
  })
}
