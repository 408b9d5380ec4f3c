import { readdirSync } from "node:fs"
import { variants } from "../variants/index.js"
import { schedules } from "../variants/schedules.js"
import type { Part, ScheduleVariant, Variant } from "../variants/variant.js"
import { codeOf } from "./table.elsewhere.text.js"

export type ElsewhereRow = Variant | ScheduleVariant

/** A row as three cells: theirs, ours, and the golden case that holds them together. */
export type Cells = readonly [theirs: string, ours: string, golden: string]

export const elsewhere: readonly ElsewhereRow[] = [...variants, ...schedules]

const folder = "test/variants"

const written: ReadonlyMap<string, string> = codeOf(
  readdirSync(folder)
    .filter(name => /^\w+\.ts$/.test(name))
    .map(name => `${folder}/${name}`)
)

const code = (text: string): string => `\`${text}\``

/** A name is code; where there are words around it, they say themselves what is. */
const shown = (theirs: string): string => (theirs.includes("`") ? theirs : code(theirs))

/** What rows are sorted by: the first name in them; of one name, they stay as they are. */
const firstName = (theirs: string): string => (/[\w.]+/.exec(theirs)?.[0] ?? theirs).toLowerCase()

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

/** Whether a case is of the library of a part; combinators are optax's. */
export const isOf = (part: Part, name: string): boolean =>
  (/^(torch|keras)/.exec(part)?.[0] ?? "optax") === name.split("/")[0]?.replace("combinators", "optax")

/** The rows of a part, in the order of their names, in words and code. */
export const cellsOf = (part: Part): readonly Cells[] =>
  elsewhere
    .flatMap(row => {
      const theirs = row.theirs[part]
      return theirs === undefined ? [] : [{ theirs, row }]
    })
    .toSorted((a, b) => compare(firstName(a.theirs), firstName(b.theirs)))
    .map(({ theirs, row }): Cells => {
      if (row.kind === "words") return [shown(theirs), row.says, ""]
      const ours = written.get(`${part} ${theirs}`)
      if (ours === undefined) throw new Error(`${part}: no code for "${theirs}"`)
      const golden = row.cases.find(name => isOf(part, name))
      if (golden === undefined) throw new Error(`${part}: no case of its library for "${theirs}"`)
      return [shown(theirs), code(ours), code(golden)]
    })
