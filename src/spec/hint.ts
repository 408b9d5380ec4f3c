import { byDistance } from "../dataflow/nearest.js"

/** The name that was probably meant: at most a third of its letters wrong. */
const meantBy = (word: string, names: readonly string[]): string | undefined => {
  const best = byDistance(word, names)[0]
  return best !== undefined && best.off <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : undefined
}

/** A hint for an unknown word: the name that was probably meant, or all there are. */
export const hint = (word: unknown, names: readonly string[]): string => {
  const meant = typeof word === "string" ? meantBy(word, names) : undefined
  return meant !== undefined ? `did you mean "${meant}"?` : names.length === 0 ? "there is none" : names.join(", ")
}
