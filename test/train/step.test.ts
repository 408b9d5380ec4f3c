import { describe, expect, expectTypeOf, test } from "vitest"
import {
  add,
  compile,
  evaluate,
  foldBatches,
  item,
  mul,
  scalar,
  sum,
  tensor,
  toArray,
  toTyped,
  Tree,
  zeros,
  type Tensor
} from "thalweg"
import { dropout, sequential, type Layer } from "thalweg/nn"
import { adam, optimizer, sgd } from "thalweg/optimizer"
import { foldIn, key, split } from "thalweg/random"
import { linear } from "thalweg/schedule"
import { batches, initTraining, trainStep } from "thalweg/train"
import type { Need, Needs, StateFamily, Transform } from "thalweg/transform"
import { classes, line, points, squaredError, task } from "./tasks.js"
import { bitsOf } from "../support.js"

const start = initTraining(task)(key(1), zeros([1, 3]))
const data = classes(16)
const wide = { x: add(zeros([1, 64]), 1), y: zeros([1]) }

describe("initTraining", () => {
  test("draws parameters from the first part of its key and keeps the second", () => {
    const [own, rest] = split(key(1))
    expect(bitsOf(start.params)).toEqual(bitsOf(task.model.init(own, zeros([1, 3])).params))
    expect(toTyped(start.key)).toEqual(toTyped(rest))
    expect(bitsOf(start.optimizer)).toEqual(bitsOf(task.optimizer.init(start.params)))
    expectTypeOf(start.optimizer.inner.slow).toEqualTypeOf(start.params)
  })

  test("refuses metrics that are no functions, when it is made", () => {
    const make = () => trainStep(task, { fusedMultiplyAdd: false as never })
    expect(make).toThrow("trainStep: expected fusedMultiplyAdd to be a function of outputs and targets; got false")
  })

  test("refuses parameters that cannot be trained, with their path", () => {
    const counter: Layer<{ readonly n: Tensor }> = {
      name: "counter",
      init: (_, shape) => ({ params: { n: scalar(0, "i32") }, state: [], outputShape: shape }),
      apply: (_, state, x) => [x, state]
    }
    const build = () => initTraining({ model: sequential(counter), optimizer: adam() })(key(0), zeros([1, 1]))
    expect(build).toThrow('init at "0/n": expected f32 or f64 parameters; got i32')
  })
})

