import * as laws from "thalweg/laws"
import * as optimizers from "thalweg/optimizer"
import { describe, expect, test } from "vitest"
import { holds, isHeld } from "./hold.js"
import { combinators, noise } from "./suites/combinators.js"

describe.each(combinators.map(suite => [suite[0], suite] as const))("%s", (_, suite) => {
  isHeld(suite, { numRuns: 40 })
})

describe("addNoise", () => {
  isHeld(noise, { numRuns: 30 })
})

/** What no spec describes is not among the random optimizers that the laws of all are checked with. */
const { adam, freeze, masked, ontoL2Ball, partition, project, sgd } = optimizers
const every2nd = (path: string): boolean => path.length % 2 === 0
const [adaptive, heavy] = [adam({ learningRate: 0.1 }), sgd({ learningRate: 0.1, momentum: 0.9 })]
const unspoken = [
  ["masked", laws.optimizerLaws(masked(every2nd)(adaptive))],
  ["freeze", laws.optimizerLaws(freeze(every2nd)(adaptive))],
  ["partition", laws.optimizerLaws(partition({ adaptive, heavy }, path => (every2nd(path) ? "adaptive" : "heavy")))],
  ["project", laws.optimizerLaws(project(ontoL2Ball(2))(adaptive))]
] as const

describe.each(unspoken)("%s is an optimizer", (_, suite) => {
  holds(suite, { numRuns: 15 })
})

describe("what is false", () => {
  test.each(laws.counterLaws.map(claim => [claim.name, claim] as const))("%s", (_, claim) => {
    expect(laws.check(claim, { shrink: false })).toMatchObject({ holds: false, law: claim.name })
  })
})
