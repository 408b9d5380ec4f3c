import { describe, expect, test } from "vitest"
import {
  cast,
  compile,
  evaluate,
  foldBatches,
  grad,
  item,
  lt,
  mul,
  scalar,
  square,
  sum,
  tensor,
  Tree,
  where,
  type Tensor
} from "thalweg"
import { adam, sgd } from "thalweg/optimizer"
import { constant, exponential, type Hyperparameter, type Schedule } from "thalweg/schedule"
import { bitsOf, gradient, params, rows, walk } from "./samples.js"

const STEPS = 5
const f64 = (value: number): Tensor => scalar(value, "f64")

const asOther: Readonly<Record<string, (value: number) => Hyperparameter>> = {
  "a tensor": f64,
  "a constant schedule": constant,
  "a function of the step": value => step => mul(where(lt(step, 1e9), f64(1), f64(0)), value)
}

describe.each(Object.entries(asOther))("%s is the number", (_, other) => {
  test.each(rows)("%s", (__, value, build) => {
    expect(bitsOf(walk(build(other(value)), STEPS))).toEqual(bitsOf(walk(build(value), STEPS)))
  })
})

test("each hyperparameter matters: another value gives other parameters", () => {
  for (const [name, value, build] of rows)
    expect(bitsOf(walk(build(value / 2), STEPS)[0]), name).not.toEqual(bitsOf(walk(build(value), STEPS)[0]))
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

  test.each(rows)("a state goes on under another value: %s", (_, value, build) => {
    const changing = build(step => where(lt(step, 3), f64(value), f64(value / 2)))
    const before = walk(build(value), 3)
    expect(bitsOf(walk(build(value / 2), 2, before, 3)[0])).toEqual(bitsOf(walk(changing, 5)[0]))
  })
})

describe("derivatives by a hyperparameter, through training steps", () => {
  /** What is left of a bowl after some steps on it, in f64. */
  const trained =
    (build: (value: Hyperparameter) => ReturnType<(typeof rows)[number][2]>) =>
    (value: Tensor): Tensor => {
      const bowl = ({ x, y }: { readonly x: Tensor; readonly y: Tensor }): Tensor =>
        mul(sum(square(mul(tensor([1, 3], { dtype: "f64" }), x))), square(y))
      const optimizer = build(value)
      let point = { x: tensor([0.8, -0.5], { dtype: "f64" }), y: f64(0.9) }
      let state = optimizer.init(point)
      for (let step = 0; step < STEPS; step++) [point, state] = optimizer.step(point, state, grad(bowl)(point))
      return bowl(point)
    }

  test.each(rows)("%s: the gradient is that of finite differences", (_, value, build) => {
    const loss = trained(build)
    const h = 1e-5
    const at = (v: number): number => item(loss(f64(v)))
    const slope = (8 * (at(value + h) - at(value - h)) - (at(value + 2 * h) - at(value - 2 * h))) / (12 * h)
    expect(Math.abs(slope)).toBeGreaterThan(1e-6)
    expect(Math.abs(item(grad(loss)(f64(value))) - slope) / Math.abs(slope)).toBeLessThan(1e-7)
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

  test.each(rows)("a fold over gradients is the plain fold: %s", (_, value, build) => {
    const optimizer = build(step => mul(cast(lt(step, 3), "f64"), value))
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
