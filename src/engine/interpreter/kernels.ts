import type { Data } from "../../dataflow/dtype.js"
import { fail } from "../../dataflow/error.js"
import { dataOf } from "../../dataflow/literal.js"
import type { Kind, Literal, Op, OpOf, Tensor } from "../../dataflow/primitive.js"
import { conv, dot } from "./contract.js"
import { binary, cast, compare, select, unary } from "./elementwise.js"
import { broadcast, concat, flip, gather, iota, pad, scatterAdd, slice, transpose } from "./movement.js"
import { argReduce, argSort, cumSum, reduce, windowReduce } from "./reduce.js"
import { threefry } from "./threefry.js"

/** What the arguments of a primitive are: values, or the results of a loop. */
export type Given<K extends Kind> = K extends "part" ? readonly [readonly Data[]] : readonly Data[]

type Kernel<K extends Kind> = (op: OpOf<K>, node: Tensor, args: Given<K>) => Data

const same = (_: Op, __: Tensor, args: readonly Data[]): Data => args[0]!

/** What every primitive means: the values of its result from the values of its arguments. Arguments are never written. */
const kernels: { readonly [K in Kind]: Kernel<K> } = {
  literal: (_, node) => dataOf(node as Literal),
  input: op =>
    fail("UnboundInputError", "evaluate", "a value", `the symbol "${op.name}" of a function that is being traced`),
  iota,
  unary: (op, node, args) => unary(op.fn, node, args[0]!),
  binary: (op, node, args) => binary(op.fn, node, [args[0]!, args[1]!]),
  compare: (op, node, args) => compare(op.fn, node, [args[0]!, args[1]!]),
  select: (_, node, args) => select(node, [args[0]!, args[1]!, args[2]!]),
  cast: (_, node, args) => cast(node, args[0]!),
  reduce: (op, node, args) => reduce(op, node, args[0]!),
  argReduce: (op, node, args) => argReduce(op, node, args[0]!),
  argSort: (op, node, args) => argSort(op, node, args[0]!),
  cumSum: (op, node, args) => cumSum(op, node, args[0]!),
  windowReduce: (op, node, args) => windowReduce(op, node, args[0]!),
  reshape: same,
  transpose: (op, node, args) => transpose(op, node, args[0]!),
  broadcast: (_, node, args) => broadcast(node, args[0]!),
  slice: (op, node, args) => slice(op, node, args[0]!),
  pad: (op, node, args) => pad(op, node, args[0]!, args[1]!),
  concat,
  flip: (op, node, args) => flip(op, node, args[0]!),
  gather: (op, node, args) => gather(op, node, [args[0]!, args[1]!]),
  scatterAdd: (op, node, args) => scatterAdd(op, node, [args[0]!, args[1]!, args[2]!]),
  dot: (op, node, args) => dot(op, node, [args[0]!, args[1]!]),
  conv: (op, node, args) => conv(op, node, [args[0]!, args[1]!]),
  threefry: (_, __, args) => threefry(args[0]!, args[1]!),
  part: (op, _, args) => args[0][op.index]!,
  variable: same,
  stopGradient: same,
  customVjp: same
}

/** Runs one primitive. */
export const interpret = <K extends Kind>(node: Tensor, args: Given<K>): Data =>
  (kernels[node.op.kind as K] as Kernel<K>)(node.op as OpOf<K>, node, args)
