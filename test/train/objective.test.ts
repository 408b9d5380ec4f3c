import { describe, expect, test } from "vitest"
import {
  add,
  compile,
  div,
  foldBatches,
  mul,
  pipe,
  tanh,
  tensor,
  toTyped,
  Tree,
  valueAndGrad,
  type Tensor
} from "thalweg"
import { activation, crossEntropy, dense, dropout, sequential } from "thalweg/nn"
import { sam, sgd } from "thalweg/optimizer"
import { key, normal, split } from "thalweg/random"
import { fit, initTraining, trainStep } from "thalweg/train"
import { globalNorm } from "thalweg/transform"

const model = sequential(dense({ units: 5 }), activation(tanh), dropout({ rate: 0.5 }), dense({ units: 3 }))
const optimizer = pipe(sgd({ learningRate: 0.1 }), sam({ rho: 0.5 }))
const task = { model, loss: crossEntropy, optimizer }
const batch = { x: normal(key(1), [6, 4], { dtype: "f64" }), y: tensor([0, 1, 2, 2, 1, 0], { dtype: "i32" }) }
const start = initTraining(task)(key(0), batch.x)

const numbersOf = (tree: Tree): readonly number[] => Tree.leaves(tree).flatMap(t => Array.from(toTyped(t)))

describe("an optimizer that needs the objective, in training", () => {
  test("gets that of the batch, with the same draws as the gradient", () => {
    const [own] = split(start.key)
    const loss = (params: typeof start.params): Tensor =>
      crossEntropy(model.apply(params, start.state, batch.x, { training: true, key: own })[0], batch.y)
    const grads = valueAndGrad(loss)(start.params)[1]
    const share = div(0.5, globalNorm(grads))
    const worst = Tree.zipWith((p: Tensor, g: Tensor) => add(p, mul(g, share)))(start.params, grads)
    const wanted = Tree.zipWith((p: Tensor, g: Tensor) => add(p, mul(g, -0.1)))(
      start.params,
      valueAndGrad(loss)(worst)[1]
    )
    const found = numbersOf(trainStep(task)(start, batch)[0].params)
    numbersOf(wanted).forEach((value, i) => expect(found[i]).toBeCloseTo(value, 12))
  })

  test("is compiled and folded to the bits of single steps", () => {
    const step = trainStep(task)
    const run = compile(step, { fusedMultiplyAdd: false })
    const [once] = run(start, batch)
    const [twice] = run(once, batch)
    const [folded] = foldBatches(step, { fusedMultiplyAdd: false })(start, [batch, batch])
    expect(numbersOf(once.params)).toEqual(numbersOf(step(start, batch)[0].params))
    expect(numbersOf(folded.params)).toEqual(numbersOf(twice.params))
  })

  test("trains in fit", () => {
    const { history } = fit({ ...task, model: sequential(dense({ units: 3 })) })({
      train: batch,
      epochs: 30,
      batchSize: 6,
      key: key(0)
    })
    const losses = history.map(({ trainLoss }) => trainLoss)
    expect(losses.at(-1)).toBeLessThan(0.7 * (losses[0] ?? 0))
  })
})
