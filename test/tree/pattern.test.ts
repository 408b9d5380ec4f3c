import fc from "fast-check"
import { describe, expect, test, vi } from "vitest"
import { matching } from "../../src/tree/pattern.js"

/** What a pattern means, by the definition: all ways to give its stars something are tried. */
const means = (
  [part, ...rest]: readonly string[],
  items: readonly string[],
  star: string,
  same: (a: string, b: string) => boolean
): boolean => {
  // prettier-ignore
  if (part === undefined) return items.length === 0
  if (part === star) return items.concat("").some((_, i) => means(rest, items.slice(i), star, same))
  return items[0] !== undefined && same(part, items[0]) && means(rest, items.slice(1), star, same)
}
const segments = (path: string): readonly string[] => (path === "" ? [] : path.split("/"))
const matches = (pattern: string, path: string): boolean =>
  means(segments(pattern), segments(path), "**", (a, b) => means([...a], [...b], "*", Object.is))

const few = fc.constantFrom("a", "b", "*", "ab", "a*", "*b", "*a*", "**", "***", "b*a*", "aab")
const lists = (item: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(
    fc.array(item, { maxLength: 5 }).map(parts => parts.join("/")),
    { maxLength }
  )

describe("patterns", () => {
  test("all at once, match what each means by itself", () => {
    const sample = fc.tuple(lists(few, 6), lists(fc.oneof(few, fc.constantFrom("abab", "ba", "aabba")), 6))
    fc.assert(
      fc.property(sample, ([some, paths]) => {
        const patterns = [...new Set(some)]
        const expected = paths.map(path => patterns.flatMap((pattern, i) => (matches(pattern, path) ? [i] : [])))
        const lost = patterns.find((pattern, i) => pattern !== "**" && !expected.flat().includes(i))
        if (lost === undefined) expect(matching("f", patterns, paths)).toEqual(expected)
        else expect(() => matching("f", patterns, paths)).toThrow(`f: expected a parameter that matches "${lost}"`)
      }),
      { numRuns: 2000 }
    )
  })

  test("as many as there are paths are not compared with each path", () => {
    const paths = Array.from({ length: 2000 }, (_, i) => `layer${i}/kernel`)
    const split = vi.spyOn(String.prototype, "split")
    const found = matching("f", [...paths, "**"], paths)
    const times = split.mock.calls.length
    split.mockRestore()
    expect(found).toEqual(paths.map((_, i) => [i, 2000]))
    expect(times).toBeLessThan(3 * paths.length)
  })
})
