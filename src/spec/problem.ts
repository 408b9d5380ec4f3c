import * as t from "io-ts"

/** What is wrong at a path below a context. Long keys are cut. */
export const problem = (
  context: t.Context,
  path: readonly (string | number)[],
  value: unknown,
  expected: string
): t.ValidationError => ({
  value,
  context: [...context, ...path.map(key => ({ key: String(key).slice(0, 40), type: t.unknown }))],
  message: `expected ${expected}`
})

/** A context one key further down. */
export const below = (context: t.Context, key: string | number): t.Context => [
  ...context,
  { key: String(key).slice(0, 40), type: t.unknown }
]
