import { recipeAs, type Recipe } from "../options/recipe.js"
import type { AnyFields, OptionsOf, Resolved } from "../options/fields.js"
import { checkTree } from "./input.js"
import { checkMode, specOf, type LayerSpec, type Mode, type SomeLayer } from "./layer.js"

/** A layer but for its name, which is that of the recipe, and its options. */
export type Made<L extends SomeLayer = SomeLayer> = Omit<L, "name" | "spec">

/** How a layer was made: the options that were given, each as it was checked, which nobody can change any more. */
export const givenSpec = (title: string, checked: object, given: object): LayerSpec => {
  const said = new Map(Object.entries(given).filter(([, value]) => value !== undefined))
  return specOf(title, Object.fromEntries(Object.entries(checked).filter(([name]) => said.has(name))))
}

/** A layer that looks at what it is applied to. */
const checking = (title: string, layer: Made): Made => ({
  ...layer,
  apply: (params, state, input, mode) => {
    checkTree(title, params)
    checkTree(title, state, "a state")
    return layer.apply(params, state, input, checkMode(title, mode as Mode))
  }
})

/**
 * Makes a recipe of layers: a function of one record of options, which are checked and completed by their fields. The layer has
 * the name of the recipe, and keeps the options that were given, so that it can be data.
 */
export const layerRecipe = <Fs extends AnyFields, Call extends (options: never) => SomeLayer>(
  title: string,
  fields: Fs,
  make: (options: Resolved<Fs>) => Made<ReturnType<Call>>
): Recipe<Fs, Call> => {
  const named = (options: Resolved<Fs>, given: OptionsOf<Fs>): SomeLayer => {
    return { ...checking(title, make(options)), name: title, spec: givenSpec(title, options, given) }
  }
  const made = recipeAs(
    title,
    fields,
    {},
    named,
    make => ((options = {} as OptionsOf<Fs>) => make(options)) as unknown as Call
  )
  return made as unknown as Recipe<Fs, Call>
}
