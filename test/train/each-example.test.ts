import {
  add,
  compile,
  concat,
  div,
  evaluate,
  foldBatches,
  item,
  mean,
  mul,
  scalar,
  square,
  sub,
  sum,
  tanh,
  tensor,
  toArray,
  toTyped,
  Tree,
  valueAndGrad,
  zeros,
  type Tensor
} from "thalweg"
import { activation, batchNorm, crossEntropy, dense, dropout, inference, sequential, type Layer } from "thalweg/nn"
import { adam, dpSgd, lbfgs, optimizer, partition, sgd } from "thalweg/optimizer"
import { key, normal, split } from "thalweg/random"
import { fit, initTraining, trainStep } from "thalweg/train"
import type { Needs, StateFamily, Transform } from "thalweg/transform"
import { describe, expect, test } from "vitest"
import { bitsOf } from "../support.js"

const privately = { learningRate: 0.5, maxNorm: 1, noiseMultiplier: 0, seed: 0 }
const quiet = dpSgd(privately)
const batch = { x: normal(key(1), [6, 4], { dtype: "f64" }), y: tensor([0, 1, 2, 2, 1, 0], { dtype: "i32" }) }
const model = sequential(dense({ units: 5 }), activation(tanh), dropout({ rate: 0.5 }), dense({ units: 3 }))
const task = { model, loss: crossEntropy, optimizer: quiet }
const start = initTraining(task)(key(0), batch.x)

const numbersOf = (tree: Tree): readonly number[] => Tree.leaves(tree).flatMap(t => Array.from(toTyped(t)))
const expectClose = (actual: Tree, expected: Tree): void => {
  const found = numbersOf(actual)
  numbersOf(expected).forEach((value, i) => expect(found[i]).toBeCloseTo(value, 12))
}

const row = (tree: Tensor, i: number): Tensor =>
  tensor(toTyped(tree).slice(4 * i, 4 * i + 4), { dtype: "f64", shape: [1, 4] })
const label = (i: number): Tensor => tensor([toTyped(batch.y)[i] ?? 0], { dtype: "i32" })

interface SpyF extends StateFamily {
  readonly type: readonly []
  readonly needs: Needs<this["params"]>
}

