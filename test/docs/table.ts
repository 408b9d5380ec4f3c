import { writeFileSync } from "node:fs"
import { page, pagePath } from "./table.page.js"

writeFileSync(pagePath, await page())
console.log(pagePath)
