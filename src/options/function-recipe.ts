import type { AnyFields, OptionsOf, Resolved } from "./fields.js"
import { recipeAs, type Recipe } from "./recipe.js"

/** By which recipe a function was made, and the options that it was given. */
export interface Making {
  readonly title: string
  readonly options: Readonly<Record<string, unknown>>
}

const makings = new WeakMap<object, Making>()

/** How a function was made, if a recipe of functions made it. */
export const makingOf = (f: object): Making | undefined => makings.get(f)

/** Makes a recipe of functions, such as initializers and activations, which can be data by their options. */
export const functionRecipe = <Fs extends AnyFields, A extends object, Call extends (...args: never) => A>(
  title: string,
  fields: Fs,
  make: (options: Resolved<Fs>) => A,
  call: (make: (options: OptionsOf<Fs>) => A) => Call
): Recipe<Fs, Call, A> => {
  const remembered = (options: Resolved<Fs>, given: OptionsOf<Fs>): A => {
    const made = make(options)
    const said = Object.entries<unknown>(given).filter(([, value]) => value !== undefined)
    makings.set(made, Object.freeze({ title, options: Object.freeze(Object.fromEntries(said)) }))
    return made
  }
  return recipeAs(title, fields, {}, remembered, call)
}

/** The same, called with one record of options, which may be left out. */
export const functionOf = <Fs extends AnyFields, A extends object>(
  title: string,
  fields: Fs,
  make: (options: Resolved<Fs>) => A
): Recipe<Fs, (options?: OptionsOf<Fs>) => A, A> =>
  functionRecipe(
    title,
    fields,
    make,
    make =>
      (options = {} as OptionsOf<Fs>) =>
        make(options)
  )
