import { add, mul, scalar, tensor, ThalwegError, Tree, zeros, type ErrorTag, type Tensor } from "thalweg"
import type { Optimizer } from "thalweg/optimizer"
import type { StateFamily, Transform } from "thalweg/transform"
import { anyOptimizer } from "./arbitrary/optimizer.js"
import type { Run } from "./arbitrary/run.js"
import { anyTransform } from "./arbitrary/transform.js"

/** Structure, shapes and dtypes alone: the tree with zeros for values. */
export const outline: <T extends Tree>(tree: T) => T = Tree.map(t => zeros(t.shape, t.dtype))

export const truth = (value: boolean): Tensor => scalar(value)

/** Whether making something throws an error of one of some kinds, as a truth. */
export const throws = (tags: readonly ErrorTag[], make: () => unknown): Tensor => {
  try {
    make()
    return truth(false)
  } catch (error) {
    return truth(error instanceof ThalwegError && tags.includes(error.name))
  }
}

/** Texts as tensors of their code units. */
export const spelled = (texts: readonly string[]): readonly Tensor[] =>
  texts.map(text =>
    tensor(
      Array.from(text, (_, i) => text.charCodeAt(i)),
      { dtype: "i32" }
    )
  )

/** A tree times a factor. */
export const times = (factor: number | Tensor): (<T extends Tree>(tree: T) => T) => Tree.map(t => mul(t, factor))

/** The sum of two trees. */
export const plus = Tree.zipWith((a: Tensor, b: Tensor) => add(a, b))

/** A value of a machine, and the state in which it is left. */
type Transition = readonly [value: Tree, state: Tree]

/** What a transform makes of the gradients of a run, at parameters that stay where they are, and its states. */
export const updatesOf = <F extends StateFamily>(transform: Transform<F>, run: Run): readonly Transition[] => {
  const { init, update } = anyTransform(transform)
  return run.gradients.reduce<readonly Transition[]>(
    (made, grads) => [...made, update(grads, made.at(-1)?.[1] ?? init(run.params), run.params)],
    []
  )
}

/** The updates alone. */
export const streamOf = <F extends StateFamily>(transform: Transform<F>, run: Run): readonly Tree[] =>
  updatesOf(transform, run).map(([updates]) => updates)

/** The parameters after each step of a run, and the states. */
export const stepsOf = <F extends StateFamily>(optimizer: Optimizer<F>, run: Run): readonly Transition[] => {
  const { init, step } = anyOptimizer(optimizer)
  return run.gradients.reduce<readonly Transition[]>((made, grads) => {
    const [params, state] = made.at(-1) ?? [run.params, init(run.params)]
    return [...made, step(params, state, grads)]
  }, [])
}

/** The parameters alone. */
export const pathOf = <F extends StateFamily>(optimizer: Optimizer<F>, run: Run): readonly Tree[] =>
  stepsOf(optimizer, run).map(([params]) => params)
