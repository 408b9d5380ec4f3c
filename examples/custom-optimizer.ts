// A new optimizer is its equations and a recipe, and is held to the laws that ship with the library.
import assert from "node:assert"
import { add, evaluate, item, mul, scalar, sign, tensor, toArray, Tree, type Tensor } from "thalweg"
import { checkAll, optimizerLaws, render, traitLaws } from "thalweg/laws"
import { optimizer } from "thalweg/optimizer"
import type { Hyperparameter } from "thalweg/schedule"
import { chain, scaleByLearningRate, type StateFamily, type Transform } from "thalweg/transform"

/** The state: an average like the parameters. */
interface AverageF extends StateFamily {
  readonly type: this["params"]
}

/** `m = β·m + (1 - β)·g`; gives `sign m`. */
const scaleBySign = (beta: number): Transform<AverageF> => ({
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

/** Signum (Bernstein et al. 2018, arXiv 1802.04434, Algorithm 2): every weight moves by the learning rate. */
const signum = ({ learningRate, momentum }: SignumOptions) =>
  optimizer(chain(scaleBySign(momentum), scaleByLearningRate(learningRate)))

const { init, step } = signum({ learningRate: 0.5, momentum: 0.9 })
const params = { weights: tensor([1, 2]), bias: scalar(3) }
const [moved] = step(params, init(params), { weights: tensor([-100, 0.01]), bias: scalar(0) })
console.log(evaluate(moved))
assert.deepStrictEqual(toArray(moved.weights), [1.5, 1.5])
assert.strictEqual(item(moved.bias), 3)

const ours = signum({ learningRate: 0.1, momentum: 0.9 })
const traits = (["elementwise", "blind", "odd", "still", "scaleFree"] as const).flatMap(trait => traitLaws(trait, ours))
const verdicts = checkAll([...optimizerLaws(ours), ...traits])
console.log(verdicts.map(render).join("\n"))
assert.ok(verdicts.every(({ holds }) => holds))
