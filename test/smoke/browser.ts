import { execFileSync } from "node:child_process"
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const places = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]

const chromium = (): string => {
  const found = places.find(path => path !== undefined && existsSync(path))
  if (found === undefined) throw new Error("there is no Chromium: apt install chromium, or CHROMIUM=its path")
  return found
}

// prettier-ignore
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--dump-dom"
]

/**
 * Runs a script of a folder in Chromium, on a page that allows files as scripts and what else `policy` says; the script
 * writes JSON into the body.
 */
export const inChromium = (folder: string, script: string, policy: string): unknown => {
  const page = join(folder, "page.html")
  const header = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src file: ${policy}">`
  writeFileSync(page, `<!doctype html><meta charset="utf-8">${header}<body></body><script src="${script}"></script>`)
  const flags = [...FLAGS, `--user-data-dir=${join(folder, "chromium")}`]
  const dom = execFileSync(chromium(), [...flags, `file://${page}`], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"]
  })
  const text = /<body>([^<]*)/.exec(dom)?.[1]
  if (text === undefined || text === "") throw new Error(`the script wrote nothing: ${dom}`)
  return JSON.parse(text.replaceAll("&amp;", "&"))
}