describe("an optimizer that needs the gradient of each example, in training", () => {
  test("gets that of each as a batch of one, with a key of its own", () => {
    const keys = split(split(start.key)[0], 6)
    const each = keys.map((own, i) =>
      valueAndGrad((params: typeof start.params) =>
        crossEntropy(model.apply(params, start.state, row(batch.x, i), { training: true, key: own })[0], label(i))
      )(start.params)
    )
    const told: { readonly exampleGradients: Tree; readonly grads: Tree; readonly losses: readonly Tensor[] }[] = []
    const spy: Transform<SpyF> = {
      init: () => [],
      update: (grads, state, params, { loss, objective, exampleGradients }) => {
        told.push({ exampleGradients, grads, losses: [loss, objective(params)] })
        return [grads, state]
      },
      needs: ["loss", "objective", "exampleGradients"]
    }
    const spied = { ...task, optimizer: optimizer(spy) }
    const [, report] = trainStep(spied)({ ...start, optimizer: spied.optimizer.init(start.params) }, batch)
    const [{ exampleGradients, grads, losses: [loss = scalar(0), objective = scalar(0)] }] = told as [(typeof told)[0]] // prettier-ignore
    const gradients = each.map(([, grads]) => grads)
    const meanOf = gradients.reduce((a, b) => Tree.zipWith(add)(a, b))
    expectClose(grads, Tree.map((t: Tensor) => div(t, 6))(meanOf))
    Tree.leaves(exampleGradients).forEach((leaf, i) =>
      expectClose(leaf, concat(gradients.map(tree => Tree.leaves(tree)[i] as Tensor).map(t => mul(t, 1))))
    )
    const wanted = each.reduce((total, [own]) => total + item(own), 0) / 6
    for (const found of [loss, objective, report.loss]) expect(item(found)).toBeCloseTo(wanted, 12)
  })

  test("is compiled and folded to the bits of single steps", () => {
    const step = trainStep({ ...task, optimizer: dpSgd({ ...privately, noiseMultiplier: 0.5, momentum: 0.5 }) })
    const from = { ...start, optimizer: dpSgd({ ...privately, momentum: 0.5 }).init(start.params) }
    const run = compile(step, { fusedMultiplyAdd: false })
    const [once] = run(from, batch)
    const [folded] = foldBatches(step, { fusedMultiplyAdd: false })(from, [batch, batch])
    expect(bitsOf(once)).toEqual(bitsOf(step(from, batch)[0]))
    expect(bitsOf(folded)).toEqual(bitsOf(run(once, batch)[0]))
  })

  test("applies the model once for all examples", () => {
    let calls = 0
    const counting: typeof model = {
      ...model,
      apply: (...args) => {
        calls++
        return model.apply(...args)
      }
    }
    evaluate(trainStep({ ...task, model: counting })(start, batch))
    expect(calls).toBe(1)
  })

  test("draws for each example apart", () => {
    const dropping = {
      model: sequential(dense({ units: 8 }), dropout({ rate: 0.5 })),
      optimizer: quiet,
      loss: (y: Tensor) => mean(y)
    }
    const same = { x: zeros([16, 2]), y: zeros([16]) }
    const begun = initTraining(dropping)(key(0), same.x)
    const from = { ...begun, params: Tree.map((t: Tensor) => add(t, 1))(begun.params) }
    const [, { metrics }] = trainStep(dropping, {
      spread: y => sum(square(sub(y, mean(y, { axes: 0, keepDims: true }))))
    })(from, same)
    expect(item(metrics.spread)).toBeGreaterThan(0)
  })

  test("inputs, targets and outputs may be trees", () => {
    type Pair = { readonly a: Tensor; readonly b: readonly [Tensor] }
    const pairs: Layer<{ readonly w: Tensor }, readonly [], Pair, Pair> = {
      name: "pairs",
      init: () => ({ params: { w: scalar(2, "f64") }, state: [] }),
      apply: ({ w }, state, { a, b }) => [{ a: mul(a, w), b: [mul(b[0], w)] }, state]
    }
    const f64 = (values: readonly (readonly number[])[]): Tensor => tensor(values, { dtype: "f64" })
    const x: Pair = { a: f64([[1, 2], [3, 4]]), b: [f64([[5], [6]])] } // prettier-ignore
    const loss = (output: Pair, target: Pair): Tensor =>
      add(sum(sub(output.a, target.a)), sum(sub(output.b[0], target.b[0])))
    const shown = trainStep(
      { model: pairs, loss, optimizer: dpSgd({ ...privately, maxNorm: 100 }) },
      { first: ({ a }: Pair) => sum(mul(a, f64([[1, 10], [100, 1000]]))), both: ({ b }: Pair) => sum(b[0]) } // prettier-ignore
    )
    const [{ params }, { loss: found, metrics }] = shown(initTraining({ model: pairs, optimizer: quiet })(key(0), x), {
      x,
      y: x
    })
    expect(item(params.w)).toBe(2 - (0.5 * (1 + 2 + 5 + (3 + 4 + 6))) / 2)
    expect(item(found)).toBe((1 + 2 + 5 + (3 + 4 + 6)) / 2)
    expect([item(metrics.first), item(metrics.both)]).toEqual([2 * (1 + 20 + 300 + 4000), 2 * 11])
  })

  test("the norm that is reported is that of the mean, before anything is clipped", () => {
    const [, once] = trainStep(task)(start, batch)
    const [, less] = trainStep({ ...task, optimizer: dpSgd({ ...privately, maxNorm: 1e-3 }) })(start, batch)
    expect(item(less.gradientNorm)).toBe(item(once.gradientNorm))
    expect(item(once.gradientNorm)).toBeGreaterThan(1e-2)
  })

  test("the objective of another part is that of the same losses", () => {
    const parts = partition({ slow: lbfgs(), hidden: quiet }, new Map([["0/*", "slow"], ["**", "hidden"]])) // prettier-ignore
    const mixed = { ...task, model: sequential(dense({ units: 3 }), dense({ units: 3 })), optimizer: parts }
    const { history } = fit(mixed)({ train: batch, epochs: 20, batchSize: 6, key: key(0) })
    const losses = history.map(({ trainLoss }) => trainLoss)
    expect(losses.at(-1)).toBeLessThan(0.7 * (losses[0] ?? 0))
  })

  test("trains in fit, with noise", () => {
    const noisy = dpSgd({ ...privately, noiseMultiplier: 0.1 })
    const { history } = fit({ ...task, model: sequential(dense({ units: 3 })), optimizer: noisy })({
      train: batch,
      epochs: 40,
      batchSize: 3,
      key: key(0)
    })
    const losses = history.map(({ trainLoss }) => trainLoss)
    expect(losses.at(-1)).toBeLessThan(0.7 * (losses[0] ?? 0))
  })
})

