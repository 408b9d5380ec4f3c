import { recipe, recipeOf } from "../../options/recipe.js"
import { checkOptimizer } from "../optimizer.js"

/** A function of an optimizer that refuses anything else by the name of its recipe. */
export const taking = <A extends (inner: never) => unknown>(title: string, combinator: A): A =>
  ((inner: never) => combinator(checkOptimizer(title, inner))) as A

/** Makes the recipe of a combinator. */
export const combinator: typeof recipe = (title, fields, traits, make) =>
  recipe(title, fields, traits, (options, given) => taking(title, make(options, given) as never))

/** Makes the recipe of a combinator of which one option stands first. */
export const combinatorOf: typeof recipeOf = (title, first, fields, traits, make) =>
  recipeOf(title, first, fields, traits, (options, given) => taking(title, make(options, given) as never))
