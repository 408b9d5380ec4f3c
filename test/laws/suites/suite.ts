import type { Law } from "thalweg/laws"
import type { Mutants } from "../mutants/mutant.js"

/** Laws of one thing, and the wrong implementations of it that they find out. */
export type Suite = readonly [name: string, laws: readonly Law[], mutants: Mutants]
