import { abs, add, div, maximum, mul } from "../dataflow/arithmetic.js"
import { matmul } from "../dataflow/contract.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sum } from "../dataflow/reduce.js"
import { range, showShape, sizeOf } from "../dataflow/shape.js"
import { reshape, transpose } from "../dataflow/structure.js"
import { beside, choice, fixed, flag, hyper, numbers, type OptionsOf, type Resolved } from "../options/fields.js"
import { decay, finite, nonNegative, whole } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import type { Candidates } from "../tree/mask.js"
import { one, castLike, flushed, quotient, rootOf, times } from "./common.js"
import { ema, firstMoment, type FirstMomentF } from "./moments.js"
import { timesRatio, dot, globalNorm } from "./norm.js"
import type { Transform } from "./transform.js"

/** All iterations stand in the graph of a step, so that there must not be too many. */
const iterations = /* @__PURE__ */ whole(1, 100)

/** Jordan's coefficients, by which singular values come near 1 soonest, though not to it. */
const defaultCoefficients: readonly number[] = [3.4445, -4.775, 2.0315]

const newtonSchulzFields = {
  /** Iterations, a whole number from 1 to 100. Default 5. */
  nsSteps: fixed(iterations, 5),
  /** a, b, c of every iteration, or three numbers for each. Default 3.4445, -4.775, 2.0315. */
  nsCoefficients: numbers(finite, defaultCoefficients),
  /** ε ≥ 0, in units of the gradient. Default 1e-7. */
  eps: hyper(nonNegative, 1e-7),
  /** Whether ε is "added" to the "frobenius" norm (the default), or "bounding" it from below (PyTorch). */
  epsPlace: beside("preconditioning", choice(["added", "bounding"], "added"), "frobenius"),
  /** What the matrix is divided by at first: its "frobenius" norm (the default), or, as in optax, "aol" or "schatten". */
  preconditioning: choice(["frobenius", "aol", "schatten"], "frobenius")
}

/** The options of the Newton–Schulz iteration. */
export interface NewtonSchulzOptions extends OptionsOf<typeof newtonSchulzFields> {}

type Triple = readonly [a: number, b: number, c: number]

const triples = (operation: string, steps: number, coefficients: readonly number[]): readonly Triple[] => {
  const repeated = coefficients.length === 3
  if (!repeated && coefficients.length !== 3 * steps)
    fail("HyperparameterError", operation, `3 or ${3 * steps} numbers`, String(coefficients.length), "nsCoefficients")
  return range(steps).map(
    i => coefficients.slice(repeated ? 0 : 3 * i, repeated ? 3 : 3 * i + 3) as [number, number, number]
  )
}

type Iteration = Pick<Resolved<typeof newtonSchulzFields>, "epsPlace" | "preconditioning"> & {
  readonly coefficients: readonly Triple[]
}

/** Rows of at most as many as columns, near 1 in all singular values: `x = a·x + (b·xxᵀ + c·(xxᵀ)²)·x`, repeated. */
const newtonSchulz = ({ coefficients, epsPlace, preconditioning }: Iteration, eps: Tensor, x: Tensor): Tensor => {
  const gram = (y: Tensor): Tensor => matmul(y, transpose(y))
  const scaled = ((): Tensor => {
    if (preconditioning === "frobenius") {
      const norm = globalNorm(x)
      return timesRatio(x, one, epsPlace === "added" ? add(norm, eps) : maximum(norm, eps))
    }
    const of = preconditioning === "aol" ? sum(abs(gram(x)), { axes: 1, keepDims: true }) : globalNorm(gram(x))
    return quotient(x, rootOf(maximum(cast(of, x.dtype), castLike(eps, x))))
  })()
  return coefficients.reduce((y, [a, b, c]) => {
    const g = gram(y)
    return add(mul(y, a), matmul(add(mul(g, b), mul(matmul(g, g), c)), y))
  }, scaled)
}

type Adjustment = (o: Tensor, rows: number, columns: number, rms: Tensor) => Tensor

/** An orthogonal matrix of so many rows and columns, scaled. */
const adjustments: Readonly<Record<"outOverIn" | "inOverOut" | "matchRmsAdamw" | "none", Adjustment>> = {
  outOverIn: (o, rows, columns) => mul(o, Math.sqrt(Math.max(1, columns / rows))),
  inOverOut: (o, rows, columns) => mul(o, Math.sqrt(Math.max(1, rows / columns))),
  matchRmsAdamw: (o, rows, columns, rms) => times(o, mul(rms, Math.sqrt(Math.max(rows, columns)))),
  none: o => o
}

const fields = {
  ...newtonSchulzFields,
  /** μ: decay of the momentum, `0 ≤ μ < 1`. Default 0.95. */
  momentum: hyper(decay, 0.95),
  /** Whether to look one step ahead. Default yes. */
  nesterov: flag(true),
  /** What the momentum is: the "sum" `m = μ·m + g` (the default, Keras), the "average" (PyTorch), or "debiased" (optax). */
  form: choice(["sum", "average", "debiased"], "sum"),
  /**
   * What a matrix `[in, out]` is scaled by: `√max(1, out/in)` ("outOverIn", the default), `√max(1, in/out)`
   * ("inOverOut"), `rmsRate·√max(in, out)` ("matchRmsAdamw"), or nothing ("none").
   */
  adjust: choice(["outOverIn", "inOverOut", "matchRmsAdamw", "none"], "outOverIn"),
  /** The root mean square of the steps with "matchRmsAdamw", at least 0. Default 0.2. */
  rmsRate: beside("adjust", hyper(nonNegative, 0.2), "matchRmsAdamw"),
  /** Whether steps are multiplied by `⟨x, O⟩`, the sum of the singular values of the momentum. Default no. */
  adaptive: flag(false),
  /**
   * Whether a leaf of more than two axes is a matrix too, all its axes but the last flattened to rows: the kernel of a
   * convolution, `[…window, in, out]`, to `[window·in, out]`. Default no.
   */
  flatten: flag(false)
}

