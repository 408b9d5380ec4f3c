import { add, cast, mul, scalar, square, sum, tensor, ThalwegError, Tree, type Tensor } from "thalweg"
import { given, type Optimizer, type OptimizerState } from "thalweg/optimizer"
import type { StateFamily } from "thalweg/transform"
import { examplesOf } from "../support.js"

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

/** Half the sum of the squares: the loss of a bowl around 0. */
const bowl = (tree: Tree): Tensor =>
  mul(Tree.reduce(scalar(0, "f64"), (total: Tensor, t) => add(total, sum(square(cast(t, "f64")))))(tree), 0.5)

/** What a step may need, made of its gradient. */
const needsAt = (grads: Params) => ({ loss: bowl(grads), objective: bowl, exampleGradients: examplesOf(grads) })

/** Parameters and state. */
export type At<F extends StateFamily> = readonly [params: Params, state: OptimizerState<F, Params>]

/** The step of an optimizer that is told what it needs: of a bowl the loss, say. */
export const stepOf =
  <F extends StateFamily>(optimizer: Optimizer<F>) =>
  ([p, state]: At<F>, grads: Params): At<F> =>
    optimizer.step(p, state, grads, ...given(optimizer, needsAt(grads)))

/** Parameters and state after some steps, with the gradients of those steps from `first` on. */
export const walk = <F extends StateFamily>(
  optimizer: Optimizer<F>,
  steps: number,
  start: At<F> = [params, optimizer.init(params)],
  first = 0
): At<F> => Array.from({ length: steps }, (_, i) => gradient(first + i)).reduce(stepOf(optimizer), start)

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
