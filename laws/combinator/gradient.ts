import fc from "fast-check"
import {
  abs,
  add,
  any,
  cast,
  concat,
  flatten,
  grad,
  mean,
  mul,
  ne,
  scalar,
  sqrt,
  sum,
  Tree,
  zeros,
  zerosLike,
  type Tensor
} from "thalweg"
import {
  adam,
  onGradient,
  optimizer as optimizerOf,
  sgd,
  withWeightDecay,
  type addNoise,
  type centralizeGradients,
  type normalizeGradients,
  type withL1,
  type withL2
} from "thalweg/optimizer"
import { key } from "thalweg/random"
import {
  addDecayedWeights,
  chain,
  globalNorm,
  identity,
  scaleByAdam,
  scaleByLearningRate,
  type CentralizeOptions,
  type NoiseOptions,
  type NormalizeOptions,
  type StatelessF,
  type Transform
} from "thalweg/transform"
import { fixed } from "../arbitrary/hyperparameter.js"
import { nonZero, range } from "../arbitrary/numbers.js"
import { inner } from "../arbitrary/optimizer.js"
import { arbRun, run, type Run, wide } from "../arbitrary/run.js"
import { exact, relative, rounded } from "../equality.js"
import { keepsRate } from "./keeps-rate.js"
import { law, type Law } from "../law.js"
import { pathOf, plus, streamOf, times, truth } from "../sides.js"
import { actsOnGradient, changesNothing, probe, sightsOf } from "./probe.js"
import type { FunctionOf, Wrap } from "../callable.js"

const rate = fixed(1)

/** What the optimizer inside is shown, at parameters that stay. */
const shown = (wrap: Wrap, r: Run): readonly Tree[] => streamOf(wrap(probe), r)

const still = (r: Run): Run => ({ ...r, gradients: r.gradients.map(Tree.zerosLike) })

/**
 * Lists the laws of L2 regularization: 0 changes nothing; it adds λ times the parameters to the gradient (both exactly);
 * before Adam's scaling, so is decay (where after it is AdamW); over plain `sgd` it is decoupled decay, within rounding.
 *
 * @example
 * import assert from "node:assert"
 * import { withL2 } from "thalweg/optimizer"
 * import { checkAll, l2Laws } from "thalweg/laws"
 *
 * assert(checkAll(l2Laws(withL2), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const l2Laws = (withIt: FunctionOf<typeof withL2>): readonly Law[] => {
  const decay = fixed(1)
  const wrap =
    (lambda: number): Wrap =>
    optimizer =>
      withIt(lambda)(optimizer)
  return [
    changesNothing("withL2(0) changes nothing", fc.constant(wrap(0))),
    law("withL2 adds decayed weights to the gradient", exact, fc.tuple(decay, inner, run), ([lambda, optimizer, r]) => [
      sightsOf(wrap(lambda)(optimizer), r),
      sightsOf(onGradient(addDecayedWeights(lambda))(optimizer), r)
    ]),
    law(
      "over plain sgd withL2 is decoupled decay",
      rounded,
      fc.tuple(decay, rate, wide),
      ([lambda, learningRate, r]) => [
        pathOf(withIt(lambda)(sgd({ learningRate })), r),
        pathOf(withWeightDecay(lambda)(sgd({ learningRate })), r)
      ]
    ),
    law(
      "decay before adam's scaling is withL2 over adam",
      exact,
      fc.tuple(decay, rate, run),
      ([lambda, learningRate, r]) => [
        pathOf(wrap(lambda)(adam({ learningRate, eps: 0.01 })), r),
        pathOf(
          optimizerOf(chain(addDecayedWeights(lambda), scaleByAdam({ eps: 0.01 }), scaleByLearningRate(learningRate))),
          r
        )
      ]
    ),
    actsOnGradient("withL2", decay.map(wrap)),
    keepsRate("withL2", decay.map(wrap))
  ]
}

const normOf = Tree.reduce(scalar(0, "f64"), (total, t) => add(total, sum(abs(cast(t, "f64")))))

/** A gradient with that of `λ·Σ|p|`. */
const withGradientOfL1 = (lambda: number): Transform<StatelessF> => ({
  ...identity,
  update: (updates, state, params) => {
    const added = Tree.zipWith((u: Tensor, g: Tensor) => add(u, mul(g, lambda)))
    return [added(updates, grad((p: typeof params) => normOf(p))(params)), state]
  }
})