/** The options of Muon but for its rate and its decay. */
export interface MuonScaling extends OptionsOf<typeof fields> {}

/** Whether a leaf is a matrix, or with `flatten` can be seen as one; `which` says that of leaves. */
export const matrixLike = (flatten: boolean): Candidates =>
  flatten
    ? { which: " of rank 2 or more", is: ({ shape }) => shape.length >= 2 }
    : { which: " of rank 2", is: ({ shape }) => shape.length === 2 }

const matrixShape = ({ which, is }: Candidates, leaf: Tensor): readonly [rows: number, columns: number] =>
  is(leaf)
    ? [sizeOf(leaf.shape.slice(0, -1)), leaf.shape.at(-1) ?? 0]
    : fail("ShapeError", "scaleByMuon", `leaves${which}`, showShape(leaf.shape))

/** What is orthogonalized, of the new momentum and the gradient. */
const lookingAhead = (
  { form, nesterov }: Pick<Resolved<typeof fields>, "form" | "nesterov">,
  mu: Tensor,
  step: Tensor
): ((m: Tensor, g: Tensor) => Tensor) => {
  if (form === "debiased") {
    const [c1, biased] = firstMoment(mu, step, nesterov)
    return (m, g) => times(biased(m, g), div(1, c1))
  }
  if (!nesterov) return m => m
  return form === "average" ? (m, g) => ema(mu, m, g) : (m, g) => add(g, times(m, mu))
}

/**
 * Makes the momentum of each matrix orthogonal: `m = μ·m + g`, `x = g + μ·m` (`m` without `nesterov`), `u = s·O(x)`,
 * where `O` brings all singular values near 1 by `nsSteps` times `x = a·x + (b·xxᵀ + c·(xxᵀ)²)·x`, from `x/(‖x‖ + ε)`.
 *
 * Shapes: leaves of rank 2, `[in, out]`, else a `ShapeError`; with `flatten` of a higher rank too, each as the matrix
 * `[all axes but the last, last axis]`. Matrices of more rows than columns are transposed meanwhile. `s` is
 * `√max(1, out/in)`, or as `adjust` says. Looks across each leaf; `0/0` is 0. Throws a `HyperparameterError` for options
 * out of range.
 *
 * Laws: does not see the scale of the gradients (ε = 0, not `adaptive`); odd; turning the axes of a leaf turns its
 * updates; not elementwise; the forms differ by ε alone but for "debiased" with `nesterov`.
 * Source: Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks", Algorithm 2;
 * "matchRmsAdamw": Liu et al. 2025, arXiv 2502.16982.
 *
 * @example
 * import assert from "node:assert"
 * import { round, tensor, toArray } from "thalweg"
 * import { clockAt, scaleByMuon } from "thalweg/transform"
 *
 * const p = tensor([[0, 0], [0, 0]])
 * const muon = scaleByMuon({ nsSteps: 20, nsCoefficients: [1.5, -0.5, 0] }) // these do go to 1
 * const [u] = muon.update(tensor([[100, 0], [0, -1]]), muon.init(p), p, clockAt(0))
 * assert.deepStrictEqual(toArray(round(u)), [[1, 0], [0, -1]])
 */
export const scaleByMuon: Recipe<typeof fields, (options?: MuonScaling) => Transform<FirstMomentF>> = recipe(
  "scaleByMuon",
  fields,
  {},
  ({ nsSteps, nsCoefficients, momentum, eps, rmsRate, flatten, ...how }) => {
    const matrices = matrixLike(flatten)
    const iteration = { ...how, coefficients: triples("scaleByMuon", nsSteps, nsCoefficients) }
    return {
      init: params => ({ mu: Tree.zerosLike(params) }),
      update: (updates, state, _, { step }) => {
        const [mu, e, rms] = [momentum(step), eps(step), rmsRate(step)]
        const kept = (m: Tensor, g: Tensor): Tensor =>
          how.form === "sum" ? flushed(add(times(m, mu), g)) : ema(mu, m, g)
        const after = Tree.zipWith(kept)(state.mu, updates)
        const ahead = lookingAhead(how, mu, step)
        const orthogonal = Tree.zipWith((m: Tensor, g: Tensor) => {
          const [rows, columns] = matrixShape(matrices, g)
          const x = reshape(ahead(m, g), [rows, columns])
          const o = rows > columns ? transpose(newtonSchulz(iteration, e, transpose(x))) : newtonSchulz(iteration, e, x)
          const adjusted = adjustments[how.adjust](o, rows, columns, rms)
          return reshape(how.adaptive ? times(adjusted, dot(x, o)) : adjusted, g.shape)
        })(after, updates)
        return [orthogonal, { mu: after }]
      }
    }
  }
)
