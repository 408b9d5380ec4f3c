import { expect, test } from "vitest"
import { languageOf, ofMarkdown, ofSource } from "./collect.js"

const lines = (...text: readonly string[]): string => text.join("\n")

test("a page gives its js and ts blocks and no others, each with its line", () => {
  const page = lines("# Title", "```ts", "first()", "```", "```sh", "npm ci", "```", "```js", "second()", "```")
  expect(ofMarkdown("README.md", page)).toEqual([
    { file: "README.md", line: 3, language: "ts", code: "first()\n" },
    { file: "README.md", line: 9, language: "js", code: "second()\n" }
  ])
})

test("a program without types is JavaScript", () => {
  expect(languageOf('import { a } from "a"\nawait a(x => x)')).toBe("js")
  expect(["let a: number", 'import { type A } from "a"', "a as B", "type A = 1"].map(languageOf)).toEqual(
    Array(4).fill("ts")
  )
})

test("a docstring gives the body of every @example, bare or fenced, up to the next tag", () => {
  const source = lines(
    "/** None. */",
    "const none = 1",
    "/**",
    " * Two.",
    " * @example",
    " * if (true) {",
    " *   bare()",
    " * }",
    " * @example",
    " * ```ts",
    " * fenced()",
    " * ```",
    " * @see other",
    " */",
    "const two = 2"
  )
  expect(ofSource("a.ts", source)).toEqual([
    { file: "a.ts", line: 6, language: "", code: "if (true) {\n  bare()\n}\n" },
    { file: "a.ts", line: 11, language: "ts", code: "fenced()\n" }
  ])
})
