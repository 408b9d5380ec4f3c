import { describe, expect, test } from "vitest"
import { stepBatches, type AsyncSteps, type TreeLike } from "thalweg"
import { key } from "thalweg/random"
import { fit, type StepsFold } from "thalweg/train"
import { bitsOf } from "../support.js"
import { classes, task } from "./tasks.js"

const options = { train: classes(22), validation: classes(9, 1), epochs: 2, batchSize: 8, key: key(5) }

/** The steps that are made here, as if they were made elsewhere; how many were made before is noted. */
const elsewhere =
  (noted: number[]): StepsFold =>
  <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
    step: (state: S, batch: B) => readonly [state: S, yielded: M]
  ) =>
    async function* (state: S, batches: Iterable<B>, before: number): AsyncSteps<S, M> {
      noted.push(before)
      const running = stepBatches(step)(state, batches)
      let turn = running.next()
      while (turn.done !== true) turn = running.next(yield await Promise.resolve(turn.value))
      return turn.value
    }

describe("a fold that makes the steps elsewhere", () => {
  test("gives what is made here, and is told how many steps were made in epochs before", async () => {
    const noted: number[] = []
    const fold = elsewhere(noted)
    const first = await fit(task)({ ...options, fold })
    const second = await fit(task)({ ...options, key: undefined, from: first, fold })
    expect(noted).toEqual([0, 3, 6, 9])
    const { state } = fit(task)({ ...options, epochs: 4 })
    expect(bitsOf(second.state)).toEqual(bitsOf(state))
  })

  test.each<[string, unknown, string]>([
    ["the last state", () => () => Promise.resolve([]), "an instance of Promise"],
    ["nothing", () => () => undefined, "undefined"],
    ["no function", () => [], "an array of 0"]
  ])("is refused where it gives %s", async (_, fold, received) => {
    const running = async () => fit(task)({ ...options, fold: fold as StepsFold })
    await expect(running).rejects.toThrow(`fit: expected fold to make steps, as step => stepsOnXla(step) does; got ${received}`) // prettier-ignore
  })
})
