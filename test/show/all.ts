import { combinators, optimizers, type AnyOptimizer } from "thalweg/optimizer"

type Sample = { readonly [kind: string]: unknown }

/** What an option is that must be given, by its name or by the kind of its field. */
const samples: Sample = {
  every: 3,
  hyperparameter: 0.1,
  number: 3,
  numbers: [1, 1, 1],
  mask: "**",
  seed: 0,
  labels: [["**", "a"]],
  optimizers: { a: optimizers.sgd.make({ learningRate: 0.1 }) }
}

interface Row<A> {
  readonly fields: Readonly<Record<string, { readonly kind: string; readonly default: unknown }>>
  readonly make: (options: never) => A
}

/** What a row makes of a rate and of the options that must be given. */
const made = <A>({ fields, make }: Row<A>): A => {
  const needed = Object.entries(fields).filter(
    ([name, field]) => field.default === undefined || name === "learningRate"
  )
  return make(Object.fromEntries(needed.map(([name, { kind }]) => [name, samples[name] ?? samples[kind]])) as never)
}

const base = optimizers.sgd.make({ learningRate: 0.1 })

/** Every optimizer and every combinator of the catalogue (around `sgd`), by name. */
export const all: readonly (readonly [name: string, optimizer: AnyOptimizer])[] = [
  ...Object.entries<Row<AnyOptimizer>>(optimizers).map(([name, row]) => [name, made(row)] as const),
  ...Object.entries<Row<(inner: AnyOptimizer) => AnyOptimizer>>(combinators).map(
    ([name, row]) => [name, made(row)(base)] as const
  )
]
