import fc from "fast-check"
import * as t from "thalweg"
import { dotGeneral } from "../../src/dataflow/contract.js"
import type { Folding, Windows } from "../../src/dataflow/primitive.js"
import { fold, maxPoolPullback } from "../../src/dataflow/rules.js"
import { apply } from "../../src/dataflow/tensor.js"
import type { Row } from "./rows.elementwise.js"
import { fixed, range, tensors, type Sample } from "./samples.js"

type Shapes = readonly t.Shape[]

const einsumRow = (equation: string, ...shapes: Shapes): Row => ({
  name: `einsum ${equation}`,
  samples: fixed(shapes, (...xs) => t.einsum(equation, ...xs))
})

const matmulRow = (...shapes: Shapes): Row => ({
  name: `matmul ${JSON.stringify(shapes)}`,
  samples: fixed(shapes, t.matmul)
})

const small = fc.integer({ min: 1, max: 3 })
const sizes = fc.array(small, { maxLength: 2 })

/** Operands whose batch, contracted and free axes stand in any order. */
const permutedDots: fc.Arbitrary<Sample> = fc
  .tuple(sizes, sizes, sizes, sizes)
  .chain(([batch, contract, left, right]) => {
    const side = (free: readonly number[]): fc.Arbitrary<readonly number[]> => {
      const axes = range(batch.length + contract.length + free.length).slice()
      return fc.shuffledSubarray(axes, { minLength: axes.length })
    }
    /** `order[role]` is the axis at which the role stands: batch first, then contracted, then free. */
    const shapeOf = (order: readonly number[], free: readonly number[]): t.Shape =>
      range(order.length).map(axis => [...batch, ...contract, ...free][order.indexOf(axis)] ?? 1)
    return fc.tuple(side(left), side(right)).chain(([a, b]) => {
      const axes = {
        batch: [a.slice(0, batch.length), b.slice(0, batch.length)],
        contract: [a, b].map(order => order.slice(batch.length, batch.length + contract.length))
      } as unknown as Parameters<typeof dotGeneral>[2]
      return tensors([shapeOf(a, left), shapeOf(b, right)]).map((at): Sample => ({
        f: (x, y) => dotGeneral(x, y, axes),
        at
      }))
    })
  })

export const dotRows: readonly Row[] = [
  matmulRow([2, 3], [3, 4]),
  matmulRow([3], [3]),
  matmulRow([3], [3, 2]),
  matmulRow([2, 3], [3]),
  matmulRow([2, 1, 2, 3], [3, 3, 2]),
  { name: "matmul of one with itself", samples: fixed([[3, 3]], x => t.matmul(x, x)) },
  { name: "matmul with its transpose", samples: fixed([[2, 3]], x => t.matmul(x, t.transpose(x))) },
  einsumRow("ij->", [2, 3]),
  einsumRow("ij,j->i", [2, 3], [3]),
  einsumRow("bij,bkj->ikb", [2, 2, 3], [2, 2, 3]),
  einsumRow("ab,bc,cd->da", [2, 3], [3, 2], [2, 2]),
  einsumRow("i,j,k->kij", [2], [3], [2]),
  einsumRow("bqhd,bkhd->bhqk", [1, 2, 2, 3], [1, 3, 2, 3]),
  { name: "dot, permuted axes", samples: permutedDots }
]

interface ConvCase {
  readonly x: t.Shape
  readonly kernel: t.Shape
  readonly options: t.ConvolutionOptions
}

const padding = fc.oneof(
  fc.constantFrom("valid" as const, "same" as const),
  fc.array(fc.tuple(fc.integer({ min: -1, max: 3 }), fc.integer({ min: -1, max: 3 })), { minLength: 1, maxLength: 1 })
)

const oneToThree = fc.integer({ min: 1, max: 3 })

/** Every option of a convolution over one axis, also those for which no place is left. */
const lines: fc.Arbitrary<ConvCase> = fc
  .record({
    size: fc.integer({ min: 2, max: 6 }),
    window: oneToThree,
    groups: oneToThree,
    strides: oneToThree,
    dilation: oneToThree,
    inputDilation: oneToThree,
    padding
  })
  .map(({ size, window, ...options }) => ({
    x: [2, size, options.groups * 2],
    kernel: [window, 2, options.groups],
    options
  }))

const convSample = ({ x, kernel, options }: ConvCase): fc.Arbitrary<Sample> =>
  fixed([x, kernel], (input, weights) => t.conv(input, weights, options))

const convRow = (name: string, x: t.Shape, kernel: t.Shape, options: t.ConvolutionOptions = {}): Row => ({
  name: `conv, ${name}`,
  samples: convSample({ x, kernel, options })
})

