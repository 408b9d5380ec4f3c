// A new optimizer is its equations and a recipe: Signum, the sign of a mean gradient (Bernstein et al. 2018, Algorithm 2).
import assert from "node:assert"
import { add, evaluate, foldBatches, item, mean, mul, sign, Tree, type Tensor } from "thalweg"
import { dense, halfSquaredError } from "thalweg/nn"
import { optimizer } from "thalweg/optimizer"
import { key } from "thalweg/random"
import { linear, type Hyperparameter } from "thalweg/schedule"
import { initTraining, trainStep } from "thalweg/train"
import { chain, scaleByLearningRate, type StateFamily, type Transform } from "thalweg/transform"
import { stoppingDistances } from "./lib/cars.js"

/** One average for each parameter. */
interface MomentumF extends StateFamily {
  readonly type: this["params"]
}

/** `m = β·m + (1 - β)·g`, gives `sign m`. */
const scaleBySign = (beta: number): Transform<MomentumF> => ({
  init: Tree.zerosLike,
  update: (updates, state) => {
    const average = Tree.zipWith((m: Tensor, g: Tensor) => add(mul(beta, m), mul(1 - beta, g)))(state, updates)
    return [Tree.map(sign)(average), average]
  }
})

interface SignumOptions {
  readonly learningRate: Hyperparameter
  readonly momentum: number
}

const signum = ({ learningRate, momentum }: SignumOptions) =>
  optimizer(chain(scaleBySign(momentum), scaleByLearningRate(learningRate)))

const { x, y } = stoppingDistances()
const learningRate = linear({ start: 1, end: 0, steps: 100 })
const task = { model: dense(1), loss: halfSquaredError, optimizer: signum({ learningRate, momentum: 0.9 }) }
const epochs = Array.from({ length: 100 }, () => ({ x, y }))
const [{ params }] = foldBatches(trainStep(task))(initTraining(task)(key(0), [1]), epochs)

const leastSquares = { kernel: mean(mul(x, y)), bias: mean(y) }
console.log({ params, leastSquares: evaluate(leastSquares) })
assert.ok(Math.abs(item(params.kernel) / item(leastSquares.kernel) - 1) < 0.02)
assert.ok(Math.abs(item(params.bias) / item(leastSquares.bias) - 1) < 0.02)
