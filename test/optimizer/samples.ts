import { tensor, ThalwegError, Tree } from "thalweg"
import type { Optimizer } from "thalweg/optimizer"
import type { StateFamily, StateOf } from "thalweg/transform"
import { hyperRows, type HyperRow } from "./hyperparameters.samples.js"

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

const entryOf = ([name]: HyperRow): string => name.split(" ")[0] ?? name

/** A hyperparameter of each row of the catalogue that has one. */
export const rows: readonly HyperRow[] = hyperRows.filter(
  (row, i) => hyperRows.findIndex(other => entryOf(other) === entryOf(row)) === i
)

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
