import { hasMethods } from "../../dataflow/describe.js"
import { fail } from "../../dataflow/error.js"
import { recipe, recipeOf } from "../../options/recipe.js"
import type { Traits } from "../../options/recipe.js"
import { byDepth } from "../by-depth.js"
import { checkMoving, type AnyOptimizer } from "../optimizer.js"

/** A function of an optimizer that refuses anything else by the name of its recipe. */
export const taking = <A extends (inner: never) => unknown>(title: string, combinator: A): A =>
  ((inner: never) => combinator(checkMoving(title, inner))) as A

const isOptimizer = (value: unknown): boolean => hasMethods(value, ["init", "step"])

/** A recipe that refuses an optimizer among its options: that is given to what it makes. */
const optionsOnly = <A extends (...args: never) => unknown>(title: string, making: A): A => {
  const call = ((...args: never): unknown =>
    (args as readonly unknown[]).some(isOptimizer)
      ? fail("HyperparameterError", title, `options alone, as in pipe(adam(), ${title}(…))`, "an optimizer")
      : making(...args)) as A
  return Object.freeze(Object.assign(call, making))
}

/** What looks across leaves looks at one depth of a `repeat` at a time. */
const depthByDepth = <A>({ leafwise, elementwise }: Traits, making: A): A =>
  leafwise === undefined || elementwise !== undefined
    ? making
    : (((inner: AnyOptimizer) => byDepth((making as (inner: AnyOptimizer) => AnyOptimizer)(inner))) as A)

/** Makes the recipe of a combinator. */
export const combinator: typeof recipe = (title, fields, traits, make) =>
  optionsOnly(
    title,
    recipe(title, fields, traits, (options, given) =>
      taking(title, depthByDepth(traits, make(options, given)) as never)
    )
  )

/** Makes the recipe of a combinator of which one option stands first. */
export const combinatorOf: typeof recipeOf = (title, first, fields, traits, make) =>
  optionsOnly(
    title,
    recipeOf(title, first, fields, traits, (options, given) =>
      taking(title, depthByDepth(traits, make(options, given)) as never)
    )
  )
