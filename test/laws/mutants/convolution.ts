import { flip, max, mul, reshape, swapAxes, type Tensor } from "thalweg"
import { convolutionLaws, type Convolutions } from "thalweg/laws"
import * as nn from "thalweg/nn"
import { mutant, type Mutants } from "./mutant.js"

const broken = (wrong: { readonly [K in keyof Convolutions]?: unknown }) =>
  convolutionLaws({ ...nn, ...wrong } as Convolutions)

type Kernel = { readonly kernel: Tensor }

/** The same layer, with another kernel. */
const kernelled =
  (make: (options: never) => object, change: (kernel: Tensor) => Tensor) =>
  (options: never): object => {
    const layer = make(options) as nn.Layer<Kernel>
    return {
      ...layer,
      apply: ({ kernel }: Kernel, state: nn.None, x: Tensor, mode: nn.Mode) =>
        layer.apply({ kernel: change(kernel) }, state, x, mode)
    }
  }

type Options = { readonly padding?: unknown; readonly multiplier: number }
type Separable = { readonly depthwise: Kernel; readonly pointwise: Kernel }

/** Takes the intermediate channels by their number first, and not by the channel that they come from. */
const interleaved = (options: Options & nn.SeparableConvOptions): object => {
  const layer = nn.separableConv2d({ ...options, bias: false })
  const regrouped = (kernel: Tensor): Tensor => {
    const [inputs, outputs] = kernel.shape.slice(-2) as [number, number]
    const apart = reshape(kernel, [inputs / options.multiplier, options.multiplier, outputs])
    return reshape(swapAxes(apart, 0, 1), kernel.shape)
  }
  return {
    ...layer,
    apply: ({ depthwise, pointwise }: Separable, state: never, x: Tensor, mode: nn.Mode) =>
      layer.apply({ depthwise, pointwise: { kernel: regrouped(pointwise.kernel) } }, state, x, mode)
  }
}

const unflipped = kernelled(nn.convTranspose2d, kernel => flip(kernel, [0, 1]))

const turned = ({ padding = "same", ...options }: nn.ConvTransposeOptions): object =>
  nn.convTranspose2d({
    ...options,
    padding: typeof padding === "string" ? padding : padding.map(([low, high]) => [high, low] as const)
  })

export const convolutionMutants: Mutants = {
  "a convolution of what is shifted is shifted": [
    mutant(
      "pads its borders",
      broken({ conv2d: (options: nn.ConvOptions) => nn.conv2d({ ...options, padding: [[1, 0], [0, 0]] }) }) // prettier-ignore
    )
  ],
  "conv1d and convTranspose1d are those over two axes, of height 1": [
    mutant("flips the kernel", broken({ conv1d: kernelled(nn.conv1d, kernel => flip(kernel, 0)) })),
    mutant("does not flip it", broken({ convTranspose1d: kernelled(nn.convTranspose1d, k => flip(k, 0)) }))
  ],
  "a separable convolution is a full one, whose kernel is the product": [
    mutant("mixes up intermediate channels", broken({ separableConv2d: interleaved }))
  ],
  "a transposed convolution is the adjoint of the convolution": [
    mutant("does not flip the kernel", broken({ convTranspose2d: unflipped })),
    mutant("pads the one end as the other", broken({ convTranspose2d: turned }))
  ],
  "global pooling is pooling of one window": [
    mutant("averages for the largest", broken({ globalMaxPool: nn.globalAveragePool })),
    mutant(
      "sums",
      broken({
        globalAveragePool: () =>
          nn.stateless("sums", (x: Tensor) => mul(nn.globalAveragePool().apply([], [], x, { training: false })[0], 2))
      })
    )
  ],
  "adaptive pooling into bins of one size is pooling": [
    mutant("averages for the largest", broken({ adaptiveMaxPool: nn.adaptiveAveragePool })),
    mutant("takes the largest for an average", broken({ adaptiveAveragePool: nn.adaptiveMaxPool }))
  ],
  "of equals the first has the derivative, whatever pools": [
    mutant(
      "shares it among them",
      broken({ globalMaxPool: () => nn.stateless("shares", (x: Tensor) => max(x, { axes: [1, 2] })) })
    ),
    mutant(
      "takes the first axis first",
      broken({
        adaptiveMaxPool: ({ size: [rows, columns] }: { readonly size: readonly [number, number] }) =>
          nn.stateless("rows first", (x: Tensor) => {
            const pooled = (size: readonly [number, number], x: Tensor): Tensor =>
              nn.adaptiveMaxPool({ size }).apply([], [], x, { training: false })[0]
            return pooled([rows, columns], pooled([rows, x.shape[2] ?? 1], x))
          })
      })
    )
  ],
  "pooling undoes the repetition of places": [
    mutant(
      "interpolates",
      broken({ upsample: (options: nn.UpsampleOptions) => nn.upsample({ ...options, method: "linear" }) })
    )
  ]
}
