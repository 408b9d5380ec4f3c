import * as t from "thalweg"
import { tensor, type Tensor, type Tree } from "thalweg"
import { key } from "thalweg/random"
import type { ProgramKind } from "../../src/engine/program/program.js"
import { fold, threefry } from "../../src/dataflow/rules.js"
import { apply } from "../../src/dataflow/tensor.js"

type Sample = readonly [f: (...xs: readonly Tensor[]) => Tree, at: readonly Tensor[]]

const pair = tensor([1, 2])
const matrix = tensor([[1, 2, 3], [4, 5, 6]]) // prettier-ignore
const square = tensor([[2, 1], [1, 3]], { dtype: "f64" }) // prettier-ignore
const image = tensor([1, 2, 3, 4], { shape: [1, 4, 1] })
const places = tensor([1, 0], { dtype: "i32" })

/** A small program of each primitive. */
export const samples: Readonly<Record<ProgramKind, Sample>> = {
  iota: [() => t.iota([2, 3], 1), []],
  unary: [x => [t.neg(x), t.atan(x)], [pair]],
  binary: [(x, y) => t.add(x, y), [matrix, tensor([[1], [2]])]],
  compare: [x => t.lt(x, x), [pair]],
  select: [(c, x, y) => t.where(c, x, y), [tensor([true, false]), pair, pair]],
  cast: [x => [t.cast(x, "i32"), t.cast(x, "bool")], [pair]],
  reduce: [x => t.sum(x, { axes: 1 }), [matrix]],
  argReduce: [x => t.argMax(x), [pair]],
  argSort: [x => t.argSort(x), [pair]],
  cumSum: [x => t.cumSum(x, { axis: 1, reverse: true }), [matrix]],
  windowReduce: [x => t.sumPool(x, { window: 2 }), [image]],
  maxPoolPullback: [x => t.grad((a: Tensor) => t.sum(t.maxPool(a, { window: 2 })))(x), [image]],
  fold: [x => apply(fold, { kind: "fold", axis: 0, lengths: [4], strides: [1], dilations: [2] }, [x]), [square]],
  reshape: [x => t.reshape(x, [3, 2]), [matrix]],
  transpose: [x => t.transpose(x), [matrix]],
  broadcast: [x => t.broadcastTo(x, [3, 2]), [pair]],
  slice: [x => t.slice(x, { start: [0, 1], step: [1, 2] }), [matrix]],
  pad: [x => t.pad(x, [[1, 0], [-1, 2]]), [matrix]], // prettier-ignore
  concat: [(x, y) => t.concat([x, y]), [pair, pair]],
  flip: [x => t.flip(x), [pair]],
  gather: [(x, i) => t.take(x, i, 1), [matrix, places]],
  scatterAdd: [(x, i, u) => t.scatterAdd(x, i, u), [pair, places, pair]],
  scatterSet: [(x, i, u) => t.scatterSet(x, i, u), [pair, places, pair]],
  dot: [(x, y) => t.matmul(x, t.transpose(y)), [matrix, matrix]],
  conv: [(x, k) => t.conv(x, k), [tensor([0, 1, 2], { shape: [1, 3, 1] }), tensor([1, 2], { shape: [2, 1, 1] })]],
  factor: [x => t.cholesky(x), [square]],
  triangularSolve: [(a, b) => t.triangularSolve(a, b), [square, square]],
  threefry: [(k, c) => apply(threefry, { kind: "threefry" }, [k, c]), [key(0), tensor([5], { dtype: "u32" })]],
  scan: [x => t.scan((c: Tensor, y: Tensor) => [t.mul(c, y), c], t.scalar(1), x), [pair]]
}
