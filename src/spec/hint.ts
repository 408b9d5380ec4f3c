import { didYouMean } from "../dataflow/nearest.js"

/** A hint for an unknown word: the name that was probably meant, or all there are. */
export const hint = (word: unknown, names: readonly string[]): string =>
  (typeof word === "string" ? didYouMean(word, names) : undefined) ??
  (names.length === 0 ? "there is none" : names.join(", "))
