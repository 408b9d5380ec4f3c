import { add, matmul, mul, reshape, sub, sum, square, tensor, mean, pipe, toTyped, type Tensor } from "thalweg"
import { activation, crossEntropy, dense, dropout, sequential, tanh, type Layer } from "thalweg/nn"
import { adam, lookahead } from "thalweg/optimizer"
import { key, normal, split } from "thalweg/random"

/** A line through points: `y = x · slope`, in f64, whose gradients are written by hand in the tests. */
export const line: Layer<{ readonly slope: Tensor }> = {
  name: "line",
  init: () => ({ params: { slope: tensor([[0.5], [-0.25]], { dtype: "f64" }) }, state: [] }),
  apply: ({ slope }, state, x) => [matmul(x, slope), state]
}

/** `mean (output - target)²` over examples. */
export const squaredError = (output: Tensor, target: Tensor): Tensor => mean(square(sub(reshape(output, [-1]), target)))

/** Points of a plane with noise, `n` of them. */
export const points = (n: number, seed = 0): { readonly x: Tensor; readonly y: Tensor } => {
  const [a, b] = split(key(seed))
  const x = normal(a, [n, 2], { dtype: "f64" })
  const target = sum(mul(x, tensor([2, -1], { dtype: "f64" })), { axes: -1 })
  return { x, y: add(target, mul(normal(b, [n], { dtype: "f64" }), 0.1)) }
}

/** Two classes by the sign of the first feature. */
export const classes = (n: number, seed = 0): { readonly x: Tensor; readonly y: Tensor } => {
  const x = normal(key(seed), [n, 3])
  return { x, y: tensor(Int32Array.from({ length: n }, (_, i) => ((toTyped(x)[3 * i] ?? 0) > 0 ? 1 : 0))) }
}

/** Everything at once: dropout draws, lookahead deploys other weights than it trains. */
export const task = {
  model: sequential(dense({ units: 8 }), activation(tanh), dropout({ rate: 0.25 }), dense({ units: 2 })),
  loss: crossEntropy,
  optimizer: pipe(adam({ learningRate: 0.05 }), lookahead({ every: 4, mix: 0.5 }))
}
