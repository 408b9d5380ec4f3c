import { check, counterLaws } from "thalweg/laws"
import { isFoundOut } from "./mutants/mutant.js"
import { suites } from "./suites/all.js"

const distinct = (names: readonly string[]): number => new Set(names).size

const mutants = suites.flatMap(([, , found]) =>
  Object.entries(found).flatMap(([law, list]) => list.map(mutant => ({ law, ...mutant })))
)

/** Whether the law that should find a mutant out does not. */
const survives = (mutant: (typeof mutants)[number]): boolean =>
  !mutant.suite.some(claim => claim.name === mutant.law && isFoundOut(mutant, check(claim, { shrink: false })))

const surviving = mutants.filter(survives)
const refuted = counterLaws.filter(claim => !check(claim, { shrink: false }).holds)

console.log(`${distinct(suites.flatMap(([, laws]) => laws.map(({ name }) => name)))} laws in ${suites.length} suites`)
console.log(`${counterLaws.length} counter-laws, ${refuted.length} of them refuted`)
console.log(`${mutants.length} mutants, ${surviving.length} of them survive`)
surviving.forEach(({ law, name }) => console.log(`  ${law}: ${name}`))
process.exitCode = surviving.length > 0 || refuted.length < counterLaws.length ? 1 : 0
