import { onesLike, zerosLike, type Tensor, type Tree } from "thalweg"
import { blockLaws, type Blocks } from "thalweg/laws"
import * as nn from "thalweg/nn"
import { mutant, type Mutants } from "./mutant.js"

type Made = nn.Layer<Tree, Tree>
type Apply = Made["apply"]

/** A layer that is applied otherwise. */
const applied = (name: keyof Blocks, change: (apply: Apply) => Apply) =>
  blockLaws({
    ...nn,
    [name]: (options: never) => {
      const layer = (nn[name] as unknown as (options: never) => Made)(options)
      return { ...layer, apply: change(layer.apply) }
    }
  })

/** Forgets all that came before. */
const forgets = (name: keyof Blocks) =>
  applied(name, apply => (params, state, ...rest) => [apply(params, state, ...rest)[0], state])

/** Is told of another context. */
const under = (name: keyof Blocks, change: (context: Readonly<Record<string, Tensor>>) => object) =>
  applied(
    name,
    apply => (params, state, x, mode) => apply(params, state, x, { ...change(mode as never), training: false })
  )

/** The encoder's block under other options. */
const optioned = (more: Partial<nn.TransformerBlockOptions>) =>
  blockLaws({
    ...nn,
    transformerBlock: ((options: nn.TransformerBlockOptions) =>
      nn.transformerBlock({ ...options, ...more })) as unknown as Blocks["transformerBlock"]
  })

export const blockMutants: Mutants = {
  "a causal block, told of its places one by one, gives what it gives for all at once": [
    mutant("forgets what was", forgets("cachedTransformerBlock")),
    mutant("looks ahead when told of all", optioned({ causal: false })),
    mutant("normalizes at another place", optioned({ norm: "after" }))
  ],
  "a decoder's block, told of its places one by one, gives what it gives for all at once": [
    mutant("forgets what was", forgets("cachedDecoderBlock")),
    mutant(
      "sees no memory when it is told of single places",
      under("cachedDecoderBlock", ({ memory, ...rest }) => ({ ...rest, memory: memory && zerosLike(memory) }))
    )
  ],
  "what adds learned positions, told of its places one by one, gives what it gives for all at once": [
    mutant("counts from 0 again", forgets("cachedPositions"))
  ],
  "what adds sinusoidal positions, told of its places one by one, gives what it gives for all at once": [
    mutant("counts from 0 again", forgets("cachedSinusoidalPositions"))
  ],
  "a decoder's block does not look ahead": [
    mutant(
      "attends to all places",
      blockLaws({
        ...nn,
        decoderBlock: ((options: nn.TransformerBlockOptions) =>
          nn.transformerBlock(options)) as unknown as Blocks["decoderBlock"]
      })
    )
  ],
  "a decoder's block does not look at what is not there of its memory": [
    mutant(
      "takes all of its memory to be there",
      under("decoderBlock", ({ memoryMask, ...rest }) => ({ ...rest, memoryMask: memoryMask && onesLike(memoryMask) }))
    )
  ],
  "what is masked does not matter to a block": [
    mutant(
      "forgets the mask",
      under("transformerBlock", ({ mask: _, ...rest }) => rest)
    )
  ]
}
