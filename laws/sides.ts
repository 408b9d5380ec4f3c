import { add, mul, scalar, tensor, ThalwegError, Tree, zeros, type ErrorTag, type Tensor } from "thalweg"
import { given, type AnyOptimizer, type OptimizerState } from "thalweg/optimizer"
import { clockAt, type AnyF } from "thalweg/transform"
import { needsAt } from "./arbitrary/bowl.js"
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

/** A tree times a factor. */
export const times = (factor: number | Tensor): (<T extends Tree>(tree: T) => T) => Tree.map(t => mul(t, factor))

/** The sum of two trees. */
export const plus = Tree.zipWith((a: Tensor, b: Tensor) => add(a, b))

/**
 * What a transform may need at a step: the clock, a loss that depends on what comes in alone, `½·‖u‖²`, for the
 * objective a bowl around 0, and gradients of examples, whose mean is what comes in.
 */
export const nowAt = (updates: Tree, step: number) => ({ ...clockAt(step), ...needsAt(updates) })

/**
 * The last argument of a step: an optimizer that needs the loss gets one that depends on the gradient alone, `½·‖g‖²`,
 * so that it can stand among others; the objective is a bowl around 0; the mean of the gradients of examples is the gradient.
 */
export const givenAt = (optimizer: AnyOptimizer, grads: Tree) => given(optimizer, needsAt(grads))

/** The state of an optimizer of which only the count is known. */
export type AnyState = OptimizerState<AnyF, Tree>

/** The step of an optimizer, given what it needs. */
export const stepOf =
  (optimizer: AnyOptimizer) =>
  (params: Tree, state: AnyState, grads: Tree): readonly [params: Tree, state: AnyState] =>
    optimizer.step(params, state, grads, ...givenAt(optimizer, grads))

/** What an optimizer does to gradients, as a transform; it keeps its own clock. */
export const transformOf = (optimizer: AnyOptimizer): AnyTransform => ({
  init: optimizer.init,
  update: (grads, state, params) => optimizer.update(grads, state as AnyState, params, ...givenAt(optimizer, grads))
})

/** What a step of an optimizer comes to, and its state after it. */
export type Step = readonly [value: Tree, state: AnyState]

/** A value of a machine, and the state in which it is left. */
type Transition = readonly [value: Tree, state: Tree]

const isOptimizer = (source: AnyTransform | AnyOptimizer): source is AnyOptimizer => "step" in source

/** What a transform makes of the gradients of a run, at parameters that stay where they are, and its states. */
export const updatesOf = ({ init, update }: AnyTransform, run: Run): readonly Transition[] =>
  run.gradients.reduce<readonly Transition[]>(
    (made, grads, i) => [...made, update(grads, made.at(-1)?.[1] ?? init(run.params), run.params, nowAt(grads, i))],
    []
  )

/** The displacements that an optimizer makes of the gradients of a run, at parameters that stay, and its states. */
export const displacementsOf = (optimizer: AnyOptimizer, run: Run): readonly Step[] =>
  updatesOf(transformOf(optimizer), run).map(([displacement, state]) => [displacement, state as AnyState])

/** The updates alone. */
export const streamOf = (source: AnyTransform | AnyOptimizer, run: Run): readonly Tree[] =>
  updatesOf(isOptimizer(source) ? transformOf(source) : source, run).map(([updates]) => updates)

/** The parameters after each step of a run, and the states. */
export const stepsOf = (optimizer: AnyOptimizer, run: Run): readonly Step[] => {
  const step = stepOf(optimizer)
  return run.gradients.reduce<readonly Step[]>((made, grads) => {
    const [params, state] = made.at(-1) ?? [run.params, optimizer.init(run.params)]
    return [...made, step(params, state, grads)]
  }, [])
}

/** The parameters alone. */
export const pathOf = (optimizer: AnyOptimizer, run: Run): readonly Tree[] =>
  stepsOf(optimizer, run).map(([params]) => params)
