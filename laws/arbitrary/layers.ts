import fc from "fast-check"
import type { Tensor, Tree } from "thalweg"
import { key, normal } from "thalweg/random"
import { fromModelSpec, type ModelSpec } from "thalweg/spec"
import { onFeatures, running, trainedBy, type Made } from "./model.js"

const FEATURES = 3

/** Some models that fit on each other, and a batch in f64. */
const stackOf = (models: fc.Arbitrary<ModelSpec>) =>
  fc.record({
    specs: fc.tuple(models, models, models),
    batch: fc.integer({ min: 2, max: 3 }),
    seed: fc.nat(99)
  })

/** Models that may draw while they are trained. */
export const drawing = stackOf(onFeatures(FEATURES))
/** Models that draw nothing, but whose statistics run along. */
export const settled = stackOf(running(FEATURES))

export type Sample = typeof drawing extends fc.Arbitrary<infer A> ? A : never

export const draw = (seed: number, batch: number): Tensor => normal(key(seed), [batch, FEATURES], { dtype: "f64" })

/** The layers, what each starts from by itself, and batches. */
export const given = ({ specs, batch, seed }: Sample) => {
  const [x, z] = [draw(seed, batch), draw(seed + 1, batch)]
  const [a, b, c] = specs.map(spec => fromModelSpec(spec) as unknown as Made) as [Made, Made, Made]
  const [p, q, r] = [a, b, c].map((layer, i) => layer.init(key(seed + i + 2), x)) as [Begun, Begun, Begun]
  return { x, z, layers: [a, b, c] as const, begun: [p, q, r] as const, first: a, ...p }
}

/** What a layer starts from. */
export interface Begun {
  readonly params: Tree
  readonly state: Tree
}

export const training = trainedBy(7)

/** Layers one after the other, by hand, while they are trained. */
export const inTurn = (layers: readonly Made[], begun: readonly Begun[], x: Tensor): readonly [Tensor, Tree[]] =>
  layers.reduce<readonly [Tensor, Tree[]]>(
    ([x, states], layer, i) => {
      const { params, state } = begun[i] as Begun
      const [y, after] = layer.apply(params, state, x, training)
      return [y, [...states, after]]
    },
    [x, []]
  )
