import { readFileSync } from "node:fs"
import { expect, test } from "vitest"

/** Blocks of a page that name a file, as in "```ts src/index.ts". */
const quotesOf = (page: string): readonly (readonly [file: string, text: string])[] =>
  [...readFileSync(page, "utf8").matchAll(/^```\w+ (\S+)\n([^]*?)^```$/gm)].map(([, file = "", text = ""]) => [
    file,
    text
  ])

test.each(quotesOf("CONTRIBUTING.md"))("%s is quoted as it is", (file, text) => {
  expect(readFileSync(file, "utf8")).toContain(text)
})
