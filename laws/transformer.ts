import fc from "fast-check"
import { concat, evaluate, expandDims, mul, sliceAxis, tensor, where, type Tensor, type Tree } from "thalweg"
import type {
  cachedDecoderBlock,
  cachedPositions,
  cachedSinusoidalPositions,
  cachedTransformerBlock,
  decoderBlock,
  positions,
  sinusoidalPositions,
  transformerBlock
} from "thalweg/nn"
import { key, normal } from "thalweg/random"
import { still, upTo, type Made } from "./arbitrary/model.js"
import { range } from "./arbitrary/numbers.js"
import { rounded } from "./equality.js"
import { law, type Law } from "./law.js"

/** The blocks of Transformers and what numbers their places, each of which can be told of places as they come. */
export interface Blocks {
  readonly transformerBlock: typeof transformerBlock
  readonly cachedTransformerBlock: typeof cachedTransformerBlock
  readonly decoderBlock: typeof decoderBlock
  readonly cachedDecoderBlock: typeof cachedDecoderBlock
  readonly positions: typeof positions
  readonly cachedPositions: typeof cachedPositions
  readonly sinusoidalPositions: typeof sinusoidalPositions
  readonly cachedSinusoidalPositions: typeof cachedSinusoidalPositions
}

const WIDTH = 4

/** A block, and of how many examples and places; how long its memory is. */
const sizes = fc.record({
  options: fc.record({
    heads: upTo(2),
    hidden: upTo(3),
    norm: fc.constantFrom("before" as const, "after" as const),
    rotary: fc.constantFrom(undefined, 100)
  }),
  batch: upTo(2),
  places: fc.integer({ min: 2, max: 4 }),
  memory: upTo(3),
  seed: fc.nat()
})

type Sizes = typeof sizes extends fc.Arbitrary<infer A> ? A : never

/** An input and another, the places before which they may differ, and what a decoder looks at besides. */
const drawn = ({ batch, places, memory: length, seed }: Sizes) => {
  const draw = (salt: number, length: number): Tensor =>
    normal(key(seed + salt), [batch, length, WIDTH], { dtype: "f64" })
  const there = tensor(range(batch).map(i => range(length).map(place => place === 0 || (place + i + seed) % 2 === 0)))
  return {
    x: draw(0, places),
    other: draw(1, places),
    cut: 1 + (seed % (places - 1)),
    context: { memory: draw(2, length), memoryMask: there }
  }
}

const part = (x: Tensor, start: number, stop: number): Tensor => sliceAxis(x, 1, start, stop)

/**
 * Lists the laws of the blocks of Transformers and of what numbers their places, over random sizes in f64: told of places one by one
 * they give what they give for all at once; a decoder does not look ahead, nor at what of its memory is not there; what is masked
 * does not matter.
 *
 * @example
 * import assert from "node:assert"
 * import * as nn from "thalweg/nn"
 * import { blockLaws, checkAll } from "thalweg/laws"
 *
 * assert(checkAll(blockLaws(nn), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const blockLaws = (nn: Blocks): readonly Law[] => {
  type Context = { readonly memory: Tensor; readonly memoryMask: Tensor }
  /** What a layer that keeps what it was told gives for one place after the other. */
  const inTurn = (layer: Made, params: Tree, state: Tree, x: Tensor, context: object): Tensor => {
    const { outputs } = range(x.shape[1] ?? 0).reduce<{ readonly outputs: readonly Tensor[]; readonly state: Tree }>(
      ({ outputs, state }, i) => {
        const [y, after] = evaluate(layer.apply(params, state, part(x, i, i + 1), { ...still, ...context }))
        return { outputs: [...outputs, y], state: after }
      },
      { outputs: [], state }
    )
    return concat(outputs, 1)
  }
  /** A layer that is told of all at once, and the same that keeps what it was told. */
  const told = (name: string, pairOf: (sizes: Sizes) => readonly [whole: unknown, cached: unknown]): Law =>
    law(`${name}, told of its places one by one, gives what it gives for all at once`, rounded, sizes, sample => {
      const { x, context } = drawn(sample)
      const [whole, cached] = pairOf(sample) as readonly [Made, Made]
      const begin = (layer: Made) => (layer.init as (key: Tensor, x: Tensor, context: Context) => ReturnType<Made["init"]>)(key(sample.seed), x, context) // prettier-ignore
      const { params, state } = begin(whole)
      const [y] = whole.apply(params, state, x, { ...still, ...context })
      return [inTurn(cached, params, begin(cached).state, x, context), y]
    })
  const length = ({ places }: Sizes) => ({ length: places + 1 })
  const decoding = (sample: Sizes, x: Tensor, context: Context): Tensor => {
    const layer = nn.decoderBlock(sample.options)
    const { params, state } = layer.init(key(sample.seed), x, context)
    return layer.apply(params, state, x, { ...still, ...context })[0]
  }
  return [
    told("a causal block", sample => [
      nn.transformerBlock({ ...sample.options, causal: true }),
      nn.cachedTransformerBlock({ ...sample.options, ...length(sample) })
    ]),
    told("a decoder's block", sample => [
      nn.decoderBlock(sample.options),
      nn.cachedDecoderBlock({ ...sample.options, ...length(sample) })
    ]),
    told("what adds learned positions", sample => [nn.positions(length(sample)), nn.cachedPositions(length(sample))]),
    told("what adds sinusoidal positions", () => [nn.sinusoidalPositions(), nn.cachedSinusoidalPositions()]),
    law("a decoder's block does not look ahead", rounded, sizes, sample => {
      const { x, other, cut, context } = drawn(sample)
      const changed = concat([part(x, 0, cut), part(other, cut, sample.places)], 1)
      const first = (x: Tensor): Tensor => part(decoding(sample, x, context), 0, cut)
      return [first(changed), first(x)]
    }),
    law("a decoder's block does not look at what is not there of its memory", rounded, sizes, sample => {
      const { x, context } = drawn(sample)
      const { memory, memoryMask } = context
      const wild = where(expandDims(memoryMask, -1), memory, mul(memory, 100))
      return [decoding(sample, x, { memory: wild, memoryMask }), decoding(sample, x, context)]
    }),
    law("what is masked does not matter to a block", rounded, sizes, sample => {
      const { x, other, cut } = drawn(sample)
      const layer = nn.transformerBlock(sample.options)
      const { params, state } = layer.init(key(sample.seed), x)
      const mask = tensor(range(sample.batch).map(() => range(sample.places).map(place => place < cut)))
      const first = (x: Tensor): Tensor => part(layer.apply(params, state, x, { ...still, mask })[0], 0, cut)
      return [first(concat([part(x, 0, cut), mul(part(other, cut, sample.places), 100)], 1)), first(x)]
    })
  ]
}
