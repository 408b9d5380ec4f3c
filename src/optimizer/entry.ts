import { fixed, type Fields } from "../schedule/fields.js"
import { natural } from "../schedule/schedule.js"
import type { AnyF, Extra, StateFamily } from "../transform/transform.js"
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

/**
 * Forgets what state an optimizer keeps and whether it needs the loss, so that one can be chosen while a program runs,
 * and optimizers can stand in one list or record. A state only ever goes back to the optimizer that made it.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { adam, anyOptimizer, sgd } from "thalweg/optimizer"
 *
 * const choose = (name: string) =>
 *   name === "adam" ? anyOptimizer(adam({ learningRate: 0.5, eps: 0 })) : anyOptimizer(sgd({ learningRate: 0.5 }))
 * const params = { w: tensor([1]) }
 * const after = ["adam", "sgd"].map(choose).map(({ init, step }) => step(params, init(params), { w: tensor([4]) })[0])
 * assert.deepStrictEqual(after.map(({ w }) => toArray(w)), [[0.5], [-1]])
 */
export const anyOptimizer = <F extends StateFamily, X extends Extra>(optimizer: Optimizer<F, X>): AnyOptimizer =>
  optimizer as Optimizer<F, Extra>

/** A row of an optimizer, which adds its update to the parameters. */
export const row = <O extends object, F extends StateFamily, X extends Extra>(
  fields: Fields<O>,
  traits: Traits<NoInfer<O>>,
  make: (options: O) => Optimizer<F, X>
): OptimizerEntry<O> => ({
  fields,
  traits: { additive: {}, ...traits },
  make: options => anyOptimizer(make(options))
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
    return inner => anyOptimizer(combinator(inner))
  }
})

/** Options, and the number that makes a key, which is no data. */
export type Seeded<O> = O & { readonly seed: number }

/** What a seed may be. */
export const seedField: Fields<Seeded<object>> = { seed: fixed(natural) }

/** Every leaf and every element apart. */
export const apart = { leafwise: {}, elementwise: {} } as const

/** Made of the gradients alone, odd in them, and at rest without them. */
export const byGradient = { blind: {}, odd: {}, still: {} } as const

/** As `byGradient` but for a decay of the parameters. */
export const decaying = { blind: { weightDecay: 0 }, odd: { weightDecay: 0 }, still: { weightDecay: 0 } } as const
