import { expect, test } from "vitest"
import { ofMarkdown, ofSource } from "./collect.js"

const lines = (...text: readonly string[]): string => text.join("\n")

test("a page gives its ts blocks and no others, each with its line", () => {
  const page = lines("# Title", "```ts", "first()", "```", "```sh", "npm ci", "```", "```ts", "second()", "```")
  expect(ofMarkdown("README.md", page)).toEqual([
    { file: "README.md", line: 3, code: "first()\n" },
    { file: "README.md", line: 9, code: "second()\n" }
  ])
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
    { file: "a.ts", line: 6, code: "if (true) {\n  bare()\n}\n" },
    { file: "a.ts", line: 11, code: "fenced()\n" }
  ])
})
