import { pipe, reshape, type Tensor } from "thalweg"
import { combinators, optimizers, type AnyOptimizer } from "thalweg/optimizer"
import { cosine } from "thalweg/schedule"
import { leastOptions, type AnyFields } from "../spec/samples.js"

/** What an optimizer has to know of a function: how steep it is, how wide, and how long the way may be. */
export interface Scale {
  /** Of optimizers that follow the gradient. */
  readonly rate: number
  /** Of optimizers that rescale the gradient: about the length of a step. */
  readonly pace: number
  readonly steps: number
}

type Options = Readonly<Record<string, unknown>>
type Rows = typeof optimizers
type Around = typeof combinators
export type OptimizerName = keyof Rows
export type CombinatorName = keyof Around

type OptionsOf<E extends { readonly make: (options: never) => unknown }> = Partial<Parameters<E["make"]>[0]>
const falling = ({ pace, steps }: Scale) => cosine({ start: pace, steps })

export const settings: { readonly [N in OptimizerName]?: (scale: Scale) => OptionsOf<Rows[N]> } = {}

interface Row<A> {
  readonly fields: AnyFields
  readonly traits: { readonly scaleFree?: object }
  readonly make: (options: Options) => A
}

const general = ({ fields, traits }: Row<unknown>, { rate, pace }: Scale): Options => {
  const own = fields["learningRate"]?.fallback === 1 || !("learningRate" in fields)
  return { ...leastOptions(fields), ...(own ? {} : { learningRate: traits.scaleFree === undefined ? rate : pace }) }
}

export const rowOf = (name: OptimizerName, scale: Scale): AnyOptimizer => {
  const row = optimizers[name] as Row<AnyOptimizer>
  return row.make({ ...general(row, scale), ...settings[name]?.(scale) })
}
