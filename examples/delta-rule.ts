// A linear unit learns by the delta rule, Δw = η (t - y) x: gradient descent on half the squared error, to the last bit.
import assert from "node:assert"
import { add, evaluate, grad, item, matmul, mul, scalar, scan, sub, tensor, zeros, type Tensor } from "thalweg"
import { halfSquaredError } from "thalweg/nn"
import { sgd } from "thalweg/optimizer"
import { key, normal } from "thalweg/random"

type Unit = { readonly weights: Tensor; readonly bias: Tensor }
type Example = { readonly x: Tensor; readonly target: Tensor }

const output = ({ weights, bias }: Unit, x: Tensor) => add(matmul(x, weights), bias)

const wanted = { weights: tensor([2, -3]), bias: scalar(0.5) }
const x = normal(key(7), [200, 2])
const examples = { x, target: output(wanted, x) }

const learningRate = 0.1
const optimizer = sgd({ learningRate })
const loss = (unit: Unit, { x, target }: Example) => halfSquaredError(output(unit, x), target)

const byGradient = (unit: Unit, example: Example) =>
  optimizer.step(unit, optimizer.init(unit), grad(loss)(unit, example))[0]

const byDeltaRule = ({ weights, bias }: Unit, { x, target }: Example) => {
  const delta = sub(target, output({ weights, bias }, x))
  return { weights: add(weights, mul(learningRate, mul(delta, x))), bias: add(bias, mul(learningRate, delta)) }
}

/** The unit after all examples, and after each of them. */
const learn = (step: (unit: Unit, example: Example) => Unit) => {
  const transition = (unit: Unit, example: Example) => {
    const next = step(unit, example)
    return [next, next] as const
  }
  return evaluate(scan(transition, { weights: zeros([2]), bias: zeros([]) }, examples))
}

const [learned, path] = learn(byGradient)
console.log("after each example", path)

assert.deepStrictEqual(learn(byDeltaRule), [learned, path])
assert.ok(item(halfSquaredError(learned.weights, wanted.weights)) < 1e-10)
assert.ok(item(halfSquaredError(learned.bias, wanted.bias)) < 1e-10)
