import { cast, tensor, toTyped, Tree } from "thalweg"
import type { Law } from "thalweg/laws"

/** A plausible wrong implementation: the suite of laws that it is held to. */
export interface Mutant {
  readonly name: string
  readonly suite: readonly Law[]
}

/** Wrong implementations by the name of the law that finds them out. */
export type Mutants = Readonly<Record<string, readonly Mutant[]>>

export const mutant = (name: string, suite: readonly Law[]): Mutant => ({ name, suite })

/** As if it had gone through a buffer of f32. */
export const throughF32: <T extends Tree>(tree: T) => T = Tree.map(t =>
  t.dtype === "f64" ? cast(cast(t, "f32"), "f64") : t
)

/** Reads values where they may not be known yet. */
export const read: <T extends Tree>(tree: T) => T = Tree.map(t =>
  tensor(toTyped(t), { dtype: t.dtype, shape: t.shape })
)
