import { expect, test } from "vitest"
import { tensor, zeros } from "thalweg"
import * as nn from "thalweg/nn"

const weights = (w: number) => () => nn.squaredError(zeros([1, 1]), zeros([1, 1]), tensor([w], { dtype: "f64" }))

/** What takes an option, and is a function of it only where f32 tells it from 0 and from infinity. */
const takers: readonly (readonly [string, (value: number) => unknown])[] = [
  ["layerNorm: expected epsilon", epsilon => nn.layerNorm({ epsilon })],
  ["rmsNorm: expected epsilon", epsilon => nn.rmsNorm({ epsilon })],
  ["batchNorm: expected epsilon", epsilon => nn.batchNorm({ epsilon })],
  ["groupNorm: expected epsilon", epsilon => nn.groupNorm({ groups: 1, epsilon })],
  ["instanceNorm: expected epsilon", epsilon => nn.instanceNorm({ epsilon })],
  ["elu: expected alpha", nn.elu],
  ["celu: expected alpha", nn.celu],
  ["leakyRelu: expected slope", nn.leakyRelu],
  ["huberLoss: expected delta", delta => nn.huberLoss.with({ delta })],
  ["focalLoss: expected gamma", gamma => nn.focalLoss.with({ gamma })],
  ["crossEntropy: expected classWeights[1]", weight => nn.crossEntropy.with({ classWeights: [1, weight] })],
  ["binaryCrossEntropy: expected positiveWeight", positiveWeight => nn.binaryCrossEntropy.with({ positiveWeight })],
  ["precision: expected threshold", threshold => nn.precision.with({ threshold })],
  ["scaledDotProductAttention: expected scale", scale => nn.scaledDotProductAttention(zeros([1, 1, 1, 1]), zeros([1, 1, 1, 1]), zeros([1, 1, 1, 1]), { scale })], // prettier-ignore
  ["squaredError: expected each weight", w => weights(w)()]
]

test.each(takers)("%s to be a number that f32 can hold", (message, take) => {
  for (const value of [1e-46, 1e39]) expect(() => take(value)).toThrow(message)
  for (const value of [1e-46, 1e39]) expect(() => take(value)).toThrow(`that f32 can hold; got ${value}`)
  for (const value of [1e-44, 1, 1e38]) expect(() => take(value)).not.toThrow()
})
