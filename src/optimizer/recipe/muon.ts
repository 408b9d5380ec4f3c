import type { Tensor } from "../../dataflow/primitive.js"
import { hyper, optimizerField, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import { merge } from "../../transform/mask.js"
import type { FirstMomentF } from "../../transform/moments.js"
import { changeNeeds } from "../../transform/needs.js"
import { scaleByMuon } from "../../transform/scale-by-muon.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import {
  chain,
  type AnyF,
  type ChainF,
  type NeedsOf,
  type StateFamily,
  type StatelessF,
  type StateOf
} from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { motionOf, requireFloats, type Motion } from "../motion.js"
import { optimizerOf, type AnyOptimizer, type Optimizer } from "../optimizer.js"
import { decaying } from "../traits.js"
import { adam } from "./adam.js"

const fields = {
  /** η ≥ 0: about the spectral norm of the steps of a matrix. Default 0.02. */
  learningRate: hyper(nonNegative, 0.02),
  ...scaleByMuon.fields,
  /** λ ≥ 0: the decay of the matrices. Default 0. */
  weightDecay: hyper(nonNegative, 0),
  /** The optimizer for what is no matrix, which sees the other leaves as a list. Default `adam()`. */
  elsewhere: optimizerField<AnyOptimizer>(adam())
}

/** The options of Muon. */
export interface MuonOptions extends OptionsOf<typeof fields> {}

type Leaves = readonly Tensor[]
type MatrixF = ChainF<readonly [FirstMomentF, StatelessF, StatelessF]>
type MuonState<M extends Tree, E extends Tree> = { readonly matrices: M; readonly elsewhere: E }

/** The states for the matrices and for the other leaves, each as a list in the order of paths. */
export interface MuonF extends StateFamily {
  readonly type: MuonState<StateOf<MatrixF, Leaves>, Tree>
  readonly needs: NeedsOf<AnyF, this["params"]>
}

const isMatrix = (t: Tensor): boolean => t.shape.length === 2

const part = (tree: Tree, wanted: boolean): Leaves => Tree.leaves(tree).filter(t => isMatrix(t) === wanted)

/** A tree with other matrices and other leaves in their places. */
const merged = <P extends Tree>(tree: P, matrices: Leaves, others: Leaves): P => {
  const here = Tree.leaves(tree).map(isMatrix)
  const elsewhere = here.map(matrix => !matrix)
  return merge(elsewhere, merge(here, tree, matrices), others)
}

/** One optimizer for leaves of rank 2 and another for all others; the rate is that of the first. */
const byRank = (matrix: Motion<MatrixF>, other: Motion<AnyF>): Motion<MuonF> => ({
  needs: other.needs,
  init: params => {
    requireFloats(params)
    return { matrices: matrix.init(part(params, true)), elsewhere: other.init(part(params, false)) }
  },
  move: (grads, state, params, now) => {
    const [here, rest] = [part(params, true), part(params, false)]
    const within = changeNeeds<AnyF, typeof params, Leaves>(now, {
      objective: objective => leaves => objective(merged(params, here, leaves))
    })
    const [turned, matrices] = matrix.move(part(grads, true), state.matrices, here, now)
    const [moved, elsewhere] = other.move(part(grads, false), state.elsewhere, rest, within)
    const move = { by: merged(params, turned.by, moved.by), to: merged(params, turned.to, moved.to) }
    return [move, { matrices, elsewhere }]
  },
  rate: (state, now) => matrix.rate(state.matrices, now),
  gradientPoint: (params, { elsewhere }, now) =>
    merged(params, part(params, true), other.gradientPoint(part(params, false), elsewhere, now)),
  evalParams: (params, { elsewhere }, now) =>
    merged(params, part(params, true), other.evalParams(part(params, false), elsewhere, now))
})

/**
 * Makes Muon: for matrices `m = μ·m + g`, `p' = p - η·(s·O(g + μ·m) + λ·p)`, where `O` makes orthogonal by a
 * Newton–Schulz iteration, and another optimizer for all leaves of another rank.
 *
 * `elsewhere`: that optimizer, `adam()` if absent, at its own rate; it sees the other leaves as a list, and of these it
 * also says where gradients are taken and what is deployed. Embeddings and last layers, which the author leaves to Adam
 * too, and kernels of convolutions as matrices, are `partition`'s to choose. Looks across each leaf. Its `rate` is that
 * of the matrices. Defaults: η 0.02, μ 0.95, nesterov, form "sum", λ 0, 5 iterations, ε 1e-7, `s = √max(1, out/in)` for
 * a matrix `[in, out]`. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients of a matrix (ε = 0); odd in the gradients (λ = 0); not elementwise;
 * without matrices, `elsewhere`, exactly.
 * Source: Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks", Algorithm 2, whose matrices are
 * `[out, in]`. PyTorch: `form: "average"`, `epsPlace: "bounding"`, λ 0.1; its matrices are `[out, in]` too, so that its
 * "original" is our default scale, and "inOverOut" on matrices kept its way. optax: `form: "debiased"`, ε 1e-8, and
 * `nadamw` elsewhere. Keras: `adjust: "matchRmsAdamw"`, λ 4e-3. We do not offer PyTorch's rounding to bfloat16 and
 * optax's spectral preconditioning.
 *
 * @example
 * import assert from "node:assert"
 * import { round, tensor, toArray } from "thalweg"
 * import { muon, signSgd } from "thalweg/optimizer"
 *
 * const exact = { nsSteps: 20, nsCoefficients: [1.5, -0.5, 0] } // go to orthogonal, where the default comes near soon
 * const opt = muon({ learningRate: 1, ...exact, elsewhere: signSgd({ learningRate: 1 }) })
 * const params = { kernel: tensor([[5, 0], [0, 5]]), bias: tensor([5]) }
 * const grads = { kernel: tensor([[100, 0], [0, -1]]), bias: tensor([3]) }
 * const [{ kernel, bias }] = opt.step(params, opt.init(params), grads)
 * assert.deepStrictEqual([round(kernel), bias].map(t => toArray(t)), [[[4, 0], [0, 6]], [4]])
 */
export const muon: Recipe<typeof fields, (options?: MuonOptions) => Optimizer<MuonF>> = recipe(
  "muon",
  fields,
  { additive: {}, leafwise: {}, ...decaying },
  ({ learningRate, weightDecay, elsewhere, ...scaling }) => {
    const matrix = chain(scaleByMuon(scaling), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate))
    return optimizerOf(byRank(motionOf(matrix), elsewhere.motion))
  }
)
