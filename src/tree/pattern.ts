import { fail } from "../dataflow/error.js"

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

/** Whether a path of a leaf matches a pattern: `*` is one segment, or any part of one, and `**` any number of them. */
export const matches = (pattern: string, path: string): boolean =>
  fits(segments(pattern), segments(path), "**", segmentFits)

/** How many characters must be put in, taken out or changed to make one text of another. */
const editDistance = (a: string, b: string): number => {
  const columns = [...b]
  const first = Array.from({ length: columns.length + 1 }, (_, j) => j)
  const last = [...a].reduce<readonly number[]>(
    (above, char, i) =>
      columns.reduce<readonly number[]>(
        (row, other, j) => [
          ...row,
          Math.min((row[j] ?? 0) + 1, (above[j + 1] ?? 0) + 1, (above[j] ?? 0) + (char === other ? 0 : 1))
        ],
        [i + 1]
      ),
    first
  )
  return last[columns.length] ?? 0
}

/** How many paths an error lists. */
const LISTED = 3

const nearest = (pattern: string, paths: readonly string[]): string =>
  paths
    .map(path => ({ path, distance: editDistance(pattern, path) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, LISTED)
    .map(({ path }) => `"${path}"`)
    .join(", ")

/**
 * A `TreeError` that names the first pattern which matches no path, and the paths nearest to it. `**` means all there
 * are, even where there are none. `which` says more of the parameters that the paths are of: `" of rank 2"`.
 */
export const requireMatches = (
  operation: string,
  patterns: readonly string[],
  paths: readonly string[],
  which = ""
): void => {
  const lost = patterns.find(pattern => pattern !== "**" && !paths.some(path => matches(pattern, path)))
  if (lost !== undefined)
    fail(
      "TreeError",
      operation,
      `a parameter${which} that matches "${lost}"`,
      paths.length === 0 ? `no parameters${which}` : `none; the nearest are ${nearest(lost, paths)}`
    )
}
