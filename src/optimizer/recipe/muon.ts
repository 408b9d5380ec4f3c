import type { Tensor } from "../../dataflow/primitive.js"
import { hyper, resolve, type Fields } from "../../schedule/fields.js"
import { nonNegative, type Hyperparameter } from "../../schedule/schedule.js"
import { Tree } from "../../tree/index.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import type { CountF } from "../../transform/common.js"
import { merge } from "../../transform/mask.js"
import { muonScalingFields, scaleByMuon, type MuonF, type MuonScaling } from "../../transform/scale-by-muon.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type Extra, type StateFamily, type StateOf } from "../../transform/transform.js"
import { adam, type AdamF } from "./adam.js"
import { optimizer, type Optimizer } from "../optimizer.js"

/** The options of Muon. */
export interface MuonOptions extends MuonScaling {
  /** η ≥ 0: about the spectral norm of the steps of a matrix. Default 0.02. */
  readonly learningRate?: Hyperparameter
  /** λ ≥ 0: the decay of the matrices. Default 0. */
  readonly weightDecay?: Hyperparameter
}

/** What the options of Muon may be. */
export const muonFields: Fields<MuonOptions> = {
  learningRate: hyper(nonNegative, 0.02),
  ...muonScalingFields,
  weightDecay: hyper(nonNegative, 0)
}

type Leaves = readonly Tensor[]
type MatrixF = ChainF<readonly [MuonF, CountF, CountF]>
type MuonOptimizerState<M extends Tree, E extends Tree> = { readonly matrices: M; readonly elsewhere: E }

/** The states for the matrices and for the other leaves, each as a list in the order of paths. */
export interface MuonOptimizerF<F extends StateFamily> extends StateFamily {
  readonly type: MuonOptimizerState<StateOf<MatrixF, Leaves>, StateOf<F, Leaves>>
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
const byRank = <F extends StateFamily, X extends Extra>(
  matrix: Optimizer<MatrixF>,
  other: Optimizer<F, X>
): Optimizer<MuonOptimizerF<F>, X> => {
  const own = optimizer<MuonOptimizerF<F>, X>({
    init: params => ({ matrices: matrix.init(part(params, true)), elsewhere: other.init(part(params, false)) }),
    update: (updates, state, params, ...extra) => {
      const [turned, matrices] = matrix.update(part(updates, true), state.matrices, part(params, true))
      const [rest, elsewhere] = other.update(part(updates, false), state.elsewhere, part(params, false), ...extra)
      return [merged(updates, turned, rest), { matrices, elsewhere }]
    },
    rate: state => matrix.rate(state.matrices)
  })
  return {
    ...own,
    gradientPoint: (params, { elsewhere }) =>
      merged(params, part(params, true), other.gradientPoint(part(params, false), elsewhere)),
    evalParams: (params, { elsewhere }) =>
      merged(params, part(params, true), other.evalParams(part(params, false), elsewhere))
  }
}

interface Muon {
  <F extends StateFamily, X extends Extra = readonly []>(
    options: MuonOptions,
    elsewhere: Optimizer<F, X>
  ): Optimizer<MuonOptimizerF<F>, X>
  (options?: MuonOptions): Optimizer<MuonOptimizerF<AdamF>>
}

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
 * const opt = muon({ learningRate: 1, ...exact }, signSgd({ learningRate: 1 }))
 * const params = { kernel: tensor([[5, 0], [0, 5]]), bias: tensor([5]) }
 * const grads = { kernel: tensor([[100, 0], [0, -1]]), bias: tensor([3]) }
 * const [{ kernel, bias }] = opt.step(params, opt.init(params), grads)
 * assert.deepStrictEqual([round(kernel), bias].map(t => toArray(t)), [[[4, 0], [0, 6]], [4]])
 */
export const muon = (<F extends StateFamily, X extends Extra>(
  options: MuonOptions = {},
  elsewhere?: Optimizer<F, X>
) => {
  const { learningRate, weightDecay, ...scaling } = resolve("muon", muonFields, options)
  const scaled = chain(scaleByMuon(scaling), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate))
  const matrix = optimizer(scaled)
  return elsewhere === undefined ? byRank(matrix, adam()) : byRank(matrix, elsewhere)
}) as Muon
