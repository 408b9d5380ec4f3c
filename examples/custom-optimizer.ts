// A new optimizer is its equations and a recipe, and is held to the laws that ship with the library.
import assert from "node:assert"
import { add, evaluate, item, scalar, sign, sub, tensor, toArray, Tree, type Tensor } from "thalweg"
import { checkAll, optimizerLaws, render, traitLaws } from "thalweg/laws"
import { optimizer } from "thalweg/optimizer"
import { chain, hyper, range, recipe, scaleByLearningRate, times } from "thalweg/transform"
import type { StateFamily, Transform } from "thalweg/transform"

/** The state: an average like the parameters. */
interface AverageF extends StateFamily {
  readonly type: this["params"]
}

const fields = {
  /** η ≥ 0: the length of a step in every coordinate. */
  learningRate: hyper(range.nonNegative),
  /** β: how much of the average is kept. */
  momentum: hyper(range.decay)
}

/** `m = β·m + (1 - β)·g`; gives `sign m`. */
const scaleBySign = recipe("scaleBySign", { momentum: fields.momentum }, {}, ({ momentum }): Transform<AverageF> => ({
  init: Tree.zerosLike,
  update: (updates, state, _, { step }) => {
    const [kept, fresh] = [momentum(step), sub(1, momentum(step))]
    const average = Tree.zipWith((m: Tensor, g: Tensor) => add(times(m, kept), times(g, fresh)))(state, updates)
    return [Tree.map(sign)(average), average]
  }
}))

/** Signum (Bernstein et al. 2018, arXiv 1802.04434, Algorithm 2): every weight moves by the learning rate. */
const signum = recipe("signum", fields, {}, ({ learningRate, momentum }) =>
  optimizer(chain(scaleBySign({ momentum }), scaleByLearningRate(learningRate)))
)

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
