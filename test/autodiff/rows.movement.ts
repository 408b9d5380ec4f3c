import fc from "fast-check"
import * as t from "thalweg"
import type { ReduceFn } from "../../src/dataflow/primitive.js"
import type { Row } from "./rows.elementwise.js"
import {
  any,
  arbShape,
  arbShapes,
  axesOf,
  axisOf,
  fixed,
  i32,
  range,
  shaped,
  sizeOf,
  tensors,
  vector,
  type Sample
} from "./samples.js"

const reductions = (f: (x: t.Tensor, options: t.ReduceOptions) => t.Tensor): fc.Arbitrary<Sample> =>
  shaped(
    shape => fc.record({ axes: axesOf(shape), keepDims: fc.boolean() }).map(options => x => f(x, options)),
    arbShape()
  )

export const reduceRows: Record<ReduceFn, readonly Row[]> = {
  sum: [{ name: "sum", samples: reductions(t.sum) }],
  prod: [
    { name: "prod", samples: reductions(t.prod) },
    { name: "prod, one factor 0", samples: fixed([[7]], x => t.prod(t.pad(x, [[2, 0]]))) },
    { name: "prod, a factor that becomes 0", samples: fixed([[7]], x => t.prod(t.sub(x, t.at(x, 3)))) },
    { name: "prod, five factors", samples: fixed([[2, 5]], x => t.prod(x, { axes: 1 })) }
  ],
  max: [{ name: "max", samples: reductions(t.max) }],
  min: [{ name: "min", samples: reductions(t.min) }],
  mean: [{ name: "mean", samples: reductions(t.mean) }],
  norm: [{ name: "norm", samples: reductions(t.norm) }]
}

export const cumSumRows: readonly Row[] = [false, true].map(reverse => ({
  name: reverse ? "cumSum, reverse" : "cumSum",
  samples: shaped(shape => axisOf(shape).map(axis => x => t.cumSum(x, { axis, reverse })))
}))

export const reshapeRows: readonly Row[] = [
  { name: "flatten", samples: shaped(() => fc.constant(t.flatten), arbShape()) },
  {
    name: "expandDims",
    samples: shaped(shape => fc.nat(shape.length).map(axis => x => t.expandDims(x, axis)), arbShape())
  }
]

export const transposeRows: readonly Row[] = [
  {
    name: "transpose",
    samples: shaped(
      shape => {
        const axes = range(shape.length).slice()
        const order = fc.shuffledSubarray(axes, { minLength: shape.length })
        return order.map(permutation => x => t.square(t.transpose(x, permutation)))
      },
      arbShape(2, 4)
    )
  }
]

export const broadcastRows: readonly Row[] = [
  {
    name: "broadcastTo",
    samples: arbShapes(2).chain(shapes => {
      const [from = [], to = []] = shapes.toSorted((a, b) => a.length - b.length)
      const target = to.map((n, axis) => Math.max(n, from[axis - to.length + from.length] ?? 1))
      return fixed([from], x => t.broadcastTo(x, target))
    })
  }
]

const parts = (n: number): fc.Arbitrary<{ start: number; stop: number; step: number }> =>
  fc.record({ start: fc.nat(n), stop: fc.nat(n), step: fc.integer({ min: 1, max: 3 }) })

export const sliceRows: readonly Row[] = [
  {
    name: "slice with steps",
    samples: shaped(
      shape =>
        vector(shape, parts).map(list => {
          const options = { start: list.map(p => p.start), stop: list.map(p => p.stop), step: list.map(p => p.step) }
          return x => t.slice(x, options)
        }),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 2 })
    )
  },
  {
    name: "slice, three steps of three",
    samples: fixed([[9, 2]], x => t.slice(x, { start: [1], stop: [9], step: [3] }))
  },
  { name: "slice from the end", samples: fixed([[5, 2]], x => t.slice(x, { start: [-4], stop: [-1], step: [2] })) }
]

const pads = fc.record({
  low: fc.integer({ min: -2, max: 3 }),
  high: fc.integer({ min: -2, max: 3 }),
  interior: fc.nat(2)
})

/** Padding that crops no more than there is. */
const padded = (
  x: t.Tensor,
  list: readonly { low: number; high: number; interior: number }[],
  value: t.Operand
): t.Tensor => {
  const padding = list.map(({ low, high, interior }, axis): readonly [number, number] => {
    const size = (x.shape[axis] ?? 0) + Math.max(0, (x.shape[axis] ?? 0) - 1) * interior
    return [low, Math.max(high, -size - low)]
  })
  return t.pad(x, padding, { interior: list.map(p => p.interior), value })
}

export const padRows: readonly Row[] = [
  { name: "pad", samples: shaped(shape => vector(shape, () => pads).map(list => x => padded(x, list, 0))) },
  {
    name: "pad, by its value",
    samples: arbShape(1).chain(shape =>
      fc
        .tuple(
          vector(shape, () => pads),
          tensors([shape, []])
        )
        .map(([list, at]): Sample => ({
          f: (x, value) => padded(x, list, value),
          at
        }))
    )
  },
  { name: "pad, by one tensor twice", samples: fixed([[]], x => t.pad(t.reshape(x, [1]), [[1, 2]], { value: x })) }
]

export const concatRows: readonly Row[] = [
  {
    name: "concat",
    samples: fc
      .tuple(arbShape(1), fc.array(fc.nat(3), { minLength: 2, maxLength: 4 }), fc.nat(2))
      .chain(([shape, sizes, k]) => {
        const axis = k % shape.length
        return tensors(sizes.map(n => shape.with(axis, n))).map(at => ({ f: (...xs) => t.concat(xs, axis), at }))
      })
  },
  { name: "concat of one with itself", samples: fixed([[2, 2]], x => t.concat([x, t.square(x), x], 1)) }
]

export const flipRows: readonly Row[] = [
  { name: "flip", samples: shaped(shape => axesOf(shape).map(axes => x => t.flip(x, axes))) }
]

export const gatherRows: readonly Row[] = [
  {
    name: "take, repeated indices",
    samples: shaped(shape =>
      axisOf(shape).chain(axis => {
        const index = fc.nat((shape[axis] ?? 1) - 1)
        const indices = fc.array(fc.tuple(index, index), { maxLength: 4 })
        return indices.map(list => x => t.take(x, i32(list.flat(), [list.length, 2]), axis))
      })
    )
  },
  {
    name: "takeAlongAxis",
    samples: shaped(shape =>
      fc.tuple(axisOf(shape), fc.integer({ min: 1, max: 4 })).chain(([axis, count]) => {
        const target = shape.with(axis, count)
        const size = sizeOf(target)
        const indices = fc.array(fc.nat((shape[axis] ?? 1) - 1), { minLength: size, maxLength: size })
        return indices.map(list => x => t.takeAlongAxis(x, i32(list, target), axis))
      })
    )
  },
  { name: "sort", samples: shaped(shape => axisOf(shape).map(axis => x => t.sort(x, axis)), arbShape(1), any) }
]

const scattered = (name: "scatterAdd" | "scatterSet"): readonly Row[] => [
  {
    name,
    samples: arbShape(1).chain(shape =>
      axisOf(shape).chain(axis => {
        const indices = fc.array(fc.nat((shape[axis] ?? 1) - 1), { maxLength: 4 })
        return indices.chain(list => {
          const updates = shape.with(axis, list.length)
          return fixed([shape, updates], (base, rows) => t[name](base, i32(list), t.square(rows), axis))
        })
      })
    )
  }
]

export const scatterAddRows = scattered("scatterAdd")

export const scatterSetRows = scattered("scatterSet")
