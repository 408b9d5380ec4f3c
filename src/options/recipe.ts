import { checkFunction, checkMethods, checkRecord } from "../dataflow/check.js"
import { fail } from "../dataflow/error.js"
import { belonging } from "./belonging.js"
import { freezeAll } from "./freeze.js"
import type { AnyFields, GivenOf, OptionsOf, Resolved } from "./fields.js"
import { resolve } from "./resolve.js"

/**
 * What may be true of an optimizer, or stay true under a combinator: that the displacement is added to the parameters,
 * that leaves or elements are treated apart, that the parameters do not matter, that negated gradients negate the
 * update, that zero gradients move nothing, and that the scale of the gradients does not matter.
 */
export type Trait = "additive" | "leafwise" | "elementwise" | "blind" | "odd" | "still" | "scaleFree"

/** For each trait that something has, the options under which it has it: `{}` if under any. */
export type Traits<O extends object = object> = { readonly [T in Trait]?: Partial<O> }

/** What a recipe says of itself, and how it is made of one record of options. */
export interface Described<Fs extends AnyFields, A> {
  /** What it is called in errors and as data. */
  readonly title: string
  /** What each option may be, its default and its range. */
  readonly fields: Fs
  readonly traits: Traits<OptionsOf<Fs>>
  /** Makes it of one record of options. */
  readonly make: (options: OptionsOf<Fs>) => A
}

/** Something that is made of options: the function that makes it, and what its options may be as a value beside it. */
export type Recipe<Fs extends AnyFields, Call extends (...args: never) => unknown, A = ReturnType<Call>> = Call &
  Described<Fs, A>

// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- "nothing must be given"
type Arguments<O> = {} extends O ? readonly [options?: O] : readonly [options: O]

/** Makes a recipe that is called in a way of its own; `call` says how, in terms of one record of options. */
export const recipeAs = <Fs extends AnyFields, A, Call extends (...args: never) => unknown>(
  title: string,
  fields: Fs,
  traits: NoInfer<Traits<OptionsOf<Fs>>>,
  make: (options: Resolved<Fs>, given: OptionsOf<Fs>) => A,
  call: (make: (options: OptionsOf<Fs>) => A) => Call
): Recipe<Fs, Call, A> => {
  checkFunction("recipe", make, "a function of the options")
  for (const [name, field] of Object.entries(checkRecord("recipe", fields)))
    checkMethods("recipe", "fields that hyper, fixed, flag or choice made", field, ["check"], name)
  const checked = (options: OptionsOf<Fs>): A =>
    belonging("spec", make(resolve(title, fields, options), options) as A & { readonly spec?: object })
  const said = freezeAll({ title, fields, traits, make: checked })
  return Object.freeze(Object.assign(call(checked), said))
}

/**
 * Makes a recipe: a function of options that are checked and completed by their fields, and that carries the fields.
 * `make` sees hyperparameters as schedules and every default filled in, and besides what was given.
 *
 * `fields`: what each option may be, made by `hyper`, `fixed`, `flag` or `choice`. `traits`: what is true of what is made,
 * and under which options, for `thalweg/laws`. The recipe throws a `HyperparameterError` for an option that is missing,
 * unknown or out of range.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, Tree, type Tensor } from "thalweg"
 * import { clockAt, hyper, range, recipe, times, type StatelessF, type Transform } from "thalweg/transform"
 *
 * const fields = {
 *   // c > 0: what updates are multiplied by. Default 2.
 *   factor: hyper(range.positive, 2)
 * }
 * const magnify = recipe("magnify", fields, { odd: {}, still: {} }, ({ factor }): Transform<StatelessF> => ({
 *   init: () => [],
 *   update: (updates, state, _, { step }) => [Tree.map((u: Tensor) => times(u, factor(step)))(updates), state]
 * }))
 * const u = tensor([1, 3])
 * const update = (by: Transform<StatelessF>) => toArray(by.update(u, by.init(u), u, clockAt(0))[0])
 * assert.deepStrictEqual([magnify(), magnify({ factor: 0.5 })].map(update), [[2, 6], [0.5, 1.5]])
 * assert.throws(() => magnify({ factor: 0 }), { name: "HyperparameterError" })
 * assert.strictEqual(magnify.fields.factor.default, 2)
 */
export const recipe = <Fs extends AnyFields, A>(
  title: string,
  fields: Fs,
  traits: NoInfer<Traits<OptionsOf<Fs>>>,
  make: (options: Resolved<Fs>, given: OptionsOf<Fs>) => A
): Recipe<Fs, (...args: Arguments<OptionsOf<Fs>>) => A> =>
  recipeAs(
    title,
    fields,
    traits,
    make,
    make =>
      (...[options = {} as OptionsOf<Fs>]) =>
        make(options)
  )

/** Makes a recipe of which one option stands first, by itself: `withMomentum(0.9)`, `withMomentum(0.9, { … })`. */
export const recipeOf = <Fs extends AnyFields, const K extends keyof Fs & string, A>(
  title: string,
  first: K,
  fields: Fs,
  traits: NoInfer<Traits<OptionsOf<Fs>>>,
  make: (options: Resolved<Fs>, given: OptionsOf<Fs>) => A
): Recipe<Fs, (first: GivenOf<Fs[K]>, others?: Omit<OptionsOf<Fs>, K>) => A> =>
  recipeAs(title, fields, traits, make, make => (value, others = {} as Omit<OptionsOf<Fs>, K>) => {
    // one that has no other option can be mapped over a list, where an index follows
    const more = Object.keys(fields).length === 1 && typeof others === "number" ? {} : checkRecord(title, others)
    if (Object.hasOwn(more, first))
      fail("HyperparameterError", title, `${first} once, as the first argument`, "it twice")
    return make({ ...more, [first]: value } as OptionsOf<Fs>)
  })
