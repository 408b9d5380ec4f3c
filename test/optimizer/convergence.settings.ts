import { combinators, optimizers, type AnyOptimizer } from "thalweg/optimizer"
import { cosine, piecewiseConstant } from "thalweg/schedule"

/** What settings are made of: how steep a function is, how wide it is, and how long the way may be. */
export interface Scale {
  /** Of what follows the gradient: at most the inverse of the largest curvature. */
  readonly rate: number
  /** Of what rescales the gradient: about the length of a step. */
  readonly pace: number
  readonly steps: number
}

export type OptimizerName = keyof typeof optimizers
export type CombinatorName = keyof typeof combinators

/** Options for the rows of a catalogue; a name that is no row does not compile. */
type Settings<Rows extends Readonly<Record<string, { readonly make: (options: never) => unknown }>>> = {
  readonly [N in keyof Rows]?: (scale: Scale) => Partial<Parameters<Rows[N]["make"]>[0]>
}

const falling = ({ pace, steps }: Scale) => ({ learningRate: cosine({ start: pace, steps }) })

/** What a row needs besides the rate that `rateOf` gives it, and why. */
const settings: Settings<typeof optimizers> = {
  // Steps of constant length need a falling rate.
  signSgd: falling,
  signum: falling,
  lion: falling,
  muon: scale => ({ ...falling(scale), elsewhere: optimizers.adam.make({ learningRate: scale.pace }) }),
  // So do steps that are a constant fraction of the parameters.
  lars: scale => ({ ...falling(scale), trustCoefficient: 1 }),
  lamb: falling,
  fromage: falling,
  // One scale for a leaf is like one length of steps.
  novograd: falling,
  // A ratio of running averages has no limit of its own; ε sets the length of the first steps.
  adadelta: ({ pace, steps }) => ({ learningRate: cosine({ start: 1, steps }), eps: (pace / 5) ** 2 }),

  // Divide by sums over all steps, so that the rate falls as 1/√t.
  adagrad: ({ pace }) => ({ learningRate: 10 * pace }),
  sm3: ({ pace }) => ({ learningRate: 10 * pace }),
  // The momentum is a sum, of ten gradients for b1 = 0.9; that of the default swings for thousands of steps.
  simplifiedAdemamix: ({ pace }) => ({ learningRate: pace / 10, b1: 0.9 }),
  // The slow average is to remember a part of the way only.
  ademamix: ({ steps }) => ({ b3: 1 - 10 / steps }),
  // The mean over the whole of a bent way lies beside it.
  asgd: ({ steps }) => ({ skip: steps - steps / 10 }),

  // With beta = 1, descent is steady up to a third of the usual rate only.
  optimisticGradientDescent: () => ({ beta: 0.1 }),
  // What is averaged may oscillate.
  scheduleFreeSgd: ({ rate }) => ({ learningRate: 5 * rate }),
  // Ends as plain descent.
  adabound: ({ rate, pace }) => ({ learningRate: pace, finalRate: rate }),
  amsbound: ({ rate, pace }) => ({ learningRate: pace, finalRate: rate }),
  // The first steps follow the gradient, those after them are short.
  radam: ({ rate, pace }) => ({ learningRate: piecewiseConstant({ boundaries: [5], values: [rate, 2 * pace] }) }),
  // Rescales the gradient, but sees the scale of the loss.
  momoAdam: ({ pace }) => ({ learningRate: pace }),
  // A gradient that is much larger than all before would throw it far off.
  acprop: () => ({ eps: 0.1 }),
  // Of the rate that they find by themselves: a smaller part where curvature varies, as in optax's tests.
  prodigy: () => ({ learningRate: 0.1 }),
  dadaptAdamw: () => ({ learningRate: 0.1 }),

  // Have options without a default.
  noisySgd: () => ({ seed: 1 }),
  scheduledNadam: () => ({ momentumDecay: 0.004 }),
  partition: ({ pace }) => ({
    optimizers: { all: optimizers.adam.make({ learningRate: pace }) },
    labels: [["**", "all"]]
  })
}

/** What a combinator needs: options without a default, and more where it is said why. */
const around: Settings<typeof combinators> = {
  // Around steps whose length does not fall with the gradient, momentum makes swings that grow again.
  withMomentum: ({ steps }) => ({ momentum: cosine({ start: 0.5, steps }) }),
  withNesterov: ({ steps }) => ({ momentum: cosine({ start: 0.5, steps }) }),
  withWeightDecay: () => ({ weightDecay: 1e-4 }),
  withL2: () => ({ weightDecay: 1e-4 }),
  masked: () => ({ mask: "**" }),
  freeze: () => ({ mask: "**" }),
  withSchedule: ({ steps }) => ({ factor: cosine({ start: 1, steps }) }),
  // What overshoots comes back within so many steps.
  reduceOnPlateau: () => ({ patience: 50 }),
  withEma: () => ({ decay: 0.9 }),
  // The mean over the whole of a bent way lies beside it.
  withPolyakAverage: ({ steps }) => ({ skip: steps / 2 }),
  accumulate: () => ({ every: 2 }),
  clipByNorm: () => ({ maxNorm: 1 }),
  clipByLeafNorm: () => ({ maxNorm: 1 }),
  clipByValue: () => ({ maxValue: 1 }),
  clipAdaptive: () => ({ clipping: 1 }),
  // Steps of constant length need a falling rate.
  normalizeGradients: ({ steps }) => ({ scale: cosine({ start: 1, steps }) }),
  ontoSimplex: () => ({ total: 2 }),
  ontoL1Ball: () => ({ radius: 5 }),
  ontoL2Ball: () => ({ radius: 5 }),
  ontoLInfBall: () => ({ radius: 5 }),
  addNoise: () => ({ seed: 1, eta: 1e-4 })
}

/** A row of a catalogue, when the types of its options do not matter. */
interface Row<A> {
  readonly fields: Readonly<Record<string, { readonly fallback?: unknown }>>
  readonly traits: { readonly scaleFree?: object }
  readonly make: (options: object) => A
}

/** The pace where the gradient's scale is not seen, else the rate; a default of 1 goes with a length found otherwise. */
const rateOf = ({ fields, traits }: Row<unknown>, { rate, pace }: Scale): object =>
  "learningRate" in fields && fields["learningRate"].fallback !== 1
    ? { learningRate: traits.scaleFree === undefined ? rate : pace }
    : {}

/** An optimizer of the catalogue, set for a function. */
export const optimizerFor = (name: OptimizerName, scale: Scale): AnyOptimizer => {
  const row = optimizers[name] as Row<AnyOptimizer>
  return row.make({ ...rateOf(row, scale), ...settings[name]?.(scale) })
}

/** A combinator of the catalogue, set for a function. */
export const combinatorFor = (name: CombinatorName, scale: Scale): ((inner: AnyOptimizer) => AnyOptimizer) => {
  const row = combinators[name] as Row<(inner: AnyOptimizer) => AnyOptimizer>
  return row.make({ ...around[name]?.(scale) })
}
