import { fail } from "../dataflow/error.js"
import { byDistance } from "../dataflow/nearest.js"
import { range } from "../dataflow/shape.js"

const segments = (path: string): readonly string[] => (path === "" ? [] : path.split("/"))

/**
 * Whether items are what a pattern says, in which a star stands for any number of them. The last star takes one more
 * item whenever what follows it does not fit, so that the time is at most the product of the lengths.
 */
const fits = (
  pattern: readonly string[],
  items: readonly string[],
  star: string,
  same: (part: string, item: string) => boolean
): boolean => {
  let [p, i, afterStar, taken] = [0, 0, -1, 0]
  while (i < items.length) {
    if (pattern[p] === star) {
      afterStar = ++p
      taken = i
    } else if (p < pattern.length && same(pattern[p] as string, items[i] as string)) {
      p++
      i++
    } else if (afterStar >= 0) {
      p = afterStar
      i = ++taken
    } else return false
  }
  return pattern.slice(p).every(part => part === star)
}

/** Whether one segment of a path is what a segment of a pattern says; `*` stands for any characters. */
const segmentFits = (pattern: string, segment: string): boolean =>
  fits([...pattern], [...segment], "*", (part, item) => part === item)

/** The numbers of patterns by the segments before their first star: no other path can match them. */
const byBeginning = (patterns: readonly (readonly string[])[]): ReadonlyMap<string, readonly number[]> => {
  const numbers = new Map<string, number[]>()
  patterns.forEach((parts, i) => {
    const star = parts.findIndex(part => part.includes("*"))
    const beginning = (star < 0 ? parts : parts.slice(0, star)).join("/")
    const alike = numbers.get(beginning)
    if (alike === undefined) numbers.set(beginning, [i])
    else alike.push(i)
  })
  return numbers
}

/** What paths are of, for errors. */
interface Named {
  readonly one: string
  readonly many: string
}

/**
 * For each path the numbers of the patterns that match it, in order: `*` is one segment, or any part of one, and `**` any
 * number of them. A `TreeError` names the first pattern which matches no path, and the paths nearest to it. `**` means
 * all there are, even where there are none. What the paths are of, `one` and `many`, is a parameter of rank 2, say.
 *
 * A path is held against the patterns that begin as it does, up to their first star, and so in all as many times as there
 * are matches, unless many patterns begin alike.
 */
export const matching = (
  operation: string,
  patterns: readonly string[],
  paths: readonly string[],
  named: Named = { one: "a parameter", many: "parameters" }
): readonly (readonly number[])[] => {
  const parts = patterns.map(segments)
  const numbers = byBeginning(parts)
  const found = paths.map(path => {
    const items = segments(path)
    return range(items.length + 1)
      .flatMap(n => numbers.get(items.slice(0, n).join("/")) ?? [])
      .filter(i => fits(parts[i] ?? [], items, "**", segmentFits))
      .sort((a, b) => a - b)
  })
  const matched = new Set(found.flat())
  const lost = patterns.find((pattern, i) => pattern !== "**" && !matched.has(i))
  if (lost !== undefined) refuse(operation, lost, paths, named)
  return found
}

/** How many paths an error lists. */
const LISTED = 3

/** How many letters of a pattern are wrong for a path: of what its segments say, each held against the one most like it. */
const mistakes = (said: readonly string[], path: string): number =>
  said.reduce((total, part) => total + (byDistance(part, segments(path))[0]?.off ?? part.length), 0)

const refuse = (operation: string, pattern: string, paths: readonly string[], { one, many }: Named): never => {
  const said = segments(pattern)
    .map(part => part.replaceAll("*", ""))
    .filter(part => part !== "")
  const nearest = paths.map(path => ({ path, off: mistakes(said, path) })).sort((a, b) => a.off - b.off)
  const received = `none; the nearest are ${nearest
    .slice(0, LISTED)
    .map(({ path }) => `"${path}"`)
    .join(", ")}`
  return fail("TreeError", operation, `${one} that matches "${pattern}"`, paths.length === 0 ? `no ${many}` : received)
}
