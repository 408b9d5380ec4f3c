import { existsSync, readdirSync, readFileSync } from "node:fs"

/** An example of the documentation: a whole module, and the line of `file` where its code begins. */
export interface Example {
  readonly file: string
  readonly line: number
  readonly code: string
}

interface Line {
  readonly text: string
  readonly number: number
}

const example = (file: string, lines: readonly Line[]): Example => ({
  file,
  line: lines[0]?.number ?? 1,
  code: lines.map(line => line.text).join("\n") + "\n"
})

const numbered = (text: string, first = 1): readonly Line[] =>
  text.split("\n").map((line, i) => ({ text: line, number: first + i }))

/** The blocks of lines that begin at a line matching `open` (excluded) and last until one matching `close` (excluded). */
const between = (lines: readonly Line[], open: RegExp, close: RegExp): readonly (readonly Line[])[] => {
  const start = lines.findIndex(line => open.test(line.text))
  if (start < 0) return []
  const rest = lines.slice(start + 1)
  const length = rest.findIndex(line => close.test(line.text))
  const block = length < 0 ? rest : rest.slice(0, length)
  return [block, ...between(rest.slice(block.length), open, close)]
}

const fenced = (lines: readonly Line[]) => between(lines, /^\s*```ts\s*$/, /^\s*```\s*$/)

const docstrings = (text: string): readonly (readonly Line[])[] =>
  [...text.matchAll(/^[ \t]*\/\*\*[^]*?\*\//gm)].map(match =>
    numbered(match[0], text.slice(0, match.index).split("\n").length).map(line => ({
      ...line,
      text: line.text.replace(/^\s*(\/\*\*|\*\/|\*) ?/, "").replace(/\s*\*\/$/, "")
    }))
  )

/** Every ts block of a page. */
export const ofMarkdown = (file: string, text: string): readonly Example[] =>
  fenced(numbered(text)).map(lines => example(file, lines))

/** The body of every `@example` of a source file, bare or fenced. */
export const ofSource = (file: string, text: string): readonly Example[] =>
  docstrings(text)
    .flatMap(lines => between(lines, /^@example\b/, /^@\w/))
    .flatMap(body => (body.some(line => line.text.includes("```")) ? fenced(body) : [body]))
    .map(lines => example(file, lines))

export const filesBelow = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: "utf8" })
        .map(name => `${folder}/${name.replaceAll("\\", "/")}`)
        .sort()
    : []

/** All examples of README.md, src and laws. */
export const collectExamples = (): readonly Example[] =>
  ["README.md", ...filesBelow("src"), ...filesBelow("laws")].flatMap(file => {
    if (file.endsWith("README.md")) return existsSync(file) ? ofMarkdown(file, readFileSync(file, "utf8")) : []
    return file.endsWith(".ts") ? ofSource(file, readFileSync(file, "utf8")) : []
  })
