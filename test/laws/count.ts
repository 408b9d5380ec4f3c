import { check, counterLaws } from "thalweg/laws"
import { suites } from "./suites/all.js"

const distinct = (names: readonly string[]): number => new Set(names).size

const mutants = suites.flatMap(([, , found]) =>
  Object.entries(found).flatMap(([law, list]) => list.map(({ name, suite }) => ({ law, name, suite })))
)

/** Whether the law that should find a mutant out holds of it. */
const survives = ({ law, suite }: (typeof mutants)[number]): boolean =>
  suite.filter(({ name }) => name === law).every(claim => check(claim, { shrink: false }).holds)

const surviving = mutants.filter(survives)
const refuted = counterLaws.filter(claim => !check(claim, { shrink: false }).holds)

console.log(`${distinct(suites.flatMap(([, laws]) => laws.map(({ name }) => name)))} laws in ${suites.length} suites`)
console.log(`${counterLaws.length} counter-laws, ${refuted.length} of them refuted`)
console.log(`${mutants.length} mutants, ${surviving.length} of them survive`)
surviving.forEach(({ law, name }) => console.log(`  ${law}: ${name}`))
process.exitCode = surviving.length > 0 || refuted.length < counterLaws.length ? 1 : 0
