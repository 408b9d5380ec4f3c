/** Texts that differ in more letters are not compared letter by letter: nobody took one for the other. */
const LETTERS = 64

/** Two texts without the beginning and the end that they share. */
const differing = (a: string, b: string): readonly [readonly string[], readonly string[]] => {
  const shorter = Math.min(a.length, b.length)
  let [start, end] = [0, 0]
  while (start < shorter && a[start] === b[start]) start++
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++
  return [[...a.slice(start, a.length - end)], [...b.slice(start, b.length - end)]]
}

/** How many letters must be put in, taken out or replaced to make one text of another (Levenshtein 1966), or more. */
const distance = (a: string, b: string): number => {
  const [letters, others] = differing(a, b)
  const longest = Math.max(letters.length, others.length)
  if (longest > LETTERS) return longest
  let row = Array.from({ length: others.length + 1 }, (_, j) => j)
  letters.forEach((letter, i) => {
    const next = [i + 1]
    others.forEach((other, j) => {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)))
    })
    row = next
  })
  return row[others.length] ?? 0
}

/** Names, the nearest to a word first, with how far they are from it, the case of letters aside. */
export const byDistance = (
  word: string,
  names: readonly string[]
): readonly { readonly name: string; readonly off: number }[] =>
  names.map(name => ({ name, off: distance(word.toLowerCase(), name.toLowerCase()) })).sort((a, b) => a.off - b.off)

const KINDS = "optimizer combinator schedule"

/** What is called otherwise in PyTorch, optax or Keras and is spelt too differently to be near, and the key of a recipe. */
const ELSEWHERE: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ["lr", "learningRate"],
  ["beta1", "b1"],
  ["beta2", "b2"],
  ["betas", "b1 b2"],
  ["epsilon", "eps"],
  ["name", KINDS],
  ["type", KINDS]
])

/** The names that were probably meant by a word: as it is called elsewhere, or at most a third of its letters wrong. */
export const meantBy = (word: string, names: readonly string[]): readonly string[] => {
  const elsewhere = ELSEWHERE.get(word.toLowerCase().replace("_", ""))?.split(" ") ?? []
  const known = elsewhere.filter(name => names.includes(name))
  const [best] = known.length > 0 ? [] : byDistance(word, names)
  return best !== undefined && best.off <= Math.max(1, Math.floor(best.name.length / 3)) ? [best.name] : known
}

/** A question after such names. */
export const didYouMean = (names: readonly string[]): string =>
  `did you mean ${names.map(name => `"${name}"`).join(" and ")}?`
