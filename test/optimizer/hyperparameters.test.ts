import { describe, expect, test, vi } from "vitest"
import { compile, evaluate, foldBatches, item, lt, scalar, tensor, Tree, where, type Tensor } from "thalweg"
import { adam, sgd, type AnyOptimizer } from "thalweg/optimizer"
import { constant, exponential, type Hyperparameter, type Schedule } from "thalweg/schedule"
import { hyperRows } from "./hyperparameters.samples.js"
import type { AnyF } from "thalweg/transform"
import { gradient, params, stepOf, walk, type At, type Params } from "./samples.js"
import { bitsOf } from "../support.js"

vi.setConfig({ testTimeout: 600_000 }) // for a busy machine; nothing here is about speed

const STEPS = 6
const f64 = (value: number): Tensor => scalar(value, "f64")

const table = hyperRows.map(row => [row.name, row] as const)
const place = "test/variants, as the `sampling` of its entry"

test.each(table)("%s: the rule has two values for it", (name, { value, build, other }) => {
  const advice = `${name}: no value known in its range; say one in ${place}`
  expect([value, other].every(Number.isFinite), advice).toBe(true)
  expect(() => [build(value), build(other)], advice).not.toThrow()
})

/** All that can be seen of an optimizer after some steps. */
const seen = (optimizer: AnyOptimizer, [point, state] = walk(optimizer, STEPS)): ReturnType<typeof bitsOf> =>
  bitsOf(
    evaluate([point, optimizer.gradientPoint(point, state), optimizer.evalParams(point, state), optimizer.rate(state)])
  )

const asNumber = new Map(hyperRows.map(({ name, value, build }) => [name, seen(build(value))]))

const asOther: Readonly<Record<string, (value: number) => Hyperparameter>> = {
  "a tensor": f64,
  "a schedule": value => step => where(lt(step, 1e9), constant(value)(step), f64(0))
}

describe.each(Object.entries(asOther))("%s is the number", (_, as) => {
  test.each(table)("%s", (name, { value, build }) => {
    expect(seen(build(as(value)))).toEqual(asNumber.get(name))
  })
})

test.each(table)("%s matters: another value gives other parameters", (name, { build, other }) => {
  const advice = `${name} does not matter under the rule: say what is to be set with it in ${place}`
  expect(seen(build(other)), advice).not.toEqual(asNumber.get(name))
})

test("an f32 tensor is widened, not the leaves narrowed", () => {
  const [next] = walk(sgd({ learningRate: scalar(0.5) }), 3)
  expect(bitsOf(next)).toEqual(bitsOf(walk(sgd({ learningRate: 0.5 }), 3)[0]))
  expect(Tree.leaves(next).map(t => t.dtype)).toEqual(Tree.leaves(params).map(t => t.dtype))
})

describe("schedules", () => {
  const halving: Schedule = step => where(lt(step, 2), f64(0.5), f64(0.25))

  test("are evaluated at the count before it is incremented, from 0", () => {
    const seen: (readonly [dtype: string, step: number])[] = []
    const optimizer = sgd({
      learningRate: step => {
        seen.push([step.dtype, item(step)])
        return halving(step)
      }
    })
    const p = tensor([1, -1])
    const [first, state1] = optimizer.step(p, optimizer.init(p), p)
    const [second, state2] = optimizer.step(first, state1, p)
    const [third] = optimizer.step(second, state2, p)
    expect(seen).toEqual([0, 1, 2].map(step => ["f64", step]))
    expect(bitsOf(third)).toEqual([["", Float32Array.of(1 - 0.5 - 0.5 - 0.25, -1 + 1.25)]])
  })

  test("rate is what the next step will apply", () => {
    const optimizer = adam({ learningRate: exponential({ start: 0.1, rate: 0.5 }) })
    const rates = [0, 1, 2, 3].map(steps => item(optimizer.rate(walk(optimizer, steps)[1])))
    rates.forEach((rate, step) => expect(rate).toBeCloseTo(0.1 * 0.5 ** step, 15))
  })
})

test("one program serves all values of a tensor", () => {
  let traced = 0
  const step = compile((learningRate: Tensor, x: Tensor, g: Tensor) => {
    traced++
    const optimizer = adam({ learningRate })
    return optimizer.step(x, optimizer.init(x), g)[0]
  })
  const x = tensor([1, 2], { dtype: "f64" })
  for (const value of [0.1, 0.01, 0]) {
    const optimizer = adam({ learningRate: value })
    expect(bitsOf(step(f64(value), x, x))).toEqual(bitsOf(optimizer.step(x, optimizer.init(x), x)[0]))
  }
  expect(traced).toBe(1)
})

const gradients = Array.from({ length: STEPS }, (_, step) => gradient(step))

describe.each(table)("%s, with another value from the fourth step on", (name, { value, build, other, atStart }) => {
  const changing = build(step => where(lt(step, 3), f64(value), f64(other)))
  const start: At<AnyF> = [params, changing.init(params)]
  const step = stepOf(changing)

  test("a fold over gradients is the plain fold", () => {
    const way = gradients.reduce<readonly At<AnyF>[]>(
      (made, grads, i) => [...made, step(made[i] ?? start, grads)],
      [start]
    )
    const fold = foldBatches((at: At<AnyF>, grads: Params) => [step(at, grads), changing.rate(at[1])])
    const [last, rates] = fold(start, gradients)
    expect(bitsOf(last)).toEqual(bitsOf(evaluate(way.at(-1) ?? start)))
    expect(bitsOf(rates)).toEqual(bitsOf(evaluate(way.slice(0, -1).map(([, state]) => changing.rate(state)))))
  })

  test(atStart ? "only the value at step 0 counts" : "a state goes on under the other value", () => {
    const after = build(other)
    const resumed = () => seen(after, walk(after, 3, walk(build(value), 3), 3))
    expect(seen(changing)).toEqual(atStart ? asNumber.get(name) : resumed())
  })
})
