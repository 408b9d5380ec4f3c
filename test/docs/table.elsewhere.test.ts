import { expect, test } from "vitest"
import { allCases, bareName } from "../variants/cases.js"
import { notReached } from "../variants/deviations.js"
import { composed } from "../variants/index.js"
import type { Part } from "../variants/variant.js"
import { cellsOf, elsewhere, isOf } from "./table.elsewhere.js"

const optimizersOf = {
  torch: `Adadelta Adafactor Adagrad Adam AdamW Adamax ASGD LBFGS Muon NAdam RAdam RMSprop Rprop SGD SparseAdam`,
  optax: `adabelief adadelta adafactor adagrad adam adamax adamaxw adamw adan amsgrad fromage lamb lars lbfgs lion nadam
    nadamw noisy_sgd novograd optimistic_adam optimistic_adam_v2 optimistic_gradient_descent polyak_sgd radam rmsprop
    rprop sgd sign_sgd signum sm3 yogi`,
  contrib: `acprop ademamix adopt cocob dadapt_adamw dog dowg dpsgd galore madgrad mechanize momo momo_adam muon prodigy
    reduce_on_plateau sam schedule_free schedule_free_adamw schedule_free_sgd simplified_ademamix sophia`,
  keras: `Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion LossScaleOptimizer MultiOptimizer Muon Nadam
    OptimizerMap RMSprop SGD ScheduleFreeAdamW`
} as const

test.each(Object.entries(optimizersOf))("every optimizer of %s is in the table", (part, names) => {
  const theirs = elsewhere.flatMap(({ theirs }) => theirs[part as Part]?.match(/\w+/g) ?? [])
  expect(names.split(/\s+/).filter(name => !theirs.includes(name))).toEqual([])
})

test("whatever a library makes without options is in the table", () => {
  const named = composed.filter(({ theirs }) => Object.keys(theirs).length > 0).flatMap(({ cases }) => cases)
  const defaults = allCases.map(bareName).filter(name => /^(torch|optax|keras)\/.*-default$/.test(name))
  expect([...new Set(defaults)].filter(name => !named.includes(name) && !(name in notReached))).toEqual([])
})

test("what has a name in a library has a case of that library", () => {
  const unheld = elsewhere.flatMap(row =>
    row.kind === "words"
      ? []
      : Object.entries(row.theirs).filter(([part]) => !row.cases.some(name => isOf(part as Part, name)))
  )
  expect(unheld).toEqual([])
})

test("a row shows the code that it runs", () => {
  const [, ours] = cellsOf("keras").find(([theirs]) => theirs === "`RMSprop(…, momentum)`") ?? []
  expect(ours).toBe("`pipe(rmsprop({ learningRate, decay, eps }), withMomentum(momentum))`")
  expect(cellsOf("optax").every(cells => cells.every(cell => !/[|\n]/.test(cell)))).toBe(true)
})

test("rows stand in the order of their names, those of one name in that of the variants", () => {
  const names = cellsOf("torch").map(([theirs]) => theirs)
  expect(names.filter(name => name.startsWith("`Adam"))).toEqual([
    "`Adam()`",
    "`Adam(lr, (b1, b2), eps)`",
    "`Adam(…, weight_decay=l2)`",
    "`Adam(…, amsgrad=True)`",
    "`Adamax()`",
    "`AdamW()`",
    "`AdamW(…, weight_decay)`",
    "`AdamW(…, amsgrad=True)`"
  ])
})
