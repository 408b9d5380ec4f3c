import { readFileSync } from "node:fs"
import { format, resolveConfig } from "prettier"
import type { AnyOptimizer } from "thalweg/optimizer"
import { needsOf, overDescent, stateOf } from "./table.behaviour.js"
import type { Part } from "../variants/variant.js"
import { cellsOf } from "./table.elsewhere.js"
import { isMadeOfOthers, showFields, showValues, type Options } from "./table.options.js"
import { combinatorRows, optimizerRows, scheduleRows, type Row } from "./table.rows.js"

/** The page that this writes. */
export const pagePath = "src/optimizer/README.md"

type AnyRow = Row<unknown>

const link = (row: AnyRow): string => `[${row.name}]`

const lines = (items: readonly string[]): string => items.join("\n")

const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  lines([header, header.map(() => "---"), ...rows].map(cells => `| ${cells.join(" | ")} |`))

const code = (name: string): string => `\`${name}\``

/** So many options stand in a cell. */
const SHOWN = 2

/** Whether something is seen, where a trait says that it is not. */
const sees = (unseen: Options | undefined): string => {
  if (unseen === undefined) return "yes"
  const options = Object.keys(unseen).map(code)
  if (options.length === 0) return "no"
  return `by ${[...options.slice(0, SHOWN), ...(options.length > SHOWN ? ["…"] : [])].join(", ")}`
}

const showSource = ({ source }: AnyRow): string =>
  source === undefined
    ? ""
    : [source.reference, ...(source.arXiv === undefined ? [] : [`[${source.arXiv}]`])].join(", ")

const conditional = ({ traits }: AnyRow): readonly (readonly [trait: string, options: Options])[] =>
  Object.entries(traits).filter(([, options]) => Object.keys(options).length > 0)

/** Traits that are conditional on the same options, together. */
const conditions = (row: AnyRow): readonly string[] => {
  const all = conditional(row).map(([trait, options]) => ({ trait, under: showValues(options) }))
  return [...new Set(all.map(({ under }) => under))].map(under => {
    const traits = all.filter(one => one.under === under).map(({ trait }) => trait)
    return `With ${under}: ${traits.join(", ")}.`
  })
}

/** What a row is, its options, and what is true of it under some of them, below a heading of so many `#`. */
const entry = (heading: string, row: AnyRow): string => {
  const options = showFields(row.fields)
  const details = [
    ...(options === "" ? [] : [`Options: ${options}.`]),
    ...conditions(row),
    ...(row.reach === "" ? [] : [`How to reach others: ${row.reach}`])
  ]
  return [`${heading} ${row.name}`, row.summary, lines(details.map(detail => `- ${detail}`))].join("\n\n")
}

const entries = (heading: string, rows: readonly AnyRow[]): string => rows.map(row => entry(heading, row)).join("\n\n")

const optimizerCells = (row: Row<AnyOptimizer>): readonly string[] =>
  isMadeOfOthers(row.fields)
    ? ["theirs", "as they do", "as they do"]
    : [stateOf(row), sees(row.traits["blind"]), sees(row.traits["scaleFree"])]

const optimizerTable = (rows: readonly Row<AnyOptimizer>[]): string =>
  table(
    ["name", "state", "sees parameters", "sees scale", "source"],
    rows.map(row => [link(row), ...optimizerCells(row), showSource(row)])
  )

const allTraits = [...new Set(optimizerRows.flatMap(({ traits }) => Object.keys(traits)))]

/** The traits that a combinator keeps, or those that it does not, whichever are fewer; in parentheses under options. */
const keeps = ({ traits }: AnyRow): string => {
  const lost = allTraits.filter(trait => traits[trait] === undefined)
  const kept = allTraits.flatMap(trait => {
    const options = traits[trait]
    return options === undefined ? [] : [Object.keys(options).length === 0 ? trait : `(${trait})`]
  })
  if (kept.some(trait => trait.startsWith("(")) || kept.length < lost.length) return kept.join(", ")
  return lost.length === 0 ? "all" : `all but ${lost.join(", ")}`
}

const combinatorTable = table(
  ["name", "acts on", "state", "keeps", "source"],
  combinatorRows.map(row => [link(row), row.actsOn, stateOf(overDescent(row)), keeps(row), showSource(row)])
)

const groups = {
  element: optimizerRows.filter(({ traits }) => traits["elementwise"]),
  leaf: optimizerRows.filter(({ traits }) => traits["leafwise"] && !traits["elementwise"]),
  tree: optimizerRows.filter(({ traits }) => !traits["leafwise"])
}

const needs = [
  ...optimizerRows.map(row => ({ name: link(row), ...needsOf(row) })),
  ...combinatorRows.map(row => ({ name: link(row), ...needsOf(overDescent(row)) }))
]

const asking = (what: "loss" | "objective" | "exampleGradients" | "gradientPoint" | "evalParams"): string =>
  needs
    .filter(row => row[what])
    .map(({ name }) => name)
    .join(", ")

const elsewhereTable = (library: string, ...parts: readonly Part[]): string =>
  table([code(library), "here", "golden case"], parts.flatMap(cellsOf))

const definitions = (): string => {
  const rows: readonly AnyRow[] = [...optimizerRows, ...combinatorRows, ...scheduleRows]
  const papers = [...optimizerRows, ...combinatorRows].flatMap(({ source }) => source?.arXiv ?? [])
  const defined = [
    ...rows.map(({ name }) => [name, `#${name.toLowerCase()}`] as const),
    ...[...new Set(papers)].sort().map(id => [id, `https://arxiv.org/abs/${id}`] as const)
  ]
  const labels = defined.map(([label]) => label.toLowerCase()) // Markdown does not see the case of labels
  const twice = labels.find((label, i) => labels.indexOf(label) !== i)
  if (twice !== undefined) throw new Error(`two things are called "${twice}"`)
  return lines(defined.map(([label, target]) => `[${label}]: ${target}`))
}

const parts: Readonly<Record<string, () => string>> = {
  needsLoss: () => asking("loss"),
  needsObjective: () => asking("objective"),
  needsExamples: () => asking("exampleGradients"),
  needsGradientPoint: () => asking("gradientPoint"),
  needsEvalParams: () => asking("evalParams"),
  elementTable: () => optimizerTable(groups.element),
  leafTable: () => optimizerTable(groups.leaf),
  treeTable: () => optimizerTable(groups.tree),
  optimizers: () => entries("####", optimizerRows),
  combinatorTable: () => combinatorTable,
  combinators: () => entries("####", combinatorRows),
  schedules: () => entries("###", scheduleRows),
  torch: () => elsewhereTable("torch.optim", "torch", "torchBeside"),
  torchSchedules: () => elsewhereTable("torch.optim.lr_scheduler", "torchSchedules"),
  optax: () => elsewhereTable("optax", "optax"),
  contrib: () => elsewhereTable("optax.contrib", "contrib"),
  transforms: () => elsewhereTable("optax", "optaxBeside"),
  optaxSchedules: () => elsewhereTable("optax", "optaxSchedules"),
  keras: () => elsewhereTable("keras.optimizers", "keras", "kerasBeside"),
  kerasSchedules: () => elsewhereTable("keras.optimizers.schedules", "kerasSchedules"),
  definitions
}

/** The page as it should be. */
export const page = async (): Promise<string> => {
  const template = readFileSync("test/docs/table.template.md", "utf8")
  const text = template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const part = parts[name]
    if (part === undefined) throw new Error(`table.template.md: no part "${name}"`)
    return part()
  })
  return format(text, { ...(await resolveConfig(pagePath)), parser: "markdown", proseWrap: "always" })
}
