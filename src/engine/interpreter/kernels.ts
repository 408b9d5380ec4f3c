import type { Data } from "../../dataflow/dtype.js"
import { nameOf, type OpOf } from "../../dataflow/primitive.js"
import type { ProgramKind, ProgramOp, Scan } from "../program/program.js"
import type { Call } from "./call.js"
import { conv, dot } from "./contract.js"
import { binary, cast, compare, select, unary } from "./elementwise.js"
import { withinMemory } from "./memory.js"
import { broadcast, concat, flip, gather, iota, pad, scatterAdd, scatterSet, slice, transpose } from "./movement.js"
import { factor } from "./matrix/factor.js"
import { triangularSolve } from "./matrix/triangular.js"
import { argReduce, argSort, cumSum, fold, maxPoolPullback, reduce, windowReduce } from "./reduce.js"
import { threefry } from "./threefry.js"

/** Kinds of steps with one result; what a loop means stands in `run.ts`. */
type Plain = Exclude<ProgramKind, "scan">

type Kernel<K extends Plain> = (op: OpOf<K>, call: Call, args: readonly Data[]) => Data

/** What every primitive means: the values of its result from the values of its arguments. Arguments are never written. */
const kernels: { readonly [K in Plain]: Kernel<K> } = {
  iota,
  unary: (op, call, args) => unary(op.fn, call, args[0]!),
  binary: (op, call, args) => binary(op.fn, call, [args[0]!, args[1]!]),
  compare: (op, call, args) => compare(op.fn, call, [args[0]!, args[1]!]),
  select: (_, call, args) => select(call, [args[0]!, args[1]!, args[2]!]),
  cast: (_, call, args) => cast(call, args[0]!),
  reduce: (op, call, args) => reduce(op, call, args[0]!),
  argReduce: (op, call, args) => argReduce(op, call, args[0]!),
  argSort: (op, call, args) => argSort(op, call, args[0]!),
  cumSum: (op, call, args) => cumSum(op, call, args[0]!),
  windowReduce: (op, call, args) => windowReduce(op, call, args[0]!),
  maxPoolPullback: (op, call, args) => maxPoolPullback(op, call, [args[0]!, args[1]!]),
  fold: (op, call, args) => fold(op, call, args[0]!),
  reshape: (_, __, args) => args[0]!,
  transpose: (op, call, args) => transpose(op, call, args[0]!),
  broadcast: (_, call, args) => broadcast(call, args[0]!),
  slice: (op, call, args) => slice(op, call, args[0]!),
  pad: (op, call, args) => pad(op, call, args[0]!, args[1]!),
  concat,
  flip: (op, call, args) => flip(op, call, args[0]!),
  gather: (op, call, args) => gather(op, call, [args[0]!, args[1]!]),
  scatterAdd: (op, call, args) => scatterAdd(op, call, [args[0]!, args[1]!, args[2]!]),
  scatterSet: (op, call, args) => scatterSet(op, call, [args[0]!, args[1]!, args[2]!]),
  dot: (op, call, args) => dot(op, call, [args[0]!, args[1]!]),
  conv: (op, call, args) => conv(op, call, [args[0]!, args[1]!]),
  factor: (op, call, args) => factor(op, call, args[0]!),
  triangularSolve: (op, call, args) => triangularSolve(op, call, [args[0]!, args[1]!]),
  threefry: (_, __, args) => threefry(args[0]!, args[1]!)
}

/** Runs one primitive, or throws a `MemoryError`. */
export const interpret = (op: Exclude<ProgramOp, Scan>, call: Call, args: readonly Data[]): Data =>
  withinMemory(nameOf(op), [call], () => (kernels[op.kind] as Kernel<Plain>)(op, call, args))
