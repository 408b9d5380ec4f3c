import fc from "fast-check"
import { expect, test } from "vitest"
import { byDistance } from "../../src/dataflow/nearest.js"

/** Whether the last two letters are those of the other text, the other way round. */
const isSwapped = (a: string, b: string): boolean =>
  Math.min(a.length, b.length) > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)

/** By the definition: the fewest changes of the last letters, and those before. */
const distance = (a: string, b: string): number =>
  a === "" || b === ""
    ? a.length + b.length
    : Math.min(
        distance(a.slice(0, -1), b) + 1,
        distance(a, b.slice(0, -1)) + 1,
        distance(a.slice(0, -1), b.slice(0, -1)) + (a.at(-1) === b.at(-1) ? 0 : 1),
        isSwapped(a, b) ? distance(a.slice(0, -2), b.slice(0, -2)) + 1 : Infinity
      )

const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 })

test("names by the changes that make a word of them, the nearest first", () => {
  fc.assert(
    fc.property(word, fc.array(word, { maxLength: 5 }), (a, names) => {
      const expected = names.map(name => ({ name, off: distance(a, name) })).sort((x, y) => x.off - y.off)
      expect(byDistance(a, names)).toEqual(expected)
    })
  )
})

test("the case of letters does not count, nor what the texts share at both ends", () => {
  const long = "layer/".repeat(1000)
  expect(byDistance("ADAMM", ["lion", "adam"])[0]).toEqual({ name: "adam", off: 1 })
  const found = byDistance(`${long}kernal${long}`, [`${long}bias${long}`, `${long}kernel${long}`])
  expect(found.map(({ name, off }) => [name.slice(long.length, -long.length), off])).toEqual([["kernel", 1], ["bias", 5]]) // prettier-ignore
})

test("long texts that have little in common are as far apart as they are long", () => {
  const found = byDistance("xy".repeat(1e6), ["z".repeat(1000), "xy"])
  expect(found.map(({ off }) => off)).toEqual([2e6 - 2, 2e6])
})
