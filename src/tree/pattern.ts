import { fail } from "../dataflow/error.js"

const segments = (path: string): readonly string[] => (path === "" ? [] : path.split("/"))

/** Whether one segment of a path is what a segment of a pattern says; `*` stands for any characters. */
const segmentFits = (pattern: string, segment: string): boolean => {
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
  return new RegExp(`^${pattern.split("*").map(literal).join(".*")}$`, "s").test(segment)
}

const fits = (pattern: readonly string[], path: readonly string[]): boolean => {
  const [head, ...rest] = pattern
  const [first, ...others] = path
  if (head === undefined) return first === undefined
  if (head === "**") return fits(rest, path) || (first !== undefined && fits(pattern, others))
  return first !== undefined && segmentFits(head, first) && fits(rest, others)
}

/** Whether a path of a leaf matches a pattern: `*` is one segment, or any part of one, and `**` any number of them. */
export const matches = (pattern: string, path: string): boolean => fits(segments(pattern), segments(path))

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

/** A `TreeError` that names the first pattern which matches no path, and the paths nearest to it. */
export const requireMatches = (operation: string, patterns: readonly string[], paths: readonly string[]): void => {
  const lost = patterns.find(pattern => !paths.some(path => matches(pattern, path)))
  if (lost !== undefined)
    fail(
      "TreeError",
      operation,
      `a parameter that matches "${lost}"`,
      paths.length === 0 ? "no parameters" : `none; the nearest are ${nearest(lost, paths)}`
    )
}
