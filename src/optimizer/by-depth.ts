import type { Tensor } from "../dataflow/primitive.js"
import { moveAxis } from "../dataflow/structure.js"
import { changeNeeds } from "../transform/needs.js"
import type { Clock, Now, StateFamily, StateOf } from "../transform/transform.js"
import { Tree } from "../tree/index.js"
import { depthsOf, type Depths } from "../tree/depth.js"
import { checkMoving, optimizerOf, type Optimizer } from "./optimizer.js"
import type { Motion, Move } from "./motion.js"

const moved = <P extends Tree>({ together }: Depths, { by, to }: Move<P>): Move<P> => ({
  by: together(by),
  to: together(to)
})

/** Depths stand first in a leaf, and examples last, while they are taken apart. */
const examplesLast = Tree.map((t: Tensor) => moveAxis(t, 0, -1))
const examplesFirst = Tree.map((t: Tensor) => moveAxis(t, -1, 0))

/** What is told besides gradients: an objective is one of parameters that are together. */
const toldApart = <F extends StateFamily, P extends Tree>({ apart, together }: Depths, now: Now<F, P>): Now<F, P> =>
  changeNeeds<F, P>(now, {
    objective: objective => params => objective(together(params)),
    exampleGradients: gradients => examplesFirst(apart(examplesLast(gradients)))
  })

/**
 * Shows an optimizer the parameters of a `repeat` depth by depth, where they stand stacked: below `each` it sees a record of
 * them, under the numbers of the depths. So what looks across a leaf looks at one depth at a time, and patterns can name depths:
 * `blocks/each/0/**` is the first. States are stacked as parameters are.
 *
 * Every optimizer and combinator of the catalogue that looks across leaves does this by itself (`muon`, `shampoo`, `soap`,
 * `psgdKron`, `lamb`, `lars`, `adafactor`, `novograd`, `sm3`, `fromage`, `adahessian`; clips and projections of leaves). Put it
 * last in a `pipe` where a mask of what stands before names depths. The program grows with the depth, as it does not for others;
 * parameters without `each` are seen as they are.
 *
 * Law: the steps are those of the depths as parameters of their own.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { byDepth, freeze, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), freeze("each/0/**"), byDepth)
 * const params = { each: { bias: tensor([[5], [5], [5]]) } } // three depths
 * const [moved] = opt.step(params, opt.init(params), { each: { bias: tensor([[1], [1], [1]]) } })
 * assert.deepStrictEqual(toArray(moved.each.bias), [[5], [4], [4]])
 */
export const byDepth = <F extends StateFamily>(inner: Optimizer<F>): Optimizer<F> => {
  const { motion } = checkMoving("byDepth", inner)
  const { finish, endEpoch } = motion
  const shown: Motion<F> = {
    needs: motion.needs,
    init: params => {
      const { apart, together } = depthsOf(params)
      return together(motion.init(apart(params)))
    },
    move: (grads, state, params, now) => {
      const depths = depthsOf(params)
      const { apart, together } = depths
      const [move, after] = motion.move(
        apart(grads),
        apart(state),
        apart(params),
        toldApart<F, typeof params>(depths, now)
      )
      return [moved(depths, move), together(after)]
    },
    rate: (state, now) => motion.rate(depthsOf(state).apart(state), now),
    gradientPoint: (params, state, now) => {
      const { apart, together } = depthsOf(params)
      return together(motion.gradientPoint(apart(params), apart(state), now))
    },
    evalParams: (params, state, now) => {
      const { apart, together } = depthsOf(params)
      return together(motion.evalParams(apart(params), apart(state), now))
    },
    ...(finish && {
      finish: <P extends Tree>(params: P, state: StateOf<F, P>, now: Parameters<typeof finish>[2]) => {
        const depths = depthsOf(params)
        const [move, after] = finish(depths.apart(params), depths.apart(state), now)
        return [moved(depths, move), depths.together(after)] as const
      }
    }),
    ...(endEpoch && {
      endEpoch: <P extends Tree>(state: StateOf<F, P>, monitored: Tensor, now: Clock) => {
        const { apart, together } = depthsOf(state)
        return together(endEpoch(apart(state), monitored, now))
      }
    })
  }
  return optimizerOf(shown)
}
