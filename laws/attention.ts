import fc from "fast-check"
import {
  add,
  cast,
  concat,
  evaluate,
  matmul,
  mul,
  oneHot,
  reshape,
  sliceAxis,
  sum,
  take,
  tensor,
  zeros,
  type Tensor
} from "thalweg"
import type {
  cachedAttention,
  crossAttention,
  embedding,
  layerNorm,
  multiHeadAttention,
  rmsNorm,
  rotary
} from "thalweg/nn"
import { key, normal, randint, split } from "thalweg/random"
import { still } from "./arbitrary/model.js"
import { range } from "./arbitrary/numbers.js"
import { exact, rounded } from "./equality.js"
import { law, type Law } from "./law.js"

/** The layers, and the function, of which Transformers are made. */
export interface Attention {
  readonly multiHeadAttention: typeof multiHeadAttention
  readonly cachedAttention: typeof cachedAttention
  readonly crossAttention: typeof crossAttention
  readonly embedding: typeof embedding
  readonly rotary: typeof rotary
  readonly layerNorm: typeof layerNorm
  readonly rmsNorm: typeof rmsNorm
}

/** How attention is made, and of how many examples and places. */
const sizes = fc
  .record({
    groups: fc.integer({ min: 1, max: 2 }),
    keyValueHeads: fc.integer({ min: 1, max: 2 }),
    pairs: fc.integer({ min: 1, max: 2 }),
    turning: fc.boolean(),
    causal: fc.boolean(),
    batch: fc.integer({ min: 1, max: 2 }),
    places: fc.integer({ min: 2, max: 5 }),
    seed: fc.nat()
  })
  .map(({ groups, pairs, keyValueHeads, turning, ...sizes }) => {
    const heads = groups * keyValueHeads
    const options = { heads, keyValueHeads, ...(turning && { rotary: 100 }) }
    return { ...sizes, options, width: heads * pairs * 2 }
  })

type Sizes = typeof sizes extends fc.Arbitrary<infer A> ? A : never

/** Inputs, others beside them, and a key. */
const drawn = ({ batch, places, width, seed }: Sizes): readonly [x: Tensor, y: Tensor, key: Tensor] => {
  const [a, b, c] = split(key(seed), 3) as [Tensor, Tensor, Tensor]
  const draw = (key: Tensor): Tensor => normal(key, [batch, places, width], { dtype: "f64" })
  return [draw(a), draw(b), c]
}

/** Some places of an input, from one to another. */
const cut = (x: Tensor, from: number, to: number): Tensor => sliceAxis(x, 1, from, to)

/** A place inside, of so many. */
const inside = ({ places, seed }: Sizes): number => 1 + (seed % (places - 1))

/** Places without features. */
const vectors = fc.record({
  seed: fc.nat(),
  pairs: fc.integer({ min: 1, max: 4 }),
  places: fc.integer({ min: 1, max: 3 })
})

