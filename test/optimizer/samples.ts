import { pipe, tensor, ThalwegError, toTyped, Tree, type Tensor } from "thalweg"
import {
  adam,
  clipByNorm,
  lookahead,
  onGradient,
  sgd,
  withMomentum,
  withWeightDecay,
  type Optimizer
} from "thalweg/optimizer"
import type { Hyperparameter } from "thalweg/schedule"
import { addDecayedWeights, trace, type StateFamily, type StateOf } from "thalweg/transform"
import { classicRows } from "./classics.samples.js"

/** Parameters with every kind of nesting; the f32 leaf is rounded on its own. */
export const params = {
  dense: { w: tensor([[0.5, -1.25, 2], [0, 3.5, -0.75]], { dtype: "f64" }), b: tensor([0.1, -0.2, 0.3]) }, // prettier-ignore
  out: [tensor(1.5, { dtype: "f64" }), tensor([[-2], [1]], { dtype: "f64" })] as const
}
export type Params = typeof params

/** Some gradient of each step: irregular, with zeros and changes of sign. */
export const gradient = (step: number): Params =>
  Tree.map((t, path) => {
    const at = (i: number): number => ((i * 7 + step * 5 + path.length * 3) % 11) / 4 - 1
    const values = Array.from({ length: t.shape.reduce((n, size) => n * size, 1) }, (_, i) => at(i))
    return tensor(Float64Array.from(values), { dtype: t.dtype, shape: t.shape })
  })(params)

/** An optimizer whose state type does not matter. */
export interface AnyF extends StateFamily {
  readonly type: Tree
}

export const any = <F extends StateFamily>(optimizer: Optimizer<F>): Optimizer<AnyF> => optimizer

/** Every hyperparameter that may be scheduled, with a value in the middle of its range and an optimizer made with it. */
export const rows: readonly (readonly [
  name: string,
  value: number,
  build: (value: Hyperparameter) => Optimizer<AnyF>
])[] = [
  ["sgd learningRate", 0.1, learningRate => any(sgd({ learningRate }))],
  ["sgd momentum", 0.8, momentum => any(sgd({ learningRate: 0.1, momentum, nesterov: true }))],
  ["sgd dampening", 0.3, dampening => any(sgd({ learningRate: 0.1, momentum: 0.5, dampening, dampenFirst: false }))],
  ["adam learningRate", 0.1, learningRate => any(adam({ learningRate }))],
  ["adam b1", 0.7, b1 => any(adam({ learningRate: 0.1, b1 }))],
  ["adam b2", 0.9, b2 => any(adam({ learningRate: 0.1, b2 }))],
  ["adam eps", 0.01, eps => any(adam({ learningRate: 0.1, eps }))],
  ["adam epsRoot", 0.01, epsRoot => any(adam({ learningRate: 0.1, epsRoot }))],
  ["withMomentum momentum", 0.6, momentum => any(pipe(sgd({ learningRate: 0.1 }), withMomentum(momentum)))],
  ["withWeightDecay learningRate", 0.1, learningRate => any(pipe(adam({ learningRate }), withWeightDecay(0.3)))],
  ["withWeightDecay weightDecay", 0.2, decay => any(pipe(adam({ learningRate: 0.1 }), withWeightDecay(decay)))],
  [
    "addDecayedWeights weightDecay",
    0.2,
    l2 => any(pipe(adam({ learningRate: 0.1 }), onGradient(addDecayedWeights(l2))))
  ],
  ["clipByNorm maxNorm", 0.9, norm => any(pipe(sgd({ learningRate: 0.1, momentum: 0.5 }), clipByNorm(norm)))],
  ["clipByNorm eps", 0.1, eps => any(pipe(sgd({ learningRate: 0.1 }), clipByNorm(0.9, { eps })))],
  ["onGradient trace decay", 0.4, decay => any(pipe(sgd({ learningRate: 0.1 }), onGradient(trace({ decay }))))],
  ["lookahead mix", 0.3, mix => any(pipe(adam({ learningRate: 0.1 }), lookahead({ every: 2, mix })))],
  ...classicRows
]

/** Parameters and state after some steps, with the gradients of those steps from `first` on. */
export const walk = <F extends StateFamily>(
  optimizer: Optimizer<F>,
  steps: number,
  start: readonly [params: Params, state: StateOf<F, Params>] = [params, optimizer.init(params)],
  first = 0
): readonly [params: Params, state: StateOf<F, Params>] =>
  Array.from({ length: steps }, (_, i) => gradient(first + i)).reduce(
    ([p, state], grads) => optimizer.step(p, state, grads),
    start
  )

/** All bits of a tree: its paths, dtypes and values. */
export const bitsOf = (tree: Tree): readonly (readonly [path: string, values: ArrayLike<number>])[] => {
  const paths = Tree.paths(tree)
  return Tree.leaves(tree).map((t: Tensor, i) => [paths[i] ?? "", toTyped(t)])
}

/** What `use` throws: its name and message. */
export const thrown = (use: () => unknown): string => {
  try {
    use()
  } catch (error) {
    if (error instanceof ThalwegError) return `${error.name} ${error.message}`
    throw error
  }
  return "nothing"
}
