import { didYouMean, meantBy } from "../dataflow/nearest.js"

/** A hint for an unknown word: the name that was probably meant, or all there are. */
export const hint = (word: unknown, names: readonly string[]): string => {
  const meant = typeof word === "string" ? meantBy(word, names) : []
  return meant.length > 0 ? didYouMean(meant) : names.length === 0 ? "there is none" : names.join(", ")
}
