import { dotGeneral } from "../dataflow/contract.js"
import { zerosLike } from "../dataflow/create.js"
import { isFloat } from "../dataflow/dtype.js"
import { add, div, floor, mul, neg, pow, sign, square, sub, abs } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import { cos, exp, log, sin } from "../dataflow/transcendental.js"
import { and, eq, where } from "../dataflow/logic.js"
import type { BinaryFn, Kind, OpOf, Padding, ReduceFn, Tensor, UnaryFn } from "../dataflow/primitive.js"
import { argMax, cumSum, sum } from "../dataflow/reduce.js"
import { range, removeAxes, sameShape, sizeOf, type Shape } from "../dataflow/shape.js"
import { broadcastTo, expandDims, flip, reshape, squeeze, transpose } from "../dataflow/structure.js"
import { pad, slice, sliceAxis } from "../dataflow/parts.js"
import { takeAlongAxis } from "../dataflow/indexing.js"
import { apply } from "../dataflow/tensor.js"
import { convGeneral, unfold } from "../dataflow/window.js"

/** The cotangent of one argument, made only if something is differentiated by it; `undefined` where nothing flows. */
export type Flow = (() => Tensor) | undefined

/** An expression equal to the primitive, whose derivative is taken in its place. */
export interface Equivalent {
  readonly as: (args: readonly Tensor[]) => Tensor
}

/** The cotangents of the arguments of a node, given the cotangent of its result. */
export type Rule<K extends Kind> = (op: OpOf<K>, node: Tensor, ct: Tensor) => readonly Flow[] | Equivalent

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI)

/** The adjoint of broadcasting: sums what was repeated. */
const sumTo = (x: Tensor, shape: Shape): Tensor => {
  if (sameShape(x.shape, shape)) return x
  const lead = x.shape.length - shape.length
  const repeated = range(x.shape.length).filter(
    axis => axis < lead || (shape[axis - lead] === 1 && x.shape[axis] !== 1)
  )
  return reshape(sum(x, { axes: repeated }), shape)
}

type UnaryRule = (ct: Tensor, x: Tensor, y: Tensor) => Tensor

const unaryRules: Record<UnaryFn, UnaryRule | undefined> = {
  neg: ct => neg(ct),
  abs: (ct, x) => mul(ct, sign(x)),
  sign: undefined,
  floor: undefined,
  ceil: undefined,
  round: undefined,
  not: undefined,
  sqrt: (ct, _, y) => div(ct, mul(2, y)),
  exp: (ct, _, y) => mul(ct, y),
  expm1: (ct, _, y) => mul(ct, add(y, 1)),
  log: (ct, x) => div(ct, x),
  log1p: (ct, x) => div(ct, add(x, 1)),
  sin: (ct, x) => mul(ct, cos(x)),
  cos: (ct, x) => neg(mul(ct, sin(x))),
  atan: (ct, x) => div(ct, add(square(x), 1)),
  tanh: (ct, _, y) => mul(ct, sub(1, square(y))),
  sigmoid: (ct, _, y) => mul(ct, mul(y, sub(1, y))),
  erf: (ct, x) => mul(ct, mul(TWO_OVER_SQRT_PI, exp(neg(square(x))))),
  erfInv: (ct, _, y) => div(mul(ct, exp(square(y))), TWO_OVER_SQRT_PI)
}