/**
 * Lists the laws of L1 regularization: 0 changes nothing; it adds the gradient of `λ‖p‖₁`, as autodiff has it (both exactly);
 * it acts on the gradient alone, and keeps the rate.
 *
 * @example
 * import assert from "node:assert"
 * import { withL1 } from "thalweg/optimizer"
 * import { checkAll, l1Laws } from "thalweg/laws"
 *
 * assert(checkAll(l1Laws(withL1), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const l1Laws = (withIt: FunctionOf<typeof withL1>): readonly Law[] => {
  const strength = fc.constantFrom(0.125, 0.5, 2)
  const wrap =
    (lambda: number): Wrap =>
    optimizer =>
      withIt(lambda)(optimizer)
  return [
    changesNothing("withL1(0) changes nothing", fc.constant(wrap(0))),
    law("withL1 adds the gradient of λ‖p‖₁", exact, fc.tuple(strength, inner, run), ([lambda, optimizer, r]) => [
      sightsOf(wrap(lambda)(optimizer), r),
      sightsOf(onGradient(withGradientOfL1(lambda))(optimizer), r)
    ]),
    actsOnGradient("withL1", strength.map(wrap)),
    keepsRate("withL1", strength.map(wrap))
  ]
}

type Units = NonNullable<CentralizeOptions["units"]>

/** The sums over the units of a leaf of rank 2 or more; of others nothing. */
const sumsOf = (units: Units): ((t: Tensor) => Tensor) => {
  const axes = (t: Tensor): readonly number[] =>
    units === "last" ? range(t.shape.length - 1) : range(t.shape.length).slice(1)
  return t => (t.shape.length < 2 ? zeros([0], t.dtype) : sum(t, { axes: axes(t) }))
}

const isFlat = (t: Tensor): boolean => t.shape.length < 2

