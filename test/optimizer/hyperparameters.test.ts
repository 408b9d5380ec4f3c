import { describe, expect, test } from "vitest"
import { compile, evaluate, foldBatches, item, lt, mul, scalar, tensor, Tree, where, type Tensor } from "thalweg"
import { adam, sgd, type AnyOptimizer } from "thalweg/optimizer"
import { constant, exponential, type Hyperparameter, type Schedule } from "thalweg/schedule"
import { hyperRows } from "./hyperparameters.samples.js"
import { atStart } from "./hyperparameters.settings.js"
import { gradient, params, walk } from "./samples.js"
import { bitsOf } from "../support.js"

const STEPS = 6
const f64 = (value: number): Tensor => scalar(value, "f64")

test.each(hyperRows)("%s: the rule has two values for it", (name, value, build, other) => {
  const advice = `${name}: no value known in its range; say one in hyperparameters.settings.ts`
  expect([value, other].every(Number.isFinite), advice).toBe(true)
  expect(() => [build(value), build(other)], advice).not.toThrow()
})

/** All that can be seen of an optimizer after some steps. */
const seen = (optimizer: AnyOptimizer, [point, state] = walk(optimizer, STEPS)): ReturnType<typeof bitsOf> =>
  bitsOf([point, optimizer.gradientPoint(point, state), optimizer.evalParams(point, state), optimizer.rate(state)])

const asNumber = new Map(hyperRows.map(([name, value, build]) => [name, seen(build(value))]))

const asOther: Readonly<Record<string, (value: number) => Hyperparameter>> = {
  "a tensor": f64,
  "a constant schedule": constant,
  "a function of the step": value => step => mul(where(lt(step, 1e9), f64(1), f64(0)), value)
}

describe.each(Object.entries(asOther))("%s is the number", (_, as) => {
  test.each(hyperRows)("%s", (name, value, build) => {
    expect(seen(build(as(value)))).toEqual(asNumber.get(name))
  })
})

test.each(hyperRows)("%s matters: another value gives other parameters", (name, _, build, other) => {
  const advice = `${name} does not matter under the rule: say in hyperparameters.settings.ts what is to be set with it`
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

  const lasting = hyperRows.filter(([name]) => !atStart.has(name))
  test.each(lasting)("a state goes on under another value: %s", (_, value, build, other) => {
    const changing = build(step => where(lt(step, 3), f64(value), f64(other)))
    const after = build(other)
    expect(seen(after, walk(after, 3, walk(build(value), 3), 3))).toEqual(seen(changing))
  })

  test.each(hyperRows.filter(([name]) => atStart.has(name)))("only the value at step 0 counts: %s", (...row) => {
    const [name, value, build, other] = row
    expect(seen(build(step => where(lt(step, 1), f64(value), f64(other))))).toEqual(asNumber.get(name))
  })
})

describe("compiled", () => {
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

  test.each(hyperRows)("a fold over gradients is the plain fold: %s", (_, value, build, other) => {
    const optimizer = build(step => where(lt(step, 3), f64(value), f64(other)))
    const fold = foldBatches(([p, state]: readonly [typeof params, Tree], grads: typeof params) => [
      optimizer.step(p, state, grads),
      optimizer.rate(state)
    ])
    const gradients = Array.from({ length: STEPS }, (__, step) => gradient(step))
    const [last, rates] = fold([params, optimizer.init(params)], gradients)
    expect(bitsOf(last)).toEqual(bitsOf(walk(optimizer, STEPS)))
    expect(bitsOf(evaluate(rates))).toEqual(
      bitsOf(gradients.map((__, step) => optimizer.rate(walk(optimizer, step)[1])))
    )
  })
})
