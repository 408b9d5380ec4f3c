import { readFileSync } from "node:fs"
import { item, scalar } from "thalweg"
import { adamw, type AdamwOptions } from "thalweg/optimizer"
import { describe, expect, test } from "vitest"
import { againstF64, boundOf, catalogue, notReached, recipeName } from "../optimizer/deviations.js"
import {
  cases,
  goldenEvalParams,
  goldenParams,
  worst,
  type Case,
  type Rows,
  type Run
} from "../optimizer/trajectories.js"
import type { ElsewhereRow, Given, Rest, Same, SameSchedule, ScheduleGiven } from "./table.elsewhere.row.js"
import { cellsOf, elsewhere } from "./table.elsewhere.js"

const all = Object.values(elsewhere).flatMap(({ rows }) => rows)
const optimizers = all.filter((row): row is Same => row.kind === "same")
const schedules = all.filter((row): row is SameSchedule => row.kind === "schedule")

const golden = [...cases, ...catalogue]
const casesOf = (name: string): readonly Case[] => golden.filter(each => recipeName(each) === name)

interface ScheduleCase {
  readonly name: string
  readonly hyper: ScheduleGiven
  readonly values: readonly number[]
}
const { cases: scheduleCases } = JSON.parse(readFileSync("test/golden/schedules.json", "utf8")) as {
  readonly cases: readonly ScheduleCase[]
}

interface MuonCase {
  readonly variant?: { readonly adam?: AdamwOptions & { readonly epsHat?: boolean } }
}

/** What a case of Muon has for leaves that are no matrices. */
const restOf = (each: Case): Rest => {
  const { epsHat = false, ...options } = (each as Case & MuonCase).variant?.adam ?? {}
  return adamw({ ...options, form: epsHat ? "epsilonHat" : "debiased" })
}

/** Schedule-free cases have as parameters where gradients are taken; the last such point is not asked for. */
const sidesOf = (each: Case, run: Run): readonly (readonly [ours: Rows, theirs: Rows])[] => {
  const { params, points, evalParams } = run(each, "evaluated")
  const theirs = goldenParams(each)
  const deployed = goldenEvalParams(each)
  const start = theirs.slice(0, 1)
  const moved = each.name.includes("schedule-free")
    ? ([points, theirs.slice(0, -1)] as const)
    : ([[...start, ...params], theirs] as const)
  return [
    moved,
    ...(deployed === undefined
      ? []
      : [
          [
            [...start, ...evalParams],
            [...start, ...deployed]
          ] as const
        ])
  ]
}

const distance = (row: Same, each: Case): number =>
  Math.max(...sidesOf(each, row.run(each.hyper as Given, restOf(each))).map(([ours, theirs]) => worst(ours, theirs)))

describe.each(optimizers.map(row => [row.theirs, row] as const))("%s", (_, row) => {
  const held = row.cases.flatMap(casesOf).filter(({ name }) => !againstF64.includes(name))

  test("is held by cases that exist", () => {
    expect(row.cases.length).toBeGreaterThan(0)
    expect(row.cases.filter(name => !held.some(each => recipeName(each) === name))).toEqual([])
  })

  test.each(held.map(each => [each.name, each] as const))("has the numbers of %s", (_name, each) => {
    expect(distance(row, each)).toBeLessThanOrEqual(boundOf(each))
  })
})

test.each(schedules.map(row => [row.theirs, row] as const))("%s has the rates of its cases", (_, row) => {
  const held = scheduleCases.filter(({ name }) => row.cases.includes(name))
  expect(held.map(({ name }) => name)).toEqual(row.cases)
  const apart = held.flatMap(({ hyper, values }) =>
    values.map((value, t) => Math.abs(item(row.schedule(hyper)(scalar(t, "i32"))) - value) / Math.max(value, 1e-300))
  )
  expect(Math.max(...apart)).toBeLessThanOrEqual(1e-12)
})

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
  const theirs = elsewhere[part as keyof typeof optimizersOf].rows.flatMap(row => row.theirs.match(/\w+/g) ?? [])
  expect(names.split(/\s+/).filter(name => !theirs.includes(name))).toEqual([])
})

test("whatever a library makes without options is in the table", () => {
  const named = new Set(optimizers.flatMap(row => row.cases))
  const defaults = golden.map(recipeName).filter(name => /^(torch|optax|keras)\/.*-default$/.test(name))
  expect([...new Set(defaults)].filter(name => !named.has(name) && !(name in notReached))).toEqual([])
})

test.each(Object.entries(elsewhere))("the cases of %s are of its library", (part, { rows }) => {
  const sources = { torch: ["torch"], keras: ["keras"], optax: ["optax", "combinators"] } // combinators are optax's
  const own = part.startsWith("torch") ? sources.torch : part.startsWith("keras") ? sources.keras : sources.optax
  const named = rows.flatMap((row: ElsewhereRow) => (row.kind === "words" ? [] : row.cases))
  expect(named.filter(name => !own.some(source => name.startsWith(`${source}/`)))).toEqual([])
})

test("a row shows the code that it runs", () => {
  const [, ours] = cellsOf(elsewhere.keras).find(([theirs]) => theirs === "`RMSprop(…, momentum=gamma)`") ?? []
  expect(ours).toBe("`pipe(rmsprop({ learningRate, decay, eps }), withMomentum(gamma))`")
  expect(cellsOf(elsewhere.optax).every(cells => cells.every(cell => !/[|\n]/.test(cell)))).toBe(true)
})
