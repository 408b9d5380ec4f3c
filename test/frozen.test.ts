import * as thalweg from "thalweg"
import { isTensor } from "thalweg"
import * as nn from "thalweg/nn"
import * as optimizer from "thalweg/optimizer"
import * as random from "thalweg/random"
import * as schedule from "thalweg/schedule"
import * as show from "thalweg/show"
import * as spec from "thalweg/spec"
import * as train from "thalweg/train"
import * as transform from "thalweg/transform"
import { expect, test } from "vitest"

const entries = { thalweg, nn, optimizer, random, schedule, show, spec, train, transform }

/** The places in a value, and in what it holds, to which something could be assigned. */
const assignable = (value: unknown, path: string, seen = new Set<unknown>()): readonly string[] => {
  const holds = (typeof value === "object" && value !== null) || typeof value === "function"
  if (!holds || isTensor(value) || seen.has(value)) return []
  seen.add(value)
  const inside = Object.entries(value).flatMap(([key, part]) => assignable(part, `${path}.${key}`, seen))
  return Object.entries(value).length === 0 || Object.isFrozen(value) ? inside : [path, ...inside]
}

test("what an entry point publishes cannot be changed", () => {
  const published = Object.entries(entries).flatMap(([name, entry]) =>
    Object.entries(entry).flatMap(([key, value]) => assignable(value, `${name}.${key}`))
  )
  expect(published).toEqual([])
})

test("what a recipe makes cannot be changed", () => {
  const { adam, clipByNorm, lookahead, optimizers } = optimizer
  const composed = thalweg.pipe(adam(), clipByNorm(1), lookahead())
  const partitioned = optimizers.partition.make({ optimizers: { all: composed }, labels: [["**", "all"]] })
  expect([composed, partitioned, transform.scaleByAdam(), adam.fields.b1].map(x => assignable(x, ""))).toEqual([
    [],
    [],
    [],
    []
  ])
})

test("a motion of the user's is copied", () => {
  const mine = { ...optimizer.sgd({ learningRate: 1 }).motion, needs: [] as "loss"[] }
  const made = optimizer.optimizerOf(mine)
  mine.needs.push("loss")
  expect(made.needs).toEqual([])
  expect(Object.isFrozen(mine)).toBe(false)
})
