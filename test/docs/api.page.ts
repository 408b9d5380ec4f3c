import { readFileSync } from "node:fs"
import { format, resolveConfig } from "prettier"
import type { Program, Symbol, TypeChecker } from "typescript"
import { entry } from "../../tsup.config.js"
import { callForm } from "./calls.js"
import { exportsOf, isValue, programOf, type Exported } from "./exports.js"
import { summaryOf } from "./table.docstrings.js"
import { sentencesOf } from "./table.reach.js"

/** The page that this writes. */
export const pagePath = "src/API.md"

interface EntryPoint {
  readonly subpath: string
  readonly about: string
  readonly exports: readonly Exported[]
}

const lines = (items: readonly string[]): string => items.join("\n")

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Alphabetically, in whatever case. */
const byName = (a: Exported, b: Exported): number => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1)

/** The rows of the README's table of entry points, in its order: what is imported, and what is in it. */
const tableOfEntryPoints = (): readonly (readonly [subpath: string, about: string])[] =>
  [...readFileSync("README.md", "utf8").matchAll(/^\| `(thalweg[\w/]*)` +\| (.*?) +\|$/gm)].map(
    ([, subpath = "", about = ""]) => [subpath, about]
  )

const fileOf = (subpath: string): string => {
  const file = entry[subpath === "thalweg" ? "index" : subpath.replace("thalweg/", "")]
  if (file === undefined) throw new Error(`README.md: there is no entry point "${subpath}"`)
  return file
}

const entryPoints = (program: Program): readonly EntryPoint[] => {
  const rows = tableOfEntryPoints()
  if (rows.length !== Object.keys(entry).length) throw new Error("README.md: a row for each entry point is missing")
  return rows.map(([subpath, about]) => ({ subpath, about, exports: exportsOf(program, fileOf(subpath)) }))
}

/** The entry point, first in their order, at which something is told. */
const homesOf = (points: readonly EntryPoint[]): ReadonlyMap<Symbol, string> =>
  new Map(
    points.toReversed().flatMap(({ subpath, exports }) => exports.map(({ symbol }) => [symbol, subpath] as const))
  )

const line = ({ name, docstring }: Exported, shown: string): string => {
  const [sentence = ""] = sentencesOf(summaryOf(docstring))
  if (sentence === "") throw new Error(`${name} has no docstring`)
  return `- \`${shown}\`: ${capitalized(sentence)}`
}

const list = (exports: readonly Exported[], show: (one: Exported) => string): string =>
  lines(exports.toSorted(byName).map(one => line(one, show(one))))

const also = (home: string, exports: readonly Exported[]): readonly string[] => {
  const names = exports.toSorted(byName).map(({ name }) => `\`${name}\``)
  return names.length === 0 ? [] : [`Also ${names.join(", ")} (from [\`${home}\`](#${home.replace("/", "")})).`]
}

const section = (
  { subpath, about, exports }: EntryPoint,
  homes: ReadonlyMap<Symbol, string>,
  checker: TypeChecker
): string => {
  const at = (home: string): readonly Exported[] => exports.filter(({ symbol }) => homes.get(symbol) === home)
  const types = at(subpath).filter(one => !isValue(one))
  const others = [...new Set(homes.values())].filter(home => home !== subpath)
  const parts = [
    `## \`${subpath}\``,
    `${capitalized(about)}.`,
    list(at(subpath).filter(isValue), ({ name, symbol }) => callForm(checker, name, symbol)),
    ...(types.length === 0 ? [] : ["Types:", list(types, ({ name }) => name)]),
    ...others.flatMap(home => also(home, at(home)))
  ]
  return parts.join("\n\n")
}

/** The page as it should be. */
export const page = async (): Promise<string> => {
  const program = programOf(Object.values(entry))
  const points = entryPoints(program)
  const homes = homesOf(points)
  const intro = `# Every public name

Each entry point, what it exports, how that is called, and the first sentence of what its docstring says; editors show the
rest. \`?\` marks what need not be given, \`…\` stands for it where it is much. \`npm run table\` writes this page, and a test
holds it to the sources: edit those.`
  const text = [intro, ...points.map(point => section(point, homes, program.getTypeChecker()))].join("\n\n")
  return format(text, { ...(await resolveConfig(pagePath)), parser: "markdown" })
}
