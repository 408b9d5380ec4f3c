import type { combinators, optimizers } from "thalweg/optimizer"
import type { schedules } from "thalweg/schedule"

/** What the generated program is made from: the entry points of the packed library. */
export interface Packed {
  readonly optimizer: { readonly optimizers: typeof optimizers; readonly combinators: typeof combinators }
  readonly schedule: { readonly schedules: typeof schedules }
}

type Row = { readonly fields: Readonly<Record<string, { readonly kind: string }>> }

/** Rows whose name is not that of a function of one record, or of the one option that must be given. */
const special: Readonly<Record<string, string>> = {
  noisySgd: "noisySgd(key(0), { learningRate: 0.5 })",
  scheduledNadam: "nadam({ learningRate: 0.5, momentumDecay: 0.5 })",
  partition: `partition({ a: sgd({ learningRate: 0.5 }), b: adam() }, () => "a")`,
  maximize: "maximize",
  addNoise: "addNoise(key(0), { eta: 0.5 })",
  ontoSimplex: "project(ontoSimplex())",
  ontoL1Ball: "project(ontoL1Ball(0.5))",
  ontoL2Ball: "project(ontoL2Ball(0.5))",
  ontoLInfBall: "project(ontoLInfBall(0.5))",
  ontoBox: "project(ontoBox({ lower: 0 }))",
  ontoNonNegative: "project(ontoNonNegative)",
  constant: "constant(0.5)",
  warmup: "warmup({ steps: 5 })(constant(0.5))",
  scale: "scale(0.5)(constant(0.5))",
  shift: "shift(5)(constant(0.5))",
  product: "product([constant(0.5)])",
  atLeast: "atLeast(0.5)(constant(0.5))",
  atMost: "atMost(0.5)(constant(0.5))"
}

const values: Readonly<Record<string, string>> = {
  numbers: "[0.5]",
  schedules: "[constant(0.5)]",
  patterns: `"**"`
}

/** The options that must be given, each with some value: the program is compiled, not run. */
const required = ({ fields }: Row): readonly (readonly [name: string, value: string])[] =>
  Object.entries(fields)
    .filter(([, field]) => !("fallback" in field))
    .map(([name, { kind }]) => [name, values[kind] ?? "0.5"])

const inRecord = (name: string, row: Row): string =>
  `${name}({ ${required(row)
    .map(([option, value]) => `${option}: ${value}`)
    .join(", ")} })`

const byItself = (name: string, row: Row): string => {
  const [only, ...others] = required(row)
  return only !== undefined && others.length === 0 ? `${name}(${only[1]})` : inRecord(name, row)
}

const declare = (rows: Readonly<Record<string, Row>>, call: (name: string, row: Row) => string): readonly string[] =>
  Object.entries(rows).map(([name, row]) => `export const ${name}_ = ${special[name] ?? call(name, row)}`)

const importAll = (subpath: string, entry: object): string =>
  `import { ${Object.keys(entry).join(", ")} } from "thalweg/${subpath}"`

/** Two programs that declare everything in the catalogues, so that a compiler has to name the type of each. */
export const catalogue = ({ optimizer, schedule }: Packed): Readonly<Record<"optimizers" | "schedules", string>> => ({
  optimizers: [
    `import { key } from "thalweg/random"`,
    importAll("optimizer", optimizer),
    ...declare(optimizer.optimizers, inRecord),
    ...declare(optimizer.combinators, byItself),
    ...Object.keys(optimizer.combinators).map(name => `export const ${name}_sgd = ${name}_(sgd({ learningRate: 0.5 }))`)
  ].join("\n"),
  schedules: [importAll("schedule", schedule), ...declare(schedule.schedules, inRecord)].join("\n")
})
