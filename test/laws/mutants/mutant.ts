import { cast, tensor, toTyped, Tree } from "thalweg"
import type { Law, Verdict } from "thalweg/laws"

/** A plausible wrong implementation: the suite of laws that it is held to. */
export interface Mutant {
  readonly name: string
  readonly suite: readonly Law[]
  /** The name of the error that it dies of, where its law is about what throws and what does not. */
  readonly error: string | undefined
}

/** Wrong implementations by the name of the law that finds them out. */
export type Mutants = Readonly<Record<string, readonly Mutant[]>>

export const mutant = (name: string, suite: readonly Law[], error?: string): Mutant => ({ name, suite, error })

/** Whether its law finds a mutant out: both sides differ, or it threw what it says. What it throws else is a slip of its own. */
export const isFoundOut = ({ error }: Mutant, verdict: Verdict): boolean => {
  if (verdict.holds) return false
  const { difference } = verdict
  return error === undefined ? !difference.startsWith("threw ") : difference.startsWith(`threw ${error}: `)
}

/** As if it had gone through a buffer of f32. */
export const throughF32: <T extends Tree>(tree: T) => T = Tree.map(t =>
  t.dtype === "f64" ? cast(cast(t, "f32"), "f64") : t
)

/** Reads values where they may not be known yet. */
export const read: <T extends Tree>(tree: T) => T = Tree.map(t =>
  tensor(toTyped(t), { dtype: t.dtype, shape: t.shape })
)
