import * as optimizer from "thalweg/optimizer"
import { combinators, optimizers } from "thalweg/optimizer"
import { arbOptimizer, check, traitLawsOver } from "thalweg/laws"
import type { Trait } from "thalweg/optimizer"
import { expect, test, vi } from "vitest"

vi.setConfig({ testTimeout: 600_000 }) // for a busy machine; nothing here is about speed

/** What is exported and no row. */
const noRow: ReadonlySet<string> = new Set([
  ...["optimizer", "onGradient", "onDisplacement"], // take transforms
  ...["altered", "around", "clocked", "given", "moveBy", "moveTo", "noMove", "optimizerOf"], // what combinators are written with
  "project", // a row for each projection
  "byDepth", // for repeated layers, without options
  ...["optimizers", "combinators"]
])

test("every export has a row, or a reason", () => {
  const names = new Set([...Object.keys(optimizers), ...Object.keys(combinators), ...noRow])
  expect(Object.keys(optimizer).filter(name => !names.has(name))).toEqual([])
})

const traits: readonly Trait[] = ["additive", "leafwise", "elementwise", "blind", "odd", "still", "scaleFree"]

/** What holds in these laws, where parameters stay or the loss is made of the gradient, and is not claimed of all runs. */
const unclaimed: Readonly<Record<string, readonly Trait[]>> = {
  madgrad: ["still"],
  adahessian: ["leafwise", "elementwise"],
  cocob: ["blind", "odd"],
  dowg: ["blind"],
  polyakSgd: ["blind"]
}

test.each(Object.entries(optimizers))("%s claims every trait that it has", (name, row) => {
  const others = traits.filter(trait => !(trait in row.traits))
  const alone = arbOptimizer({ optimizers: [name as keyof typeof optimizers], combinators: [] })
  const held = others.filter(trait =>
    traitLawsOver(trait, alone).every(claim => check(claim, { numRuns: 200, shrink: false }).holds)
  )
  expect(held).toEqual(unclaimed[name] ?? [])
})
