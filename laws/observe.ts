import { scalar, tensor, ThalwegError, Tree, zeros, type ErrorTag, type Tensor } from "thalweg"
import type { AnyOptimizer } from "./arbitrary/optimizer.js"
import type { Run } from "./arbitrary/run.js"
import type { AnyTransform } from "./arbitrary/transform.js"

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

/** A value of a machine, and the state in which it is left. */
type Transition = readonly [value: Tree, state: Tree]

/** What a transform makes of the gradients of a run, at parameters that stay where they are, and its states. */
export const updatesOf = (transform: Pick<AnyTransform, "init" | "update">, run: Run): readonly Transition[] =>
  run.gradients.reduce<readonly Transition[]>((made, grads) => {
    const state = made.at(-1)?.[1] ?? transform.init(run.params)
    return [...made, transform.update(grads, state, run.params)]
  }, [])

/** The updates alone. */
export const streamOf = (transform: Pick<AnyTransform, "init" | "update">, run: Run): readonly Tree[] =>
  updatesOf(transform, run).map(([updates]) => updates)

/** The parameters after each step of a run, and the states. */
export const stepsOf = (optimizer: Pick<AnyOptimizer, "init" | "step">, run: Run): readonly Transition[] =>
  run.gradients.reduce<readonly Transition[]>((made, grads) => {
    const [params, state] = made.at(-1) ?? [run.params, optimizer.init(run.params)]
    return [...made, optimizer.step(params, state, grads)]
  }, [])

/** The parameters alone. */
export const pathOf = (optimizer: Pick<AnyOptimizer, "init" | "step">, run: Run): readonly Tree[] =>
  stepsOf(optimizer, run).map(([params]) => params)
