import { hyper, maskField, optimizerField, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import type { FirstMomentF } from "../../transform/moments.js"
import { scaleByMuon, type MuonScaling } from "../../transform/scale-by-muon.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import type { AnyOptimizer, Optimizer } from "../optimizer.js"
import { decaying } from "../traits.js"
import { adam } from "./adam.js"
import { onMatrices, type OnMatricesF } from "./on-matrices.js"

const fields = {
  /** η ≥ 0: about the spectral norm of the steps of a matrix. Default 0.02. */
  learningRate: hyper(nonNegative, 0.02),
  ...scaleByMuon.fields,
  /** λ ≥ 0: the decay of the matrices. Default 0. */
  weightDecay: hyper(nonNegative, 0),
  /** Which leaves of rank 2 (with `flatten`, or more) are made orthogonal: a `Mask`. Default all. */
  matrices: maskField("**"),
  /** The optimizer for all other leaves. Default `adam()`. */
  elsewhere: optimizerField<AnyOptimizer>(adam())
}

/** The options of Muon. */
export interface MuonOptions extends MuonScaling, OptionsOf<typeof fields> {}

type MatrixF = ChainF<readonly [FirstMomentF, StatelessF, StatelessF]>

/** The states for the matrices and for the other leaves. */
export type MuonF = OnMatricesF<MatrixF>

/**
 * Makes Muon: for matrices `m = μ·m + g`, `p' = p - η·(s·O(g + μ·m) + λ·p)`, where `O` makes orthogonal by a
 * Newton–Schulz iteration, and another optimizer for all other leaves.
 *
 * `matrices`: which leaves of rank 2, all if absent. Embeddings and last layers are matrices too, and better left to
 * `elsewhere`. With `flatten` leaves of more axes are matrices as well: of the kernel of a convolution, `[…window, in,
 * out]`, the rows are all axes but the last, in order, the columns the last. A leaf of any other rank goes elsewhere,
 * whatever is said; a pattern that matches no matrix is a `TreeError` with the nearest paths, at `init` and `step`.
 * `elsewhere`: the optimizer of all other leaves, `adam()` if absent, at its own rate; of these it also says where
 * gradients are taken and what is deployed. Looks across each leaf. Its `rate` is that of the matrices. Defaults: η 0.02,
 * μ 0.95, nesterov, form "sum", λ 0, 5 iterations, ε 1e-7, `s = √max(1, out/in)` for a matrix `[in, out]`. Throws a
 * `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients of a matrix (ε = 0); odd in the gradients (λ = 0); not elementwise;
 * without matrices, `elsewhere`, exactly; some matrices, a partition; a flattened leaf goes as its matrix does.
 * Source: Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks", Algorithm 2, whose matrices are
 * `[out, in]`. PyTorch: `form: "average"`, `epsPlace: "bounding"`, λ 0.1; its matrices are `[out, in]` too, so that its
 * "original" is our default scale, and "inOverOut" on matrices kept its way. optax: `form: "debiased"`, ε 1e-8, and
 * `nadamw` elsewhere. Keras: `adjust: "matchRmsAdamw"`, λ 4e-3. We do not offer PyTorch's rounding to bfloat16 and
 * optax's spectral preconditioning.
 * Which leaves: Jordan says hidden layers only, and flattens kernels `[out, in, h, w]` to `[out, in·h·w]`, our matrix but
 * for a transposition and the order of its rows, which steps do not see (his code's `s` is `√max(1, h/w)` then, ours
 * that of the matrix). PyTorch steps what it is given, and refuses another rank than 2. optax takes all of rank 2, or
 * what `muon_weight_dimension_numbers` gives axes to; Keras all of rank 2 but for paths with "embedding" and those that
 * match `exclude_layers`.
 *
 * @example
 * import assert from "node:assert"
 * import { round, tensor, toArray, Tree, zeros } from "thalweg"
 * import { muon, signSgd } from "thalweg/optimizer"
 *
 * const exact = { nsSteps: 20, nsCoefficients: [1.5, -0.5, 0] } // go to orthogonal, where the default comes near soon
 * const opt = muon({ learningRate: 1, ...exact, elsewhere: signSgd({ learningRate: 1 }) })
 * const params = { kernel: tensor([[5, 0], [0, 5]]), bias: tensor([5]) }
 * const grads = { kernel: tensor([[100, 0], [0, -1]]), bias: tensor([3]) }
 * const [{ kernel, bias }] = opt.step(params, opt.init(params), grads)
 * assert.deepStrictEqual([round(kernel), bias].map(t => toArray(t)), [[[4, 0], [0, 6]], [4]])
 *
 * const hidden = muon({ flatten: true, matrices: ["convs/**", "blocks/**"] }) // neither the embedding nor the head
 * const [embedding, head, block] = [zeros([99, 16]), zeros([16, 4]), zeros([16, 16])]
 * const model = { embedding, convs: [zeros([3, 3, 16, 16])], blocks: [block, block], head }
 * const { mu } = hidden.init(model).inner.matrices[0]
 * assert.deepStrictEqual(Tree.paths(mu), ["blocks/0", "blocks/1", "convs/0"])
 */
export const muon: Recipe<typeof fields, (options?: MuonOptions) => Optimizer<MuonF>> = recipe(
  "muon",
  fields,
  { additive: {}, leafwise: { matrices: "**" }, ...decaying },
  ({ learningRate, weightDecay, matrices, elsewhere, ...scaling }) =>
    onMatrices(
      "muon",
      { matrices, flatten: scaling.flatten, elsewhere },
      chain(scaleByMuon(scaling), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate))
    )
)
