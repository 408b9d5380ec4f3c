import { describe, expect, test } from "vitest"
import { abs, cast, compile, concat, eq, evaluate, grad, item, iota, max, ne, sliceAxis, sub, sum, tensor, toTyped, Tree, where, zeros, type Tensor } from "thalweg" // prettier-ignore
import {
  cachedDecoderBlock,
  cachedPositions,
  cachedTransformerBlock,
  decoderBlock,
  dense,
  embedding,
  layerNorm,
  positions,
  providing,
  repeat,
  sequential,
  swiglu,
  transformerBlock
} from "thalweg/nn"
import { key, normal } from "thalweg/random"

const still = { training: false } as const
const worst = (a: Tensor, b: Tensor) => item(max(abs(sub(a, b))))
const size = { heads: 2, hidden: 12, rotary: 100, keyValueHeads: 1 } as const
const x = normal(key(1), [2, 5, 8], { dtype: "f64" })

describe("transformerBlock", () => {
  test("takes a gated activation, which halves what is hidden", () => {
    const block = transformerBlock({ ...size, activation: swiglu })
    const { params, state } = block.init(key(0), x)
    expect([params.up.kernel.shape, params.down.kernel.shape]).toEqual([[8, 12], [6, 8]]) // prettier-ignore
    expect(block.apply(params, state, x, still)[0].shape).toEqual([2, 5, 8])
  })

  test("drops in three ways while training, by the key, and not otherwise", () => {
    const [dropping, keeping] = [transformerBlock({ ...size, dropout: 0.5 }), transformerBlock(size)]
    const { params, state } = keeping.init(key(0), x)
    const train = (seed: number) => dropping.apply(params, state, x, { training: true, key: key(seed) })[0]
    expect(worst(dropping.apply(params, state, x, still)[0], keeping.apply(params, state, x, still)[0])).toBe(0)
    expect(worst(train(1), train(1))).toBe(0)
    expect(worst(train(1), train(2))).toBeGreaterThan(0)
  })

  test("says at which part what does not fit", () => {
    const model = sequential({ blocks: repeat(2)(transformerBlock({ heads: 3, hidden: 4 })) })
    expect(() => model.init(key(0), x)).toThrow('multiHeadAttention at "blocks/each/attention": expected a width that 3 heads divide; got 8') // prettier-ignore
    const decoder = decoderBlock(size)
    expect(() => decoder.init(key(0), x, {} as never)).toThrow('crossAttention at "cross": expected a memory')
    // @ts-expect-error -- no such place
    expect(() => transformerBlock({ ...size, norm: "within" })).toThrow("norm to be before or after")
  })

  test("gets a mask from outside, stacked by repeat: padding does not matter", () => {
    const encoder = providing((ids: Tensor) => [ids, { mask: ne(ids, 0) }] as const)(
      sequential({
        embed: embedding({ tokens: 9, features: 8, dtype: "f64" }),
        blocks: repeat(2)(transformerBlock(size))
      })
    )
    const short = tensor([[3, 4, 5]], { dtype: "i32" })
    const long = concat([short, zeros([1, 4], "i32")], 1)
    const { params, state } = encoder.init(key(0), short)
    const run = (ids: Tensor) => encoder.apply(params, state, ids, still)[0]
    expect(worst(run(short), sliceAxis(run(long), 1, 0, 3))).toBeLessThan(1e-14)
    const slopes = Tree.leaves(grad((p: typeof params) => sum(encoder.apply(p, state, long, still)[0]))(params))
    expect(slopes.every(g => toTyped(g).every(Number.isFinite))).toBe(true)
  })

  test("has the same parameters, cached", () => {
    const memory = { memory: x }
    const paths = (params: object) => Tree.paths(params as Tree)
    expect(paths(cachedTransformerBlock({ ...size, length: 5 }).init(key(0), x).params)).toEqual(paths(transformerBlock(size).init(key(0), x).params)) // prettier-ignore
    expect(paths(cachedDecoderBlock({ ...size, length: 5 }).init(key(0), x, memory).params)).toEqual(paths(decoderBlock(size).init(key(0), x, memory).params)) // prettier-ignore
  })
})

describe("generation", () => {
  const [tokens, length] = [7, 6]
  const around = { embed: embedding({ tokens, features: 8, dtype: "f64" }), norm: layerNorm(), head: dense({ units: tokens }) } // prettier-ignore
  const { embed, norm, head } = around
  const block = { ...size, rotary: undefined }
  const learner = sequential({ embed, places: positions({ length }), blocks: repeat(3)(transformerBlock({ ...block, causal: true })), norm, head }) // prettier-ignore
  const generator = sequential({ embed, places: cachedPositions({ length }), blocks: repeat(3)(cachedTransformerBlock({ ...block, length })), norm, head }) // prettier-ignore
  const ids = tensor([[1, 2, 3, 4, 5, 6], [6, 6, 0, 1, 1, 2]], { dtype: "i32" }) // prettier-ignore
  const { params } = learner.init(key(0), ids)
  const { state } = generator.init(key(0), sliceAxis(ids, 1, 0, 1))
  const [logits] = learner.apply(params, learner.init(key(0), ids).state, ids, still)

  test("place by place gives the logits of the whole, the blocks by repeat, compiled", () => {
    const step = compile((state: Tree, ids: Tensor) => generator.apply(params, state as never, ids, still) as readonly [Tensor, Tree]) // prettier-ignore
    const told = Array.from({ length }, (_, i) => i).reduce<{
      readonly outputs: readonly Tensor[]
      readonly state: Tree
    }>(
      ({ outputs, state }, i) => {
        const [y, after] = step(state, sliceAxis(ids, 1, i, i + 1))
        return { outputs: [...outputs, y], state: after }
      },
      { outputs: [], state }
    )
    expect(worst(concat(told.outputs, 1), logits)).toBeLessThan(1e-13)
  })

  test("takes a prompt at once, and goes on place by place", () => {
    const [first, after] = evaluate(generator.apply(params, state, sliceAxis(ids, 1, 0, 4), still))
    const [next] = generator.apply(params, after, sliceAxis(ids, 1, 4, 5), still)
    expect(worst(concat([first, next], 1), sliceAxis(logits, 1, 0, 5))).toBeLessThan(1e-13)
  })

  test("of a decoder, with a memory", () => {
    const [whole, cached] = [decoderBlock(size), cachedDecoderBlock({ ...size, length: 5 })]
    const memory = { memory: normal(key(3), [2, 3, 8], { dtype: "f64" }) }
    const { params, state } = cached.init(key(0), x, memory)
    const mode = { ...still, ...memory, memoryMask: cast(where(eq(iota([2, 3], 1), 1), 0, 1), "bool") }
    const [y] = whole.apply(params, { ...state, attention: [] }, x, mode)
    const [a, after] = evaluate(cached.apply(params, state, sliceAxis(x, 1, 0, 2), mode))
    const [b] = cached.apply(params, after, sliceAxis(x, 1, 2, 5), mode)
    expect(worst(concat([a, b], 1), y)).toBeLessThan(1e-13)
  })
})
