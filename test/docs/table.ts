import { writeFileSync } from "node:fs"
import * as api from "./api.page.js"
import * as catalogue from "./table.page.js"

for (const { page, pagePath } of [catalogue, api]) {
  writeFileSync(pagePath, await page())
  console.log(pagePath)
}
