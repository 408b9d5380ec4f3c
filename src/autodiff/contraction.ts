import { dotGeneral } from "../dataflow/contract.js"
import { zerosLike } from "../dataflow/create.js"
import { argOf, type OpOf, type Padding, type Tensor } from "../dataflow/primitive.js"
import * as shapes from "../dataflow/rules.js"
import { range, removeAxes, sizeOf } from "../dataflow/shape.js"
import { flip, transpose } from "../dataflow/structure.js"
import { apply } from "../dataflow/tensor.js"
import { convGeneral } from "../dataflow/window.js"
import { unpad } from "./movement.js"

/** Axes of a dot's operands by role; `rest` is ascending, as in the result. */
const dotRest = (t: Tensor, batch: readonly number[], contract: readonly number[]): readonly number[] =>
  removeAxes(range(t.shape.length), [...batch, ...contract])

/**
 * The cotangent of one operand of a dot: the other operand contracted with `ct`, its axes put back in their places. `ct`
 * stands on the side of the operand, so that a matrix product needs no transposition.
 */
export const dotSide = (op: OpOf<"dot">, node: Tensor, ct: Tensor, side: 0 | 1): Tensor => {
  const other = side === 0 ? 1 : 0
  const [mine, theirs] = [argOf(node, side), argOf(node, other)]
  const batches = range(op.batch[0].length)
  const myRest = dotRest(mine, op.batch[side], op.contract[side])
  const theirRest = dotRest(theirs, op.batch[other], op.contract[other])
  const from = batches.length + (side === 0 ? myRest.length : 0)
  const ofCt = { batch: batches, contract: theirRest.map((_, i) => from + i) }
  const ofTheirs = { batch: op.batch[other], contract: theirRest }
  const [left, right] = side === 0 ? [ofCt, ofTheirs] : [ofTheirs, ofCt]
  const raw = dotGeneral(side === 0 ? ct : theirs, side === 0 ? theirs : ct, {
    batch: [left.batch, right.batch],
    contract: [left.contract, right.contract]
  })
  const contracted = op.contract[other]
    .toSorted((a, b) => a - b)
    .map(axis => op.contract[side][op.contract[other].indexOf(axis)] ?? 0)
  const places = [...op.batch[side], ...(side === 0 ? [...myRest, ...contracted] : [...contracted, ...myRest])]
  return transpose(
    raw,
    places.map((_, axis) => places.indexOf(axis))
  )
}

const reach = (size: number, dilation: number): number => (size === 0 ? 0 : (size - 1) * dilation + 1)

/** Sizes of one spatial axis of a convolution, spread by its dilations. */
const convReach = (op: OpOf<"conv">, node: Tensor, i: number): Record<"x" | "kernel" | "y" | "low", number> => ({
  x: reach(argOf(node, 0).shape[i + 2] ?? 0, op.inputDilation[i] ?? 1),
  kernel: reach(argOf(node, 1).shape[i + 1] ?? 0, op.kernelDilation[i] ?? 1),
  y: reach(node.shape[i + 2] ?? 0, op.strides[i] ?? 1),
  low: op.padding[i]?.[0] ?? 0
})

/** What every window gets, one after the other, summed where they overlap. */
const convInputByWindows = (op: OpOf<"conv">, node: Tensor, ct: Tensor): Tensor => {
  const [x, kernel, channels] = [argOf(node, 0), argOf(node, 1), ct.shape.length - 1]
  if (ct.shape.includes(0)) return zerosLike(x)
  const windows = dotGeneral(ct, kernel, { batch: [[0], [0]], contract: [[channels], [channels]] })
  const padding: readonly Padding[] = [[0, 0], [0, 0], ...op.padding, [0, 0]]
  const lengths = op.padding.map(([low, high], i) => low + convReach(op, node, i).x + high)
  const { strides, kernelDilation: dilations } = op
  const folded = apply(shapes.fold, { kind: "fold", axis: 2, lengths, strides, dilations }, [windows])
  return unpad({ padding, interior: [0, 0, ...op.inputDilation.map(d => d - 1), 0] }, folded)
}

/** By the input, in the way that takes fewer products, if they are notably fewer: windows take the more memory. */
export const convInput = (op: OpOf<"conv">, node: Tensor, ct: Tensor): Tensor => {
  const places = (t: Tensor): number => sizeOf(t.shape.slice(2, -1))
  const isShort = 4 * places(ct) <= 3 * places(argOf(node, 0))
  return (isShort ? convInputByWindows : convInputByConv)(op, node, ct)
}

/** The cotangent, spread by the strides, convolved with the flipped kernel, channels swapped. */
const convInputByConv = (op: OpOf<"conv">, node: Tensor, ct: Tensor): Tensor => {
  const rank = op.strides.length
  const spatial = range(rank).map(i => i + 1)
  const kernel = transpose(flip(argOf(node, 1), spatial), [0, ...spatial, rank + 2, rank + 1])
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
export const convKernel = (op: OpOf<"conv">, node: Tensor, ct: Tensor): Tensor => {
  if (ct.shape.includes(0)) return zerosLike(argOf(node, 1))
  const rank = op.strides.length
  const spatial = range(rank).map(i => i + 2)
  const input = transpose(argOf(node, 0), [0, rank + 2, ...spatial, 1])
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
