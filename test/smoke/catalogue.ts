/** What is looked at of a recipe: what its options may be. */
interface Row {
  readonly fields: Readonly<Record<string, { readonly kind: string; readonly default: unknown }>>
}

type Named<A> = readonly (readonly [name: string, value: A])[]

/** What an entry point exports. */
export type Entry = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is object =>
  (typeof value === "object" || typeof value === "function") && value !== null

const isRow = (value: unknown): value is Row => isObject(value) && "fields" in value && "make" in value

const rowsOf = (value: unknown): Named<Row> =>
  isObject(value) ? Object.entries(value).filter((row): row is [string, Row] => isRow(row[1])) : []

/** A value for an option of each kind; the program is compiled, not run. */
const values: Readonly<Record<string, string>> = {
  numbers: "[0.5]",
  schedule: "t => t",
  schedules: "[t => t]",
  mask: `"**"`,
  labels: `[["**", "a"]]`,
  optimizers: "{ a: sgd({ learningRate: 0.5 }) }",
  code: "x => x"
}

/** The options that must be given. */
const options = ({ fields }: Row): string =>
  Object.entries(fields)
    .filter(([, field]) => field.default === undefined)
    .map(([name, { kind }]) => `${name}: ${values[kind] ?? "0.5"}`)
    .join(", ")

const make = (where: string, [name, row]: Named<Row>[number]): string => `${where}${name}.make({ ${options(row)} })`

/**
 * A program that declares every value of an entry point by another name, what every recipe and every row of a catalogue
 * makes, and every combinator around an optimizer, so that a compiler has to name the type of each.
 */
export const declareAll = (subpath: string, entry: Entry): string => {
  const recipes = rowsOf(entry)
  const [optimizers, combinators] = [rowsOf(entry["optimizers"]), rowsOf(entry["combinators"])]
  return [
    `import { ${Object.keys(entry).join(", ")} } from "${subpath}"`,
    ...Object.keys(entry).map(name => `export const same_${name} = ${name}`),
    ...recipes.map(row => `export const made_${row[0]} = ${make("", row)}`),
    ...optimizers.map(row => `export const row_${row[0]} = ${make("optimizers.", row)}`),
    ...combinators.map(
      row => `export const around_${row[0]} = ${make("combinators.", row)}(sgd({ learningRate: 0.5 }))`
    )
  ].join("\n")
}