export const convRows: readonly Row[] = [
  { name: "conv of a line, all options", samples: lines.chain(convSample) },
  convRow("1-D", [1, 4, 2], [2, 2, 3]),
  convRow("2-D, same, stride 2", [1, 4, 3, 2], [3, 2, 2, 2], { padding: "same", strides: 2 }),
  convRow("2-D, asymmetric padding and strides", [2, 3, 4, 1], [2, 2, 1, 2], {
    padding: [
      [0, 2],
      [1, 0]
    ],
    strides: [2, 1]
  }),
  convRow("2-D, dilated", [1, 5, 4, 1], [2, 2, 1, 2], { dilation: [2, 3] }),
  convRow("2-D, transposed", [1, 2, 3, 2], [3, 2, 2, 1], {
    inputDilation: [2, 1],
    padding: [
      [2, 2],
      [1, 1]
    ]
  }),
  convRow("2-D, depthwise", [1, 3, 3, 3], [2, 2, 1, 6], { groups: 3 }),
  convRow("2-D, cropping", [1, 4, 4, 1], [2, 2, 1, 1], {
    padding: [
      [-1, 0],
      [0, -1]
    ]
  }),
  convRow("2-D, padding beyond the kernel", [1, 2, 2, 1], [2, 1, 1, 1], {
    padding: [
      [3, 0],
      [0, 2]
    ],
    strides: [2, 2]
  }),
  convRow("3-D", [1, 2, 3, 2, 1], [2, 2, 1, 1, 2], { padding: "same", strides: [1, 2, 1] }),
  {
    name: "conv of one with itself",
    samples: fixed([[1, 3, 1]], x => t.conv(x, t.reshape(x, [3, 1, 1]), { padding: "same" }))
  }
]

const pool = fc.record({
  window: oneToThree,
  strides: oneToThree,
  dilation: fc.integer({ min: 1, max: 2 }),
  padding: fc.constantFrom("valid" as const, "same" as const)
})

const poolRow = (name: string, f: (x: t.Tensor, options: t.PoolOptions) => t.Tensor): readonly Row[] => [
  {
    name: `${name} of a line, all options`,
    samples: pool.chain(options => fixed([[1, 5, 2]], x => f(x, options)))
  },
  { name: `${name}, 2-D, overlapping`, samples: fixed([[1, 4, 3, 2]], x => f(x, { window: [3, 2], strides: 1 })) },
  {
    name: `${name}, 2-D, padded at one side`,
    samples: fixed([[1, 3, 3, 1]], x =>
      f(x, {
        window: 2,
        padding: [
          [0, 1],
          [1, 0]
        ]
      })
    )
  },
  { name: `${name}, 3-D`, samples: fixed([[1, 2, 3, 2, 1]], x => f(x, { window: [2, 2, 1], strides: [1, 1, 2] })) }
]

export const windowReduceRows: readonly Row[] = [
  ...poolRow("sumPool", t.sumPool),
  ...poolRow("maxPool", t.maxPool),
  ...poolRow("averagePool", t.averagePool)
]

const pullbackRow = (name: string, shape: t.Shape, places: t.Shape, windows: Omit<Windows, "axes">): Row => {
  const op = { kind: "maxPoolPullback", axes: [1, 2], ...windows } as const
  return { name, samples: fixed([shape, places], (x, ct) => apply(maxPoolPullback, op, [x, ct])) }
}

export const maxPoolPullbackRows: readonly Row[] = [
  pullbackRow("windows apart", [1, 4, 4, 2], [1, 2, 2, 2], { sizes: [2, 2], strides: [2, 2], dilations: [1, 1] }),
  pullbackRow("overlapping", [2, 4, 3, 1], [2, 2, 2, 1], { sizes: [3, 2], strides: [1, 1], dilations: [1, 1] }),
  pullbackRow("with gaps and holes", [1, 7, 4, 1], [1, 2, 2, 1], { sizes: [2, 2], strides: [3, 1], dilations: [2, 2] })
]

const foldRow = (name: string, shape: t.Shape, folding: Folding): Row => ({
  name,
  samples: fixed([shape], x => apply(fold, { kind: "fold", ...folding }, [x]))
})

export const foldRows: readonly Row[] = [
  foldRow("overlapping windows", [3, 2, 2], { axis: 0, lengths: [4], strides: [1], dilations: [1] }),
  foldRow("with gaps, holes and a rest", [2, 2, 3, 2, 2, 1], { axis: 1, lengths: [6, 6], strides: [3, 2], dilations: [2, 1] }) // prettier-ignore
]
