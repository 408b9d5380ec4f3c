import type { AnyOptimizer } from "thalweg/optimizer"
import { givenAt, type AnyState } from "../combinator/wrap.js"
import { add, mul, scalar, Tree, type Tensor } from "thalweg"

/** Options as the laws give them: mostly numbers. */
export type Given = Readonly<Record<string, number>>

export type Recipe = (...given: never[]) => unknown
type Making = (options: object, ...more: unknown[]) => AnyOptimizer

/** A wrong recipe, made of the options that are given to the right one. */
export const made = <R extends Recipe>(_: R, make: (options: Given) => unknown): R =>
  ((options: Given = {}) => make(options)) as unknown as R

/** The right recipe of options that have been tampered with. */
export const tampered = <R extends Recipe>(right: R, how: (options: Given) => object): R =>
  ((options: Given = {}, ...more: unknown[]) =>
    (right as unknown as Making)({ ...options, ...how(options) }, ...more)) as unknown as R

/** The right recipe, but that an option of 0 counts as not given. */
export const zeroIsUnset = <R extends Recipe>(right: R, name: string, unset: number): R =>
  tampered(right, options => (options[name] === 0 ? { [name]: unset } : {}))

/** The right optimizer within something else. */
export const wrapped = <R extends Recipe>(right: R, how: (optimizer: AnyOptimizer, options: Given) => unknown): R =>
  ((options: Given = {}, ...more: unknown[]) =>
    how((right as unknown as Making)(options, ...more), options)) as unknown as R

type Transition = readonly [value: Tree, state: AnyState]

/** An optimizer whose displacements, or whose states, are something else afterwards. */
export const afterwards = (
  optimizer: AnyOptimizer,
  how: (
    made: Transition,
    before: { readonly grads: Tree; readonly state: AnyState; readonly params: Tree }
  ) => Transition
): AnyOptimizer => {
  const update = (grads: Tree, state: AnyState, params: Tree): Transition =>
    how(optimizer.update(grads, state, params, ...givenAt(optimizer, grads)), { grads, state, params })
  const step = (params: Tree, state: AnyState, grads: Tree): Transition => {
    const [displacement, after] = update(grads, state, params)
    return [Tree.zipWith((p: Tensor, d: Tensor) => add(p, d))(params, displacement), after]
  }
  return { ...optimizer, update, step } as never
}

/** The right recipe, but that it halves what it keeps under a name. */
export const forgetful = <R extends Recipe>(right: R, name: string): R =>
  wrapped(right, optimizer =>
    afterwards(optimizer, ([displacement, after]) => [
      displacement,
      Tree.map((t, path) => (path.split("/").includes(name) ? mul(t, 0.5) : t))(after)
    ])
  )

/** The right recipe, but that it says a rate of 1. */
export const rateless = <R extends Recipe>(right: R): R =>
  wrapped(right, optimizer => ({ ...optimizer, rate: () => scalar(1, "f64") }))

/** The right recipe for each leaf apart. */
export const leafByLeaf = <R extends Recipe>(right: R): R =>
  wrapped(right, ({ init, update, ...optimizer }) => {
    type Apart = readonly [value: Tree, states: readonly AnyState[]]
    const apart = (grads: Tree, states: readonly AnyState[], params: Tree, ...given: readonly unknown[]): Apart => {
      const each = update as (...of: unknown[]) => Transition
      const [gs, ps] = [Tree.leaves(grads), Tree.leaves(params)]
      const steps = gs.map((g, i) => each(g, states[i], ps[i], ...given))
      const whole = Tree.unflatten<Tree>(Tree.flatten(grads).structure)
      return [whole(steps.map(([d]) => d as Tensor)), steps.map(([, state]) => state)]
    }
    const apartOptimizer = {
      ...optimizer,
      init: (params: Tree) => Tree.leaves(params).map(init),
      update: apart,
      rate: () => scalar(1, "f64"),
      step: (params: Tree, states: readonly AnyState[], grads: Tree): Apart => {
        const [displacement, after] = apart(grads, states, params)
        return [Tree.zipWith((p: Tensor, d: Tensor) => add(p, d))(params, displacement), after]
      }
    }
    return apartOptimizer
  })
