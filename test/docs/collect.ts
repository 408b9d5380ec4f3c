import { existsSync, readdirSync, readFileSync } from "node:fs"
import { transformSync } from "esbuild"

/** An example of the documentation: a whole module, and the line of `file` where its code begins. */
export interface Example {
  readonly file: string
  readonly line: number
  /** What its fence says, "js" or "ts"; "" where it has none. */
  readonly language: string
  readonly code: string
}

interface Line {
  readonly text: string
  readonly number: number
}

const example = (file: string, [open, ...lines]: readonly Line[]): Example => ({
  file,
  line: lines[0]?.number ?? 1,
  language: /^\s*```(\w+)/.exec(open?.text ?? "")?.[1] ?? "",
  code: lines.map(line => line.text).join("\n") + "\n"
})

const numbered = (text: string, first = 1): readonly Line[] =>
  text.split("\n").map((line, i) => ({ text: line, number: first + i }))

/** The blocks of lines that begin with a line matching `open` and last until one matching `close` (excluded). */
const between = (lines: readonly Line[], open: RegExp, close: RegExp): readonly (readonly Line[])[] => {
  const start = lines.findIndex(line => open.test(line.text))
  if (start < 0) return []
  const rest = lines.slice(start + 1)
  const length = rest.findIndex(line => close.test(line.text))
  const end = length < 0 ? lines.length : start + 1 + length
  return [lines.slice(start, end), ...between(lines.slice(end), open, close)]
}

const fenced = (lines: readonly Line[]) => between(lines, /^\s*```[jt]s\s*$/, /^\s*```\s*$/)

const docstrings = (text: string): readonly (readonly Line[])[] =>
  [...text.matchAll(/^[ \t]*\/\*\*[^]*?\*\//gm)].map(match =>
    numbered(match[0], text.slice(0, match.index).split("\n").length).map(line => ({
      ...line,
      text: line.text.replace(/^\s*(\/\*\*|\*\/|\*) ?/, "").replace(/\s*\*\/$/, "")
    }))
  )

/** The language of a program. */
export const languageOf = (code: string): "js" | "ts" => {
  try {
    transformSync(code, { loader: "js", format: "esm", logLevel: "silent" })
    return "js"
  } catch {
    return "ts"
  }
}

/** Every js or ts block of a page. */
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