describe("it refuses", () => {
  const normed = sequential({ first: dense({ units: 3 }), norm: batchNorm(), last: dense({ units: 3 }) })

  test("a model whose state changes, which it names", () => {
    const mixing = { ...task, model: normed }
    expect(() => trainStep(mixing)(initTraining(mixing)(key(0), batch.x), batch)).toThrow(
      expect.objectContaining({
        name: "HyperparameterError",
        message:
          'trainStep at "norm/mean": expected a model whose state stays as it is, since the optimizer needs the gradient of each example, ' +
          "and a state is what examples share; got sequential, whose state changes"
      })
    )
    const plain = { ...mixing, optimizer: adam() }
    expect(() => trainStep(plain)(initTraining(plain)(key(0), batch.x), batch)).not.toThrow()
  })

  test("but not one whose state does not", () => {
    const still = { ...task, model: sequential(dense({ units: 3 }), inference(batchNorm()), dense({ units: 3 })) }
    const from = initTraining(still)(key(0), batch.x)
    const [after] = trainStep(still)(from, batch)
    expect(toArray(after.state[1].mean)).toEqual(toArray(from.state[1].mean))
  })

  test("no examples, and as many inputs as targets are not", () => {
    const none = { x: zeros([0, 4], "f64"), y: zeros([0], "i32") }
    expect(() => trainStep(task)(start, none)).toThrow(
      "trainStep: expected at least one example; got an empty data set"
    )
    expect(() => trainStep(task)(start, { ...batch, y: zeros([5], "i32") })).toThrow(
      'trainStep at "y": expected 6 examples'
    )
  })

  test("outputs without examples", () => {
    const one: Layer<{ readonly w: Tensor }> = {
      name: "one",
      init: () => ({ params: { w: scalar(1) }, state: [] }),
      apply: ({ w }, state, x) => [mul(w, sum(x)), state]
    }
    const scalars = { model: one, loss: (y: Tensor) => y, optimizer: quiet }
    const data = { x: zeros([2, 3]), y: zeros([2]) }
    expect(() => trainStep(scalars)(initTraining(scalars)(key(0), data.x), data)).toThrow(
      "trainStep: expected outputs with a leading axis of examples; got a scalar"
    )
  })
})

test("without such a need nothing is mapped over examples", () => {
  const text = (needing: typeof task.optimizer | ReturnType<typeof sgd>): string =>
    String(
      trainStep({ ...task, optimizer: needing as never })({ ...start, optimizer: needing.init(start.params) }, batch)[1]
        .loss
    )
  expect(text(sgd({ learningRate: 0.1 }))).not.toBe(text(quiet))
})
