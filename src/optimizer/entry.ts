import type { Fields } from "../schedule/fields.js"
import type { AnyF } from "../transform/mask.js"
import type { Extra, StateFamily } from "../transform/transform.js"
import type { Optimizer } from "./optimizer.js"

/**
 * An optimizer of which it is not known what state it keeps, only that it is a tree of tensors, nor whether it needs the
 * loss: its `step` takes `{ loss }` or nothing more, and one that needs the loss throws a `ShapeError` without it.
 */
export type AnyOptimizer = Optimizer<AnyF, Extra>

/**
 * What may be true of an optimizer:
 *
 * - `additive`: its step is the parameters plus the update;
 * - `leafwise`: it treats every leaf apart;
 * - `elementwise`: it treats every element alike and apart;
 * - `blind`: its updates do not depend on the parameters;
 * - `odd`: negated gradients give negated updates;
 * - `still`: zero gradients from a fresh state move nothing;
 * - `scaleFree`: it does not see the scale of gradients that are not zero.
 */
export type Trait = "additive" | "leafwise" | "elementwise" | "blind" | "odd" | "still" | "scaleFree"

/**
 * What is true of what a row makes (if it is made of other optimizers: as long as it is true of all of these), and under
 * which options: those that are not named may be anything. What is absent is not true, or true only of special cases.
 */
export type Traits<O extends object> = { readonly [T in Trait]?: Partial<O> }

/** How something is made of one record of options, what these may be, and what is then true of it. */
export interface Entry<O extends object, A> {
  readonly make: (options: O) => A
  readonly fields: Fields<O>
  readonly traits: Traits<O>
}

/** A row of `optimizers`. */
export type OptimizerEntry<O extends object> = Entry<O, AnyOptimizer>

/** A row of `combinators`. */
export type CombinatorEntry<O extends object> = Entry<O, (inner: AnyOptimizer) => AnyOptimizer>

/** Rows differ in what state they keep and in what they need; a state only ever goes back to the optimizer that made it. */
export const forget = <F extends StateFamily, X extends Extra>(optimizer: Optimizer<F, X>): AnyOptimizer =>
  optimizer as Optimizer<F, Extra>

/** A row of an optimizer, which adds its update to the parameters. */
export const row = <O extends object, F extends StateFamily, X extends Extra>(
  fields: Fields<O>,
  traits: Traits<NoInfer<O>>,
  make: (options: O) => Optimizer<F, X>
): OptimizerEntry<O> => ({
  fields,
  traits: { additive: {}, ...traits },
  make: options => forget(make(options))
})

/** A row of a combinator. */
export const wrap = <O extends object, F extends StateFamily, X extends Extra>(
  fields: Fields<O>,
  traits: Traits<NoInfer<O>>,
  make: (options: O) => (inner: AnyOptimizer) => Optimizer<F, X>
): CombinatorEntry<O> => ({
  fields,
  traits,
  make: options => {
    const combinator = make(options)
    return inner => forget(combinator(inner))
  }
})

/** Every leaf and every element apart. */
export const apart = { leafwise: {}, elementwise: {} } as const

/** Made of the gradients alone, odd in them, and at rest without them. */
export const byGradient = { blind: {}, odd: {}, still: {} } as const

/** As `byGradient` but for a decay of the parameters. */
export const decaying = { blind: { weightDecay: 0 }, odd: { weightDecay: 0 }, still: { weightDecay: 0 } } as const
