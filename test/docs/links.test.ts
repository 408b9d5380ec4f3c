import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { filesBelow } from "./collect.js"
import { brokenLinks } from "./links.js"

const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...["src", "laws", "test/golden"].flatMap(filesBelow)]

test.each(pages.filter(name => name.endsWith(".md")))("what %s links to is there", page => {
  expect(brokenLinks(".", page)).toEqual([])
})

test("of links, those to files and anchors that are not there are broken, and code is no link", () => {
  const folder = mkdtempSync(join(tmpdir(), "thalweg-links-"))
  const page = `# One \`two\`

## Again
## Again

[here](#one-two) [twice](#again-1) [itself](page.md#again) [web](https://example.com) \`[code](gone.md)\`

\`\`\`sh
# comment
[code](gone.md)
\`\`\`

[thrice](#again-2) [comment](#comment) [\`no\` file](gone.md) [outside](../page.md) [defined]

[defined]: also/gone.md
`
  writeFileSync(join(folder, "page.md"), page)
  const broken = ["#again-2", "#comment", "gone.md", "../page.md", "also/gone.md"]
  expect(brokenLinks(folder, "page.md")).toEqual(broken.map(target => `page.md: ${target}`))
  rmSync(folder, { recursive: true })
})
