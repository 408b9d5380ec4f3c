import * as optimizer from "thalweg/optimizer"
import { combinators, optimizers } from "thalweg/optimizer"
import { expect, test } from "vitest"

/** What is exported and no row. */
const noRow: ReadonlySet<string> = new Set([
  ...["optimizer", "onGradient", "onDisplacement"], // take transforms
  "anyOptimizer", // is the optimizer
  "project", // a row for each projection
  ...["equations", "dataflow"], // show an optimizer
  ...["optimizers", "combinators"]
])

test("every export has a row, or a reason", () => {
  const names = new Set([...Object.keys(optimizers), ...Object.keys(combinators), ...noRow])
  expect(Object.keys(optimizer).filter(name => !names.has(name))).toEqual([])
})
