import * as optimizer from "thalweg/optimizer"
import * as schedule from "thalweg/schedule"
import { entries } from "../variants/index.js"
import { constantsOf, docstringsOf, summaryOf } from "./table.docstrings.js"
import { reachOf } from "./table.reach.js"

/** A row of a catalogue, when the types of its options do not matter. */
interface Catalogued {
  readonly fields: object
  readonly make: (options: never) => unknown
  readonly traits?: object
}

/** What the page says of a row. */
export interface Row<A> {
  readonly name: string
  /** The first paragraph of its docstring. */
  readonly summary: string
  readonly actsOn: string
  readonly source: Source | undefined
  /** What its docstring says of other libraries. */
  readonly reach: string
  readonly fields: optimizer.Fields
  readonly make: (options: Readonly<Record<string, unknown>>) => A
  readonly traits: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** The first publication that a docstring names. */
export interface Source {
  readonly reference: string
  readonly arXiv: string | undefined
}

const sourceOf = (text: string): Source | undefined => {
  const found = /\bSource: ([A-Z](?:et al\.|[^.;])*? \d{4})(?:, arXiv (\d{4}\.\d{4,5}))?/.exec(
    text.replace(/\s+/g, " ")
  )
  return found?.[1] === undefined ? undefined : { reference: found[1], arXiv: found[2] }
}

const actedOn = (text: string): string | undefined => /\bActs on (?:the )?(\w+)/.exec(text)?.[1]

const first = <A>(texts: readonly string[], find: (text: string) => A | undefined): A | undefined =>
  texts.map(find).find(found => found !== undefined)

interface Place {
  readonly folder: string
  readonly catalogue: readonly [file: string, name: string]
  readonly published: object
}

/** The function that is called in what stands in code in a docstring. */
const callIn = (text = ""): readonly string[] => /`(\w+)\(/.exec(text)?.slice(1) ?? []

/** What is said of a row: by the function of its name, and by the one that the row's own docstring says it calls. */
const docstringsFor = (name: string, constant = name, all: ReadonlyMap<string, string>, published: object) => {
  const made = constant === name ? [] : callIn(all.get(constant))
  return [name, ...made].flatMap(one => {
    const docstring = Object.hasOwn(published, one) ? all.get(one) : undefined
    return docstring === undefined ? [] : [docstring]
  })
}

const rowsOf = <A>(rows: Readonly<Record<string, Catalogued>>, { folder, catalogue, published }: Place) => {
  const all = docstringsOf(`src/${folder}`)
  const constants = constantsOf(`src/${folder}/${catalogue[0]}`, catalogue[1])
  return Object.entries(rows).map(([name, row]): Row<A> => {
    const texts = docstringsFor(name, constants.get(name), all, published)
    const [own] = texts
    if (own === undefined) throw new Error(`${catalogue[1]}.${name}: no docstring`)
    return {
      ...(row as unknown as Pick<Row<A>, "fields" | "make">),
      traits: (row.traits ?? {}) as Row<A>["traits"],
      name,
      summary: summaryOf(own),
      actsOn: first(texts, actedOn) ?? "",
      source: first(texts, sourceOf),
      reach: reachOf(own)
    }
  })
}

const places = new Map(Object.keys(entries).map((name, place) => [name, place]))

/** Family by family, as in the table of variants. */
const byFamily = (a: { readonly name: string }, b: { readonly name: string }): number =>
  (places.get(a.name) ?? 0) - (places.get(b.name) ?? 0)

export const optimizerRows = rowsOf<optimizer.AnyOptimizer>(optimizer.optimizers, {
  folder: "optimizer",
  catalogue: ["catalogue.ts", "optimizers"],
  published: optimizer
}).sort(byFamily)

export const combinatorRows = rowsOf<(inner: optimizer.AnyOptimizer) => optimizer.AnyOptimizer>(optimizer.combinators, {
  folder: "optimizer",
  catalogue: ["combinators.ts", "projecting"],
  published: optimizer
}).sort(byFamily)

export const scheduleRows = rowsOf<schedule.Schedule>(schedule.schedules, {
  folder: "schedule",
  catalogue: ["catalogue.ts", "schedules"],
  published: schedule
})