/**
 * Lists the laws of centralized gradients: units sum to 0, twice is once, constant units become 0, the mean of the
 * weights of a unit does not change under plain descent (all within rounding); vectors and scalars stay, exactly.
 *
 * @example
 * import assert from "node:assert"
 * import { centralizeGradients } from "thalweg/optimizer"
 * import { centralizeLaws, checkAll } from "thalweg/laws"
 *
 * assert(checkAll(centralizeLaws(centralizeGradients), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const centralizeLaws = (centralize: FunctionOf<typeof centralizeGradients>): readonly Law[] => {
  const wrap =
    (units: Units): Wrap =>
    optimizer =>
      centralize({ units })(optimizer)
  const units = fc.constantFrom<Units[]>("last", "first")
  const sample = fc.tuple(units, wide)
  return [
    law("the centralized gradients of a unit sum to 0", rounded, sample, ([along, r]) => {
      const sums = shown(wrap(along), r).map(Tree.map(sumsOf(along)))
      return [sums, sums.map(Tree.zerosLike)]
    }),
    law("centralizing twice is centralizing", rounded, sample, ([along, r]) => [
      shown(optimizer => wrap(along)(wrap(along)(optimizer)), r),
      shown(wrap(along), r)
    ]),
    law("centralizing takes off constants", rounded, fc.tuple(units, fixed(3), wide), ([along, constant, r]) => {
      const kernels = Tree.map(t => (isFlat(t) ? t : add(t, constant)))
      return [shown(wrap(along), { ...r, gradients: r.gradients.map(kernels) }), shown(wrap(along), r)]
    }),
    law("centralizing keeps vectors and scalars", exact, fc.tuple(units, run), ([along, r]) => {
      const flat = Tree.map(t => (isFlat(t) ? t : zerosLike(t)))
      return [shown(wrap(along), r).map(flat), r.gradients.map(flat)]
    }),
    law("descent along centralized gradients keeps sums", relative(1e-11, 1), fc.tuple(units, rate, wide), s => {
      const [along, learningRate, r] = s
      const path = pathOf(wrap(along)(sgd({ learningRate })), r)
      return [path.map(Tree.map(sumsOf(along))), path.map(() => Tree.map(sumsOf(along))(r.params))]
    }),
    actsOnGradient("centralizeGradients", units.map(wrap)),
    keepsRate("centralizeGradients", units.map(wrap))
  ]
}

/**
 * Lists the laws of normalized gradients (ε = 0): their norm is the scale, twice is once (both within rounding); they do
 * not depend on the scale of the gradients, exactly for powers of two; zeros stay, exactly; over plain `sgd` every
 * step is as long as the rate.
 *
 * @example
 * import assert from "node:assert"
 * import { normalizeGradients } from "thalweg/optimizer"
 * import { checkAll, normalizeLaws } from "thalweg/laws"
 *
 * assert(checkAll(normalizeLaws(normalizeGradients), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const normalizeLaws = (normalize: FunctionOf<typeof normalizeGradients>): readonly Law[] => {
  const wrap =
    (options?: NormalizeOptions): Wrap =>
    optimizer =>
      normalize(options)(optimizer)
  const size = fixed(4, 0.1)
  const directed = arbRun({ dtypes: ["f64"], numbers: nonZero }).filter(({ params }) => Tree.size(params) > 0)
  const sizes = size.map(scale => wrap({ scale }))
  return [
    law("normalized gradients have the norm asked for", rounded, fc.tuple(size, directed), ([scale, r]) => [
      shown(wrap({ scale }), r).map(globalNorm),
      r.gradients.map(() => scalar(scale, "f64"))
    ]),
    law("normalizing twice is normalizing", rounded, fc.tuple(size, wide), ([scale, r]) => [
      shown(optimizer => wrap({ scale })(wrap({ scale })(optimizer)), r),
      shown(wrap({ scale }), r)
    ]),
    law("normalizing does not see scale", exact, fc.tuple(fc.constantFrom(0.25, 2, 64), run), ([factor, r]) => [
      shown(wrap(), { ...r, gradients: r.gradients.map(times(factor)) }),
      shown(wrap(), r)
    ]),
    law("normalizing keeps zeros", exact, fc.tuple(size, run), ([scale, r]) => [
      shown(wrap({ scale }), still(r)),
      still(r).gradients
    ]),
    law("normalized descent steps as far as the rate", rounded, fc.tuple(rate, directed), ([learningRate, r]) => [
      streamOf(wrap()(sgd({ learningRate })), r).map(globalNorm),
      r.gradients.map(() => scalar(learningRate, "f64"))
    ]),
    actsOnGradient("normalizeGradients", sizes),
    keepsRate("normalizeGradients", sizes)
  ]
}

const vector = (tree: Tree): Tensor => concat([zeros([0], "f64"), ...Tree.leaves(tree).map(flatten)])

/** Whether no two vectors in a list are the same. */
const allDiffer = (vectors: readonly Tensor[]): readonly Tensor[] =>
  vectors.flatMap((a, i) => vectors.slice(i + 1).map(b => any(ne(a, b))))

