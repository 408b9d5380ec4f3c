import { sub } from "../dataflow/arithmetic.js"
import { zerosLike } from "../dataflow/create.js"
import { isFloat } from "../dataflow/dtype.js"
import { cast } from "../dataflow/elementwise.js"
import { where } from "../dataflow/logic.js"
import { sliceAxis } from "../dataflow/slice.js"
import { argOf, argsOf, type Kind, type OpOf, type Tensor } from "../dataflow/primitive.js"
import { cumSum, sum } from "../dataflow/reduce.js"
import * as shapes from "../dataflow/rules.js"
import { flip, reshape, transpose } from "../dataflow/structure.js"
import { apply } from "../dataflow/tensor.js"
import { convInput, convKernel, dotSide } from "./contraction.js"
import { factorBar, triangularBars } from "./factor.js"
import { binaryRules, sumTo, unaryRules } from "./elementwise.js"
import { pairwiseProduct, reduceRules } from "./reduction.js"
import { scatterSetFlows, unpad, unslice } from "./movement.js"
import { atFirstLargest, unfolded, windowRules } from "./window.js"

/** The cotangent of one argument, made only if something is differentiated by it; `undefined` where nothing flows. */
export type Flow = (() => Tensor) | undefined

/** An expression equal to the primitive, whose derivative is taken in its place. */
export interface Equivalent {
  readonly as: (args: readonly Tensor[]) => Tensor
}

/** The cotangents of the arguments of a node, given the cotangent of its result. */
export type Rule<K extends Kind> = (op: OpOf<K>, node: Tensor, ct: Tensor) => readonly Flow[] | Equivalent

const concatParts = (axis: number, node: Tensor, ct: Tensor): readonly Flow[] => {
  let end = 0
  return (argsOf(node) as readonly Tensor[]).map(t => {
    const start = end
    end += t.shape[axis] ?? 0
    const stop = end
    return () => sliceAxis(ct, axis, start, stop)
  })
}

const nothing = (): readonly Flow[] => []
const through = (_: unknown, __: Tensor, ct: Tensor): readonly Flow[] => [() => ct]

/** Every primitive but `part`: a loop is differentiated by all its parts together (`loop.ts`). */
export type Differentiable = Exclude<Kind, "part">

/** The derivative of every primitive. */
export const rules: { readonly [K in Differentiable]: Rule<K> } = {
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
  windowReduce: (op, node, ct) => [() => windowRules[op.fn](op, argOf(node, 0), ct)],
  maxPoolPullback: (op, node, ct) => [undefined, () => atFirstLargest(op, argOf(node, 0), ct)],
  fold: (op, node, ct) => [() => unfolded(op, argOf(node, 0), ct)],
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
    () => apply(shapes.scatterAdd, { ...op, kind: "scatterAdd" }, [zerosLike(argOf(node, 0)), argOf(node, 1), ct])
  ],
  scatterAdd: (op, node, ct) => [
    () => ct,
    undefined,
    () => apply(shapes.gather, { ...op, kind: "gather" }, [ct, argOf(node, 1)])
  ],
  scatterSet: (op, node, ct) => scatterSetFlows(op, node, ct),
  dot: (op, node, ct) => [() => dotSide(op, node, ct, 0), () => dotSide(op, node, ct, 1)],
  conv: (op, node, ct) => [() => convInput(op, node, ct), () => convKernel(op, node, ct)],
  factor: (op, node, ct) => [() => factorBar(op, node, ct)],
  triangularSolve: (op, node, ct) => triangularBars(op, node, ct),
  customVjp: (op, _, ct) => [undefined, ...op.pullback(ct).map(t => t && (() => t))]
}
