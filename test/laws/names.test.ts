import { counterLaws } from "thalweg/laws"
import { expect, test } from "vitest"
import { suites } from "./suites/all.js"

/** Suites that are held up to two things. */
const again = ["withL2 under a mask"]

test("no two laws have one name", () => {
  const own = suites.filter(([name]) => !again.includes(name)).flatMap(([, laws]) => laws)
  const names = [...own, ...counterLaws].map(({ name }) => name)
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
})