type BinarySide = (ct: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor

/** All of the cotangent where one argument wins, half of it where they tie. */
const shareOfWinner = (ct: Tensor, winner: Tensor, other: Tensor, y: Tensor): Tensor =>
  where(eq(winner, y), where(eq(other, y), mul(ct, 0.5), ct), 0)

const truncate = (x: Tensor): Tensor => mul(sign(x), floor(abs(x)))

/** `log a`, but 0 where `a` is 0, so that `0^b` has the derivative 0 by `b`. */
const logOrZero = (a: Tensor): Tensor => where(eq(a, 0), 0, log(where(eq(a, 0), 1, a)))

const binaryRules: Record<BinaryFn, readonly [BinarySide, BinarySide] | undefined> = {
  add: [ct => ct, ct => ct],
  sub: [ct => ct, ct => neg(ct)],
  mul: [(ct, _, b) => mul(ct, b), (ct, a) => mul(ct, a)],
  div: [(ct, _, b) => div(ct, b), (ct, _, b, y) => neg(div(mul(ct, y), b))],
  rem: [ct => ct, (ct, a, b) => neg(mul(ct, truncate(div(a, b))))],
  pow: [
    (ct, a, b) => {
      const both = and(eq(a, 0), eq(b, 0))
      return mul(ct, where(both, 0, mul(b, pow(a, where(both, 1, sub(b, 1))))))
    },
    (ct, a, _, y) => mul(ct, mul(y, logOrZero(a)))
  ],
  atan2: [
    (ct, a, b) => div(mul(ct, b), add(square(a), square(b))),
    (ct, a, b) => neg(div(mul(ct, a), add(square(a), square(b))))
  ],
  max: [(ct, a, b, y) => shareOfWinner(ct, a, b, y), (ct, a, b, y) => shareOfWinner(ct, b, a, y)],
  min: [(ct, a, b, y) => shareOfWinner(ct, a, b, y), (ct, a, b, y) => shareOfWinner(ct, b, a, y)],
  and: undefined,
  or: undefined,
  xor: undefined,
  shiftLeft: undefined,
  shiftRight: undefined
}

/** A reduced tensor back on the axes of what it was reduced from. */
const unreduce = (t: Tensor, x: Tensor, axes: readonly number[]): Tensor =>
  broadcastTo(
    reshape(
      t,
      x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
    ),
    x.shape
  )

/** Equal shares for the elements that attain the extremum. */
const shareOfExtrema = (ct: Tensor, node: Tensor, x: Tensor, axes: readonly number[]): Tensor => {
  const attained = cast(eq(x, unreduce(node, x, axes)), x.dtype)
  return mul(unreduce(div(ct, sum(attained, { axes })), x, axes), attained)
}

/** The product as a tree of pairs: unlike `y / x`, its derivative is right where a factor is 0. */
const pairwiseProduct = (x: Tensor, axes: readonly number[]): Tensor => {
  const kept = removeAxes(range(x.shape.length), axes)
  const shape = kept.map(axis => x.shape[axis] ?? 1)
  let factors = reshape(transpose(x, [...kept, ...axes]), [
    ...shape,
    axes.reduce((n, axis) => n * (x.shape[axis] ?? 1), 1)
  ])
  const last = shape.length
  for (let n = factors.shape[last] ?? 1; n !== 1; n = factors.shape[last] ?? 1) {
    const even =
      n % 2 === 0 && n > 0 ? factors : pad(factors, [...shape.map((): Padding => [0, 0]), [0, 1]], { value: 1 })
    const half = (even.shape[last] ?? 2) / 2
    factors = half === 0.5 ? even : mul(sliceAxis(even, last, 0, half), sliceAxis(even, last, half, 2 * half))
  }
  return reshape(factors, shape)
}

const reduceRules: Record<
  Exclude<ReduceFn, "prod">,
  (ct: Tensor, node: Tensor, x: Tensor, axes: readonly number[]) => Tensor
> = {
  sum: (ct, _, x, axes) => unreduce(ct, x, axes),
  max: shareOfExtrema,
  min: shareOfExtrema
}

/** The windows of a window reduction, flattened into one last axis. */
const windowsLast = (op: OpOf<"windowReduce">, x: Tensor): Tensor => {
  const windows = unfold(x, op)
  const taps = op.axes.toSorted((a, b) => a - b).map((axis, i) => axis + i + 1)
  const places = removeAxes(range(windows.shape.length), taps)
  return reshape(transpose(windows, [...places, ...taps]), [
    ...places.map(axis => windows.shape[axis] ?? 0),
    sizeOf(op.sizes)
  ])
}

/** Axes of a dot's operands by role; `rest` is ascending, as in the result. */
const dotRest = (t: Tensor, batch: readonly number[], contract: readonly number[]): readonly number[] =>
  removeAxes(range(t.shape.length), [...batch, ...contract])

/** The cotangent of one operand of a dot: the other operand contracted with `ct`, its axes put back in their places. */
const dotSide = (op: OpOf<"dot">, node: Tensor, ct: Tensor, side: 0 | 1): Tensor => {
  const other = side === 0 ? 1 : 0
  const [mine, theirs] = [node.args[side] as Tensor, node.args[other] as Tensor]
  const batches = op.batch[0].length
  const myRest = dotRest(mine, op.batch[side], op.contract[side])
  const theirRest = dotRest(theirs, op.batch[other], op.contract[other])
  const from = batches + (side === 0 ? myRest.length : 0)
  const raw = dotGeneral(ct, theirs, {
    batch: [range(batches), op.batch[other]],
    contract: [theirRest.map((_, i) => from + i), theirRest]
  })
  const contracted = op.contract[other]
    .toSorted((a, b) => a - b)
    .map(axis => op.contract[side][op.contract[other].indexOf(axis)] ?? 0)
  const places = [...op.batch[side], ...myRest, ...contracted]
  return transpose(
    raw,
    places.map((_, axis) => places.indexOf(axis))
  )
}

const reach = (size: number, dilation: number): number => (size === 0 ? 0 : (size - 1) * dilation + 1)

/** Sizes of one spatial axis of a convolution, spread by its dilations. */
const convReach = (op: OpOf<"conv">, node: Tensor, i: number): Record<"x" | "kernel" | "y" | "low", number> => ({
  x: reach(node.args[0]?.shape[i + 2] ?? 0, op.inputDilation[i] ?? 1),
  kernel: reach(node.args[1]?.shape[i + 1] ?? 0, op.kernelDilation[i] ?? 1),
  y: reach(node.shape[i + 2] ?? 0, op.strides[i] ?? 1),
  low: op.padding[i]?.[0] ?? 0
})

/** By the input: the cotangent, spread by the strides, convolved with the flipped kernel, channels swapped. */
const convInput = (op: OpOf<"conv">, node: Tensor, ct: Tensor): Tensor => {
  const rank = op.strides.length
  const spatial = range(rank).map(i => i + 1)
  const kernel = transpose(flip(node.args[1] as Tensor, spatial), [0, ...spatial, rank + 2, rank + 1])
  const padding = range(rank).map((i): Padding => {
    const size = convReach(op, node, i)
    const low = size.kernel - size.low - 1
    return [low, size.x + size.kernel - 1 - size.y - low]
  })
  return convGeneral(ct, kernel, {
    strides: op.inputDilation,
    padding,
    inputDilation: op.strides,
    kernelDilation: op.kernelDilation
  })
}

/** By the kernel: the input convolved with the cotangent, examples taking the part of input channels. */
const convKernel = (op: OpOf<"conv">, node: Tensor, ct: Tensor): Tensor => {
  if (ct.shape.includes(0)) return zerosLike(node.args[1] as Tensor)
  const rank = op.strides.length
  const spatial = range(rank).map(i => i + 2)
  const input = transpose(node.args[0] as Tensor, [0, rank + 2, ...spatial, 1])
  const taps = transpose(ct, [0, ...spatial, 1, rank + 2])
  const padding = range(rank).map((i): Padding => {
    const size = convReach(op, node, i)
    return [size.low, size.y + size.kernel - size.x - 1 - size.low]
  })
  const raw = convGeneral(input, taps, {
    strides: op.kernelDilation,
    padding,
    inputDilation: op.inputDilation,
    kernelDilation: op.strides
  })
  return transpose(raw, [0, ...spatial, 1, rank + 2])
}

/** Puts the cotangent of a slice back where it was taken from, zeros around and between. */
const unslice = ({ starts, steps }: OpOf<"slice">, x: Tensor, ct: Tensor): Tensor => {
  if (ct.shape.includes(0)) return zerosLike(x)
  const padding = x.shape.map((n, i): Padding => {
    const [start, step] = [starts[i] ?? 0, steps[i] ?? 1]
    return [start, n - start - ((ct.shape[i] ?? 1) - 1) * step - 1]
  })
  return pad(ct, padding, { interior: steps.map(step => step - 1) })
}

/** Takes the padding away (and puts zeros where elements had been cropped). */
const unpad = ({ padding, interior }: OpOf<"pad">, ct: Tensor): Tensor =>
  slice(
    pad(
      ct,
      padding.map(([low, high]): Padding => [-low, -high])
    ),
    { step: interior.map(n => n + 1) }
  )

const concatParts = (axis: number, node: Tensor, ct: Tensor): readonly Flow[] => {
  let end = 0
  return node.args.map(t => {
    const start = end
    end += t.shape[axis] ?? 0
    const stop = end
    return () => sliceAxis(ct, axis, start, stop)
  })
}

const nothing = (): readonly Flow[] => []
const through = (_: unknown, __: Tensor, ct: Tensor): readonly Flow[] => [() => ct]
const argOf = (node: Tensor, index: number): Tensor => node.args[index] as Tensor

/** The derivative of every primitive but `scan`, whose outputs share one derivative. */
export const rules: { readonly [K in Exclude<Kind, "scan">]: Rule<K> } = {
  literal: nothing,
  input: nothing,
  iota: nothing,
  compare: nothing,
  argReduce: nothing,
  argSort: nothing,
  threefry: nothing,
  stopGradient: nothing,
  variable: through,
  unary: (op, node, ct) => {
    const rule = unaryRules[op.fn]
    return [rule && (() => rule(ct, argOf(node, 0), node))]
  },
  binary: (op, node, ct) => {
    const [a, b] = [argOf(node, 0), argOf(node, 1)]
    return (binaryRules[op.fn] ?? []).map((side, i) => () => sumTo(side(ct, a, b, node), argOf(node, i).shape))
  },
  select: (_, node, ct) => {
    const condition = argOf(node, 0)
    return [
      undefined,
      () => sumTo(where(condition, ct, 0), argOf(node, 1).shape),
      () => sumTo(where(condition, 0, ct), argOf(node, 2).shape)
    ]
  },
  cast: (_, node, ct) => [isFloat(argOf(node, 0).dtype) ? () => cast(ct, argOf(node, 0).dtype) : undefined],
  reduce: (op, node, ct) => {
    const { fn, axes } = op
    return fn === "prod"
      ? { as: ([x]) => pairwiseProduct(x as Tensor, axes) }
      : [() => reduceRules[fn](ct, node, argOf(node, 0), axes)]
  },
  cumSum: (op, _, ct) => [() => cumSum(ct, { axis: op.axis, reverse: !op.reverse })],
  windowReduce: op => ({
    as: ([x]) => {
      const windows = windowsLast(op, x as Tensor)
      return op.fn === "sum"
        ? sum(windows, { axes: -1 })
        : squeeze(takeAlongAxis(windows, expandDims(argMax(windows), -1), -1), -1)
    }
  }),
  reshape: (_, node, ct) => [() => reshape(ct, argOf(node, 0).shape)],
  transpose: ({ permutation }, _, ct) => [
    () =>
      transpose(
        ct,
        permutation.map((__, axis) => permutation.indexOf(axis))
      )
  ],
  broadcast: (_, node, ct) => [() => sumTo(ct, argOf(node, 0).shape)],
  slice: (op, node, ct) => [() => unslice(op, argOf(node, 0), ct)],
  pad: (op, _, ct) => [() => unpad(op, ct), () => sub(sum(ct), sum(unpad(op, ct)))],
  concat: ({ axis }, node, ct) => concatParts(axis, node, ct),
  flip: ({ axes }, _, ct) => [() => flip(ct, axes)],
  gather: (op, node, ct) => [
    () => apply({ ...op, kind: "scatterAdd" }, [zerosLike(argOf(node, 0)), argOf(node, 1), ct])
  ],
  scatterAdd: (op, node, ct) => [() => ct, undefined, () => apply({ ...op, kind: "gather" }, [ct, argOf(node, 1)])],
  dot: (op, node, ct) => [() => dotSide(op, node, ct, 0), () => dotSide(op, node, ct, 1)],
  conv: (op, node, ct) => [() => convInput(op, node, ct), () => convKernel(op, node, ct)],
  customVjp: (op, _, ct) => [undefined, ...op.pullback(ct).map(t => t && (() => t))]
}
