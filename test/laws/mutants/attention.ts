import {
  add,
  cast,
  gt,
  iota,
  mean,
  minimum,
  mul,
  rsqrt,
  sliceAxis,
  square,
  sub,
  sum,
  where,
  zerosLike,
  type Tensor
} from "thalweg"
import { attentionLaws, type Attention } from "thalweg/laws"
import * as nn from "thalweg/nn"
import { mutant, type Mutants } from "./mutant.js"

const suite = (wrong: Partial<Attention>) => attentionLaws({ ...nn, ...wrong })

type Options = nn.MultiHeadAttentionOptions
type Context = nn.Mode & nn.MaskContext

/** Attention under other options, or that is applied otherwise. */
const attending = (
  options: (options: Options) => Options,
  apply?: (x: Tensor, mode: Context) => readonly [Tensor, Context]
) =>
  suite({
    multiHeadAttention: ((given: Options) => {
      const layer = nn.multiHeadAttention(options(given))
      const change = apply ?? ((x, mode) => [x, mode] as const)
      return {
        ...layer,
        apply: (params: never, state: never, x: Tensor, mode: Context) => layer.apply(params, state, ...change(x, mode))
      }
    }) as unknown as Attention["multiHeadAttention"]
  })

/** A mask that makes scores very low, as some libraries have it. */
const lowered = (x: Tensor, { mask, ...mode }: Context): readonly [Tensor, Context] => [
  x,
  mask === undefined ? mode : { ...mode, mask: cast(where(mask, 0, -1e9), x.dtype) }
]

/** Attention whose state is changed before it goes on. */
const caching = (change: (state: nn.AttentionCache) => nn.AttentionCache) =>
  suite({
    cachedAttention: ((given: nn.CachedAttentionOptions) => {
      const layer = nn.cachedAttention(given)
      return {
        ...layer,
        apply: (params: never, state: nn.AttentionCache, x: Tensor, mode: nn.Mode) => {
          const [y, after] = layer.apply(params, state, x, mode)
          return [y, change(after)] as const
        }
      }
    }) as unknown as Attention["cachedAttention"]
  })

type Crossing = nn.Mode & { readonly memory: Tensor }

/** Attention to another memory. */
const crossing = (change: (memory: Tensor) => Tensor) =>
  suite({
    crossAttention: ((given: Options) => {
      const layer = nn.crossAttention(given)
      return {
        ...layer,
        apply: (params: never, state: never, x: Tensor, mode: Crossing) =>
          layer.apply(params, state, x, { ...mode, memory: change(mode.memory) })
      }
    }) as unknown as Attention["crossAttention"]
  })

/** An embedding of other tokens. */
const looking = (change: (ids: Tensor) => Tensor) =>
  suite({
    embedding: (options => {
      const layer = nn.embedding(options)
      return { ...layer, apply: (params, state, ids, mode) => layer.apply(params, state, change(ids), mode) }
    }) as Attention["embedding"]
  })

/** A normalization without parameters. */
const normalizing = (name: "layerNorm" | "rmsNorm", f: (x: Tensor) => Tensor) =>
  suite({ [name]: (() => nn.stateless(name, f)) as unknown })

const over = { axes: -1, keepDims: true } as const
const overPlaces = { axes: 0, keepDims: true } as const

export const attentionMutants: Mutants = {
  "causal attention does not look ahead": [
    mutant(
      "forgets that it is causal",
      attending(options => ({ ...options, causal: false }))
    )
  ],
  "what is masked does not matter to attention, be it NaN": [
    mutant("forgets the mask", attending(options => options, (x, { mask: _, ...mode }) => [x, mode])), // prettier-ignore
    mutant("adds 0 times what is masked", attending(options => options, (x, mode) => [add(x, mul(sum(x, { axes: 1, keepDims: true }), 0)), mode])) // prettier-ignore
  ],
  "attention that sees nothing gives the bias of its output": [
    mutant("sees all where it should see nothing", attending(options => options, (x, { mask: _, ...mode }) => [x, mode])), // prettier-ignore
    mutant(
      "averages all values alike where nothing is seen",
      attending(options => options, lowered)
    )
  ],
  "attention permutes as its places do": [
    mutant(
      "tells places apart",
      attending(options => ({ ...options, rotary: 100 }))
    ),
    mutant(
      "is always causal",
      attending(options => ({ ...options, causal: true }))
    )
  ],
  "attention to places that come in pieces is that to all at once": [
    mutant(
      "forgets what was",
      caching(state => ({ ...state, count: zerosLike(state.count) }))
    ),
    mutant(
      "keeps values for keys",
      caching(state => ({ ...state, keys: state.values }))
    )
  ],
  "the order of a memory does not matter to attention": [
    mutant(
      "tells the places of a memory apart",
      crossing(memory => add(memory, iota(memory.shape, 1, "f64")))
    ),
    mutant(
      "sees the first places of a memory only",
      crossing(memory => sliceAxis(memory, 1, 0, 1))
    )
  ],
  "an embedding is the product of one-hot tokens with its table": [
    mutant(
      "counts tokens from 1",
      looking(ids => where(gt(ids, 0), sub(ids, 1), 4))
    ),
    mutant(
      "forgets the last token",
      looking(ids => minimum(ids, 3))
    )
  ],
  "products of vectors that are turned depend on how far apart their places are": [
    mutant(
      "adds the number of the place",
      suite({ rotary: (x, options) => (options?.places === undefined ? x : add(x, cast(options.places, x.dtype))) })
    ),
    mutant("leaves a part as it is", suite({ rotary: (x, options) => sub(nn.rotary(x, options), mul(x, 0.5)) }))
  ],
  "turning keeps lengths": [
    mutant("adds what is turned to what is not", suite({ rotary: (x, options) => add(x, nn.rotary(x, options)) }))
  ],
  "layer norm is blind to a shift and a scale of each place": [
    mutant(
      "keeps the mean",
      normalizing("layerNorm", x => mul(x, rsqrt(mean(square(x), over))))
    ),
    mutant("normalizes over the wrong axis", normalizing("layerNorm", x => mul(sub(x, mean(x, overPlaces)), rsqrt(add(mean(square(sub(x, mean(x, overPlaces))), overPlaces), 1e-30))))) // prettier-ignore
  ],
  "rms norm is blind to a scale of each place": [
    mutant(
      "has an ε of 1",
      normalizing("rmsNorm", x => mul(x, rsqrt(add(mean(square(x), over), 1))))
    ),
    mutant("normalizes all places together", normalizing("rmsNorm", x => mul(x, rsqrt(mean(square(x)))))) // prettier-ignore
  ]
}
