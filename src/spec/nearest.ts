/** How many letters must be put in, taken out or replaced to make one word of another (Levenshtein 1966). */
const distance = (a: string, b: string): number =>
  [...b]
    .reduce<readonly number[]>(
      (row, letter, i) =>
        [...a].reduce<readonly number[]>(
          (next, other, j) => [
            ...next,
            Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (other === letter ? 0 : 1))
          ],
          [i + 1]
        ),
      Array.from({ length: a.length + 1 }, (_, j) => j)
    )
    .at(-1) ?? a.length

/** Longer words are no typos. */
const MAX_LENGTH = 40

/** The name that was probably meant: at most a third of its letters wrong, the case of letters aside. */
const nearest = (word: string, names: readonly string[]): string | undefined => {
  if (word.length > MAX_LENGTH) return undefined
  const ranked = names
    .map(name => ({ name, off: distance(word.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.off - b.off)
  const best = ranked[0]
  return best !== undefined && best.off <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : undefined
}

/** A hint for an unknown word: the name that was probably meant, or all there are. */
export const hint = (word: unknown, names: readonly string[]): string => {
  const meant = typeof word === "string" ? nearest(word, names) : undefined
  return meant !== undefined ? `did you mean "${meant}"?` : names.length === 0 ? "there is none" : names.join(", ")
}