/**
 * Lists the laws of noise that is added to gradients: none for a variance of 0; the same key, the same run; it depends
 * on the key and the step alone, not on parameters and gradients; other keys, steps and leaves have another noise; it
 * grows with the root of η and fades with the root of `(1+t)^γ` (the last within rounding, the others exactly).
 *
 * @example
 * import assert from "node:assert"
 * import { addNoise } from "thalweg/optimizer"
 * import { checkAll, noiseLaws } from "thalweg/laws"
 *
 * assert(checkAll(noiseLaws(addNoise), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const noiseLaws = (noisy: FunctionOf<typeof addNoise>): readonly Law[] => {
  const wrap =
    (seed: number, options: Omit<NoiseOptions, "seed">): Wrap =>
    optimizer =>
      noisy({ seed: key(seed), ...options })(optimizer)
  const [seeds, eta, gamma] = [fc.nat(1000), fixed(2, 0.1), fixed(2)]
  const noise = (seed: number, options: Omit<NoiseOptions, "seed">, r: Run): readonly Tree[] =>
    shown(wrap(seed, options), still(r))
  const wraps = fc.tuple(seeds, eta).map(([seed, variance]) => wrap(seed, { eta: variance }))
  const sample = fc.tuple(seeds, eta, arbRun({ maxSteps: 3 }))
  const large = arbRun({ dtypes: ["f64"], maxSteps: 2 }).filter(({ params }) => Tree.size(params) > 0)
  return [
    changesNothing(
      "noise of variance 0 changes nothing",
      seeds.map(seed => wrap(seed, { eta: 0 }))
    ),
    law(
      "the same key makes the same run",
      exact,
      fc.tuple(seeds, eta, inner, arbRun({ maxSteps: 3 })),
      ([seed, variance, optimizer, r]) => [
        pathOf(wrap(seed, { eta: variance })(optimizer), r),
        pathOf(wrap(seed, { eta: variance })(optimizer), r)
      ]
    ),
    law("noise is added, whatever the gradients", exact, sample, ([seed, variance, r]) => [
      shown(wrap(seed, { eta: variance }), r),
      noise(seed, { eta: variance }, r).map((drawn, i) => plus(r.gradients[i] ?? drawn, drawn))
    ]),
    law("noise does not depend on the parameters", exact, sample, ([seed, variance, r]) => [
      noise(seed, { eta: variance }, { ...r, params: Tree.map(t => add(t, 1))(r.params) }),
      noise(seed, { eta: variance }, r)
    ]),
    law("keys, steps and leaves have their own noise", exact, fc.tuple(seeds, eta, large), ([seed, variance, r]) => {
      const twins: Run = { params: [r.params, r.params], gradients: [...r.gradients, ...r.gradients].map(g => [g, g]) }
      const drawn = [seed, seed + 1].flatMap(each => noise(each, { eta: variance, gamma: 0 }, twins))
      const differ = allDiffer(drawn.flatMap(tree => (tree as readonly Tree[]).map(vector)))
      return [differ, differ.map(() => truth(true))]
    }),
    law("noise grows with the root of its variance", exact, sample, ([seed, variance, r]) => [
      noise(seed, { eta: 4 * variance }, r),
      noise(seed, { eta: variance }, r).map(times(2))
    ]),
    law(
      "noise fades with the root of its variance",
      rounded,
      fc.tuple(seeds, eta, gamma, arbRun({ dtypes: ["f64"], maxSteps: 3 })),
      s => {
        const [seed, variance, fading, r] = s
        return [
          noise(seed, { eta: variance, gamma: fading }, r),
          noise(seed, { eta: variance, gamma: 0 }, r).map((drawn, t) => times((1 + t) ** (-fading / 2))(drawn))
        ]
      }
    ),
    law("noise has the variance asked for", relative(0.2), fc.tuple(seeds, eta), ([seed, variance]) => {
      const params = zeros([2000], "f64")
      const [drawn = params] = noise(seed, { eta: variance }, { params, gradients: [params] })
      const square = mean(mul(drawn as Tensor, drawn as Tensor))
      return [sqrt(square), scalar(Math.sqrt(variance), "f64")]
    }),
    actsOnGradient("addNoise", wraps),
    keepsRate("addNoise", wraps)
  ]
}
