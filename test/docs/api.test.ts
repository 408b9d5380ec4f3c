import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { expect, test } from "vitest"
import { entry } from "../../tsup.config.js"
import { page, pagePath } from "./api.page.js"

const sections = readFileSync(pagePath, "utf8").split(/^## /m)

test("the page says what the sources say", async () => {
  expect(sections.join("## "), `${pagePath} is out of date: npm run table`).toBe(await page())
})

test.each(Object.entries(entry))("whatever %s exports at run time is in its section", async (name, file) => {
  const heading = name === "index" ? "`thalweg`\n" : `\`thalweg/${name}\`\n`
  const section = sections.find(text => text.startsWith(heading)) ?? ""
  const module = (await import(/* @vite-ignore */ resolve(file))) as object
  expect(Object.keys(module).filter(exported => !new RegExp(`\`${exported}[(\`]`).test(section))).toEqual([])
})
