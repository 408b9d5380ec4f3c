import { taking } from "./recipe.js"
import { neg } from "../../dataflow/arithmetic.js"
import { recipeAs, type Described } from "../../options/recipe.js"
import { changeNeeds } from "../../transform/needs.js"
import type { StateFamily } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { altered, type Optimizer } from "../optimizer.js"
import { preserving } from "../traits.js"

const fields = {}

type Climb = <F extends StateFamily>(inner: Optimizer<F>) => Optimizer<F>

/** An interface, since in a `pipe` the compiler infers through a generic function, but not through an intersection. */
export interface Maximize extends Described<typeof fields, Climb> {
  <F extends StateFamily>(inner: Optimizer<F>): Optimizer<F>
}

const climb: Climb = <F extends StateFamily>(inner: Optimizer<F>) =>
  altered(inner, {
    move: (grads, state, params, now) => {
      const negated = changeNeeds<F, typeof params>(now, {
        loss: neg,
        objective: objective => at => neg(objective(at)),
        exampleGradients: Tree.map(neg)
      })
      return inner.motion.move(Tree.map(neg)(grads), state, params, negated)
    },
    rate: (state, { loss, ...now }) => inner.motion.rate(state, loss === undefined ? now : { ...now, loss: neg(loss) })
  })

/**
 * Makes an optimizer climb: it gets the negated gradient, and negated what else it needs: the loss, the objective,
 * gradients of examples.
 *
 * Acts on the gradient. In a `pipe`, `withL2` belongs before it; after it, what is added would be climbed too. The state
 * is that of the inner optimizer.
 *
 * Law: maximizing f ≡ minimizing -f, exactly; twice, it changes nothing.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { maximize, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 0.5 }), maximize)
 * const params = tensor([1, 1])
 * const [climbed] = opt.step(params, opt.init(params), tensor([2, -4]))
 * assert.deepStrictEqual(toArray(climbed), [2, -1])
 */
export const maximize: Maximize = recipeAs(
  "maximize",
  fields,
  preserving,
  () => climb,
  () => taking("maximize", climb)
)