describe("trainStep", () => {
  test("is gradient descent on the loss, by hand", () => {
    const step = trainStep({ model: line, loss: squaredError, optimizer: sgd({ learningRate: 0.1 }) })
    const x = [[1, 2], [3, -1], [0.5, 0]] // prettier-ignore
    const y = [1, 2, 3]
    let slope = [0.5, -0.25]
    let state = initTraining({ model: line, optimizer: sgd({ learningRate: 0.1 }) })(key(0), zeros([1, 2]))
    for (let t = 0; t < 5; t++) {
      const residuals = x.map(([a = 0, b = 0], i) => a * (slope[0] ?? 0) + b * (slope[1] ?? 0) - (y[i] ?? 0))
      const loss = residuals.reduce((sum, r) => sum + r * r, 0) / 3
      const [next, metrics] = evaluate(step(state, { x: tensor(x, { dtype: "f64" }), y: tensor(y, { dtype: "f64" }) }))
      expect(item(metrics.loss)).toBeCloseTo(loss, 12)
      slope = slope.map((s, j) => s - 0.1 * residuals.reduce((sum, r, i) => sum + (2 / 3) * r * (x[i]?.[j] ?? 0), 0))
      ;[...toTyped(next.params.slope)].forEach((s, j) => expect(s).toBeCloseTo(slope[j] ?? NaN, 12))
      state = next
    }
  })

  test("is pure: the same state and batch give the same bits, and do not change", () => {
    const step = trainStep(task)
    const before = bitsOf([start, data])
    const once = bitsOf(step(start, data))
    expect(bitsOf(step(start, data))).toEqual(once)
    expect(bitsOf(compile(step, { fusedMultiplyAdd: false })(start, data))).toEqual(once)
    expect(bitsOf([start, data])).toEqual(before)
  })

  test("a state can be kept and branched: both branches go on as if the other were not", () => {
    const step = compile(trainStep(task))
    const run = (state: typeof start, seeds: readonly number[]) =>
      seeds.reduce((s, seed) => step(s, classes(16, seed))[0], state)
    const kept = run(start, [1, 2, 3])
    const [left, right] = [run(kept, [4, 5]), run(kept, [6, 7])]
    expect(bitsOf(left)).toEqual(bitsOf(run(start, [1, 2, 3, 4, 5])))
    expect(bitsOf(right)).toEqual(bitsOf(run(start, [1, 2, 3, 6, 7])))
    expect(bitsOf(left)).not.toEqual(bitsOf(right))
  })

  test("a state is a tree of tensors: copied leaf by leaf, as from a file, it goes on to the same bits", () => {
    const step = compile(trainStep(task))
    const [later] = step(start, data)
    const copy = Tree.map(t => tensor(toTyped(t), { dtype: t.dtype, shape: t.shape }))(later)
    expect(bitsOf(step(copy, data))).toEqual(bitsOf(step(later, data)))
  })

  test("draws new dropout at every step: the key moves on", () => {
    const model = sequential(dropout({ rate: 0.5 }))
    const step = trainStep({ model, loss: (y, _) => sum(y), optimizer: sgd({ learningRate: 1 }) })
    const [first, a] = step(initTraining({ model, optimizer: sgd({ learningRate: 1 }) })(key(0), wide.x), wide)
    const [, b] = step(first, wide)
    expect(item(a.loss)).not.toBe(item(b.loss))
    expect(toTyped(first.key)).toEqual(toTyped(foldIn(foldIn(key(0), 1), 1)))
  })

  test("reports the rate that the step applied", () => {
    const optimizer = sgd({ learningRate: linear({ start: 1, end: 0, steps: 4 }) })
    const fold = foldBatches(trainStep({ model: line, loss: squaredError, optimizer }))
    const [, metrics] = fold(
      initTraining({ model: line, optimizer })(key(0), zeros([1, 2])),
      batches({ batchSize: 2 })(points(10))
    )
    expect(metrics.map(({ rate }) => toArray(rate))).toEqual([1, 0.75, 0.5, 0.25, 0])
  })

  test("takes the gradient where the optimizer wants it, and steps from the parameters", () => {
    const ahead: ReturnType<typeof sgd> = {
      ...sgd({ learningRate: 0.5 }),
      gradientPoint: <P extends Tree>(p: P): P => Tree.map(t => add(t, 1))(p)
    }
    const at = (slope: Tensor): Tensor => mul(2, add(slope, 1))
    const model = { ...line, apply: (p: { readonly slope: Tensor }, s: readonly []) => [p.slope, s] as const }
    const loss = (slope: Tensor): Tensor => sum(mul(slope, slope))
    const initial = initTraining({ model, optimizer: ahead })(key(0), zeros([1, 2]))
    const [{ params }, metrics] = trainStep({ model, loss, optimizer: ahead })(initial, points(3))
    const { slope } = initial.params
    expect(toTyped(params.slope)).toEqual(toTyped(add(slope, mul(at(slope), -0.5))))
    expect(item(metrics.loss)).toBe(1.5 ** 2 + 0.75 ** 2)
  })

  interface SpyF extends StateFamily {
    readonly type: readonly []
    readonly needs: Needs<this["params"]>
  }

  test.each<readonly [needs: readonly Need[]]>([[[]], [["loss"]], [["objective"]], [["loss", "objective"]]])(
    "hands over what the optimizer needs, %j, and nothing else",
    needs => {
      const told: string[][] = []
      const spy: Transform<SpyF> = {
        init: () => [],
        update: (updates, state, _, now) => {
          told.push(Object.keys(now))
          return [updates, state]
        },
        needs
      }
      const spied = { ...task, optimizer: optimizer(spy) }
      trainStep(spied)(initTraining(spied)(key(1), zeros([1, 3])), data)
      expect(told.map(keys => keys.toSorted())).toEqual([[...needs, "step"].toSorted()])
    }
  )

  test("the objective is the loss, on the same batch, state of the model and key", () => {
    const losses: Tensor[] = []
    const spy: Transform<SpyF> = {
      init: () => [],
      update: (updates, state, params, { loss, objective }) => {
        losses.push(loss, objective(params), objective(Tree.map(t => add(t, 1))(params)))
        return [updates, state]
      },
      needs: ["loss", "objective"]
    }
    const spied = { ...task, optimizer: optimizer(spy) }
    const [, metrics] = trainStep(spied)(initTraining(spied)(key(1), zeros([1, 3])), data)
    const [loss = NaN, same = NaN, other = NaN] = losses.map(item)
    expect([loss, same]).toEqual([item(metrics.loss), item(metrics.loss)])
    expect(other).not.toBe(loss)
  })

  test("hands the state of the model on", () => {
    const model: Layer<{ readonly w: Tensor }, { readonly calls: Tensor }> = {
      name: "counting",
      init: () => ({ params: { w: scalar(1) }, state: { calls: scalar(0) }, outputShape: [] }),
      apply: ({ w }, { calls }, x) => [mul(w, sum(x)), { calls: add(calls, 1) }]
    }
    const task = { model, loss: (y: Tensor) => y, optimizer: sgd({ learningRate: 0.1 }) }
    const fold = foldBatches(trainStep(task))
    const [last] = fold(
      initTraining(task)(key(0), zeros([1])),
      batches({ batchSize: 1 })({ x: tensor([1, 2, 3]), y: tensor([0, 0, 0]) })
    )
    expect(toArray(last.state.calls)).toBe(3)
  })
})

test.each([
  [
    "each: expected a loss that gives a scalar of f32 or f64, such as a mean over examples; got f32[8, 2]",
    (y: Tensor) => y
  ],
  [
    "each: expected a loss that gives a scalar of f32 or f64, such as a mean over examples; got undefined",
    () => undefined
  ]
])("%s", (message, each) => {
  Object.defineProperty(each, "name", { value: "each" })
  const [batch] = batches({ batchSize: 8 })(data)
  const wrong = { ...task, loss: each as unknown as typeof task.loss }
  expect(() => trainStep(wrong)(start, batch as typeof data)).toThrow(
    expect.objectContaining({ name: "GradientError", message })
  )
})
