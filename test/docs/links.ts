import { existsSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"

const withoutBlocks = (page: string): string => page.replace(/^ *(```+)[^]*?^ *\1 *$/gm, "")

const withoutCode = (page: string): string => withoutBlocks(page).replace(/(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, "")

/** Where a page links to within its folder and those beside it. */
const linksOf = (page: string): readonly string[] =>
  [...withoutCode(page).matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$/gm)]
    .map(([, inline, defined]) => inline ?? defined ?? "")
    .filter(target => !/^[a-z]+:/.test(target))

/** The anchors of the headings of a page, as GitHub and npm make them; of several alike, those after the first are numbered. */
const anchorsOf = (page: string): readonly string[] => {
  const slugs = [...withoutBlocks(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-")
  )
  return slugs.map((slug, i) => {
    const before = slugs.slice(0, i).filter(other => other === slug).length
    return before === 0 ? slug : `${slug}-${before}`
  })
}

/** The links of a page of Markdown below `root` to files, or to anchors in them, that are not there. */
export const brokenLinks = (root: string, page: string): readonly string[] => {
  const text = readFileSync(join(root, page), "utf8")
  const resolves = (target: string): boolean => {
    const [path = "", anchor] = target.split("#")
    const file = path === "" ? join(root, page) : join(root, dirname(page), path)
    if (relative(root, file).startsWith("..") || !existsSync(file)) return false
    return anchor === undefined || anchorsOf(readFileSync(file, "utf8")).includes(anchor)
  }
  return linksOf(text)
    .filter(target => !resolves(target))
    .map(target => `${page}: ${target}`)
}
