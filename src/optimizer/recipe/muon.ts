import { hyper, optimizerField, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import type { FirstMomentF } from "../../transform/moments.js"
import { scaleByMuon, type MuonScaling } from "../../transform/scale-by-muon.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type AnyF, type ChainF, type StatelessF } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { together, type PartitionF } from "../combinator/partition.js"
import { motionOf, type Motion } from "../motion.js"
import { optimizerOf, type AnyOptimizer, type Optimizer } from "../optimizer.js"
import { decaying } from "../traits.js"
import { adam } from "./adam.js"

const fields = {
  /** η ≥ 0: about the spectral norm of the steps of a matrix. Default 0.02. */
  learningRate: hyper(nonNegative, 0.02),
  ...scaleByMuon.fields,
  /** λ ≥ 0: the decay of the matrices. Default 0. */
  weightDecay: hyper(nonNegative, 0),
  /** The optimizer for what is no matrix. Default `adam()`. */
  elsewhere: optimizerField<AnyOptimizer>(adam())
}

/** The options of Muon. */
export interface MuonOptions extends MuonScaling, OptionsOf<typeof fields> {}

type MatrixF = ChainF<readonly [FirstMomentF, StatelessF, StatelessF]>

/** The states for the matrices and for the other leaves. */
export type MuonF = PartitionF<{ readonly matrices: MatrixF; readonly elsewhere: AnyF }>

/** Whether a leaf is a matrix. */
const labelsOf = (params: Tree): readonly string[] =>
  Tree.leaves(params).map(({ shape }) => (shape.length === 2 ? "matrices" : "elsewhere"))

/**
 * Makes Muon: for matrices `m = μ·m + g`, `p' = p - η·(s·O(g + μ·m) + λ·p)`, where `O` makes orthogonal by a
 * Newton–Schulz iteration, and another optimizer for all leaves of another rank.
 *
 * `elsewhere`: that optimizer, `adam()` if absent, at its own rate; of the other leaves it
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
    const matrices = motionOf(matrix)
    const parts = together({ matrices, elsewhere: elsewhere.motion }, labelsOf)
    return optimizerOf({ ...parts, rate: (state, now) => matrices.rate(state.matrices, now) } as Motion<MuonF>)
  }
)
