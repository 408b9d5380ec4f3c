/** Texts that differ in more letters are not compared letter by letter: nobody took one for the other. */
const LETTERS = 64

/** Two texts without the beginning and the end that they share. */
const differing = (a: string, b: string): readonly [string, string] => {
  const shorter = Math.min(a.length, b.length)
  let [start, end] = [0, 0]
  while (start < shorter && a[start] === b[start]) start++
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++
  return [a.slice(start, a.length - end), b.slice(start, b.length - end)]
}

/**
 * How many letters must be put in, taken out or replaced, or neighbours swapped, to make one text of another (Damerau
 * 1964), or more.
 */
const distance = (a: string, b: string): number => {
  const [from, to] = differing(a, b)
  const longest = Math.max(from.length, to.length)
  if (longest > LETTERS) return longest
  const [letters, others] = [[...from], [...to]]
  let row = Array.from({ length: others.length + 1 }, (_, j) => j)
  let before = row
  letters.forEach((letter, i) => {
    const next = [i + 1]
    others.forEach((other, j) => {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1)
      const isSwapped = letter === others[j - 1] && letters[i - 1] === other
      const swapped = isSwapped ? (before[j - 1] ?? 0) + 1 : Infinity
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, replaced, swapped))
    })
    ;[before, row] = [row, next]
  })
  return row[others.length] ?? 0
}

/** Names, the nearest to a word first, with how far they are from it, the case of letters aside. */
export const byDistance = (
  word: string,
  names: readonly string[]
): readonly { readonly name: string; readonly off: number }[] => {
  const lower = word.toLowerCase()
  return names.map(name => ({ name, off: distance(lower, name.toLowerCase()) })).sort((a, b) => a.off - b.off)
}

const KINDS = ["optimizer", "combinator", "schedule"]

/** Our names for what PyTorch, optax or Keras call otherwise (in lower case, without "_"), where the two are not near. */
const ELSEWHERE: ReadonlyMap<string, readonly string[]> = /* @__PURE__ */ new Map([
  ["lr", ["learningRate"]],
  ["beta1", ["b1"]],
  ["beta2", ["b2"]],
  ["betas", ["b1", "b2"]],
  ["epsilon", ["eps"]],
  ["name", KINDS],
  ["type", KINDS]
])

/** The names that were probably meant by a word: as it is called elsewhere, or at most a third of its letters wrong. */
const meantBy = (word: string, names: readonly string[]): readonly string[] => {
  const elsewhere = ELSEWHERE.get(word.toLowerCase().replace("_", "")) ?? []
  const known = elsewhere.filter(name => names.includes(name))
  if (known.length > 0) return known
  const [best] = byDistance(word, names)
  return best !== undefined && best.off <= Math.max(1, Math.floor(best.name.length / 3)) ? [best.name] : []
}

/** A question after the names that were probably meant by a word, if there are any. */
export const didYouMean = (word: string, names: readonly string[]): string | undefined => {
  const meant = meantBy(word, names).map(name => `"${name}"`)
  return meant.length === 0 ? undefined : `did you mean ${meant.join(" and ")}?`
}
