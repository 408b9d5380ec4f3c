import type { AnyFields, OptionsOf, Resolved } from "./fields.js"
import { recipeAs, type Recipe } from "./recipe.js"
import { withName } from "./with-name.js"

/** By which recipe a function was made, and the options that it was given. */
export interface FunctionSpec {
  readonly title: string
  readonly options: Readonly<Record<string, unknown>>
}

/**
 * Makes a recipe of functions, such as initializers and activations, that is called in a way of its own. They are called as it is, and
 * carry a `spec`, so that they can be data by their options. `make` gives a new function each time: it is named and frozen.
 */
export const functionRecipeAs = <
  Fs extends AnyFields,
  A extends (...args: never) => unknown,
  Call extends (...args: never) => A
>(
  title: string,
  fields: Fs,
  make: (options: Resolved<Fs>) => A,
  call: (make: (options: OptionsOf<Fs>) => A) => Call
): Recipe<Fs, Call, A> => {
  const specified = (options: Resolved<Fs>, given: OptionsOf<Fs>): A => {
    const said = Object.entries<unknown>(given).filter(([, value]) => value !== undefined)
    const spec: FunctionSpec = { title, options: Object.fromEntries(said) }
    return withName(title, make(options), { spec })
  }
  return recipeAs(title, fields, {}, specified, call)
}

/** Makes a recipe of functions that is called with one record of options, which may be left out. */
export const functionRecipe = <Fs extends AnyFields, A extends (...args: never) => unknown>(
  title: string,
  fields: Fs,
  make: (options: Resolved<Fs>) => A
): Recipe<Fs, (options?: OptionsOf<Fs>) => A, A> =>
  functionRecipeAs(
    title,
    fields,
    make,
    make =>
      (options = {} as OptionsOf<Fs>) =>
        make(options)
  )