/**
 * Lists the laws of what Transformers are made of, over random sizes in f64: what attention sees and what it does not, whether it is
 * told of all places or of some, that embeddings are looked up and rotary positions relative, and to what normalizations are blind.
 *
 * @example
 * import assert from "node:assert"
 * import * as nn from "thalweg/nn"
 * import { attentionLaws, checkAll } from "thalweg/laws"
 *
 * assert(checkAll(attentionLaws(nn), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const attentionLaws = (nn: Attention): readonly Law[] => {
  const { multiHeadAttention, cachedAttention, crossAttention, embedding, rotary, layerNorm, rmsNorm } = nn
  return [
    law("causal attention does not look ahead", rounded, sizes, sample => {
      const [x, other, key] = drawn(sample)
      const layer = multiHeadAttention({ ...sample.options, causal: true })
      const { params, state } = layer.init(key, x)
      const at = inside(sample)
      const changed = concat([cut(x, 0, at), cut(other, at, sample.places)], 1)
      const run = (x: Tensor): Tensor => cut(layer.apply(params, state, x, still)[0], 0, at)
      return [run(x), run(changed)]
    }),
    law("what is masked does not matter to attention, be it NaN", rounded, sizes, sample => {
      const [x, , key] = drawn(sample)
      const layer = multiHeadAttention({ ...sample.options, causal: sample.causal })
      const { params, state } = layer.init(key, x)
      const at = inside(sample)
      const seen = range(sample.batch).map(() => range(sample.places).map(place => place < at))
      const run = (x: Tensor): Tensor => cut(layer.apply(params, state, x, { ...still, mask: tensor(seen) })[0], 0, at)
      return [run(x), run(concat([cut(x, 0, at), mul(cut(x, at, sample.places), NaN)], 1))]
    }),
    law("attention that sees nothing gives the bias of its output", exact, sizes, sample => {
      const [x, , key] = drawn(sample)
      const layer = multiHeadAttention({ ...sample.options, causal: sample.causal })
      const { params, state } = layer.init(key, x)
      const bias = normal(key, [sample.width], { dtype: "f64" })
      const own = { ...params, output: { ...params.output, bias } }
      const mask = cast(zeros([sample.batch, sample.places]), "bool")
      return [layer.apply(own, state, x, { ...still, mask })[0], add(zeros(x.shape, "f64"), bias)]
    }),
    law("attention permutes as its places do", rounded, sizes, sample => {
      const [x, , key] = drawn(sample)
      const layer = multiHeadAttention({ ...sample.options, rotary: undefined })
      const { params, state } = layer.init(key, x)
      const at = inside(sample)
      const order = range(sample.places).map(place => (place + at) % sample.places)
      const run = (x: Tensor): Tensor => layer.apply(params, state, x, still)[0]
      return [run(take(x, order, 1)), take(run(x), order, 1)]
    }),
    law("attention to places that come in pieces is that to all at once", rounded, sizes, sample => {
      const [x, , key] = drawn(sample)
      const layer = cachedAttention({ ...sample.options, length: sample.places + 1 })
      const { params, state } = layer.init(key, x)
      const [first, after] = evaluate(layer.apply(params, state, cut(x, 0, inside(sample)), still))
      const [second] = layer.apply(params, after, cut(x, inside(sample), sample.places), still)
      const whole = multiHeadAttention({ ...sample.options, causal: true })
      return [concat([first, second], 1), whole.apply(params, [], x, still)[0]]
    }),
    law("the order of a memory does not matter to attention", rounded, sizes, sample => {
      const [x, memory, key] = drawn(sample)
      const { heads, keyValueHeads } = sample.options
      const layer = crossAttention({ heads, keyValueHeads })
      const { params, state } = layer.init(key, x, { memory })
      const run = (memory: Tensor): Tensor => layer.apply(params, state, x, { ...still, memory })[0]
      const order = range(sample.places).map(place => (place + inside(sample)) % sample.places)
      return [run(take(memory, order, 1)), run(memory)]
    }),
    law("an embedding is the product of one-hot tokens with its table", exact, vectors, ({ seed, pairs, places }) => {
      const layer = embedding({ tokens: 5, features: pairs, dtype: "f64" })
      const ids = randint(key(seed), [2, places], { min: 0, max: 5 })
      const { params } = layer.init(key(seed + 1), ids)
      return [layer.apply(params, [], ids, still)[0], matmul(oneHot(ids, 5, "f64"), params.table)]
    }),
    law(
      "products of vectors that are turned depend on how far apart their places are",
      rounded,
      fc.tuple(vectors, fc.nat(50), fc.nat(50), fc.nat(50)),
      ([{ seed, pairs }, i, j, shift]) => {
        const [a, b] = split(key(seed)).map(key => normal(key, [1, 2 * pairs], { dtype: "f64" })) as [Tensor, Tensor]
        const at = (x: Tensor, place: number): Tensor =>
          rotary(x, { base: 100, places: tensor([place], { dtype: "i32" }) })
        const product = (i: number, j: number): Tensor => sum(mul(at(a, i), at(b, j)))
        return [product(i, j), product(i + shift, j + shift)]
      }
    ),
    law("turning keeps lengths", rounded, vectors, ({ seed, pairs, places }) => {
      const x = normal(key(seed), [places, 2 * pairs], { dtype: "f64" })
      const lengths = (x: Tensor): Tensor => sum(mul(x, x), { axes: -1 })
      return [lengths(rotary(x)), lengths(x)]
    }),
    law(
      "layer norm is blind to a shift and a scale of each place",
      rounded,
      fc.tuple(vectors, fc.integer({ min: -8, max: 8 }), fc.constantFrom(0.5, 2, 4)),
      ([{ seed, pairs, places }, shift, factor]) => {
        const x = normal(key(seed), [places, 2 * pairs], { dtype: "f64" })
        const layer = layerNorm({ epsilon: 1e-30 })
        const { params } = layer.init(key(seed), x)
        const numbers = reshape(tensor(range(places), { dtype: "f64" }), [places, 1])
        const run = (x: Tensor): Tensor => layer.apply(params, [], x, still)[0]
        return [run(x), run(add(mul(x, factor), mul(numbers, shift)))]
      }
    ),
    law(
      "rms norm is blind to a scale of each place",
      rounded,
      fc.tuple(vectors, fc.constantFrom(0.1, 2, 30)),
      ([{ seed, pairs, places }, factor]) => {
        const x = normal(key(seed), [places, 2 * pairs], { dtype: "f64" })
        const layer = rmsNorm({ epsilon: 1e-30 })
        const { params } = layer.init(key(seed), x)
        const numbers = reshape(tensor(range(places), { dtype: "f64" }), [places, 1])
        const run = (x: Tensor): Tensor => layer.apply(params, [], x, still)[0]
        return [run(x), run(mul(x, mul(add(numbers, 1), factor)))]
      }
    )
  ]
}
