import { sizeOf } from "../dataflow/shape.js"
import type { ProgramKind, ProgramOp } from "../engine/program/program.js"
import { binary, cast, compare, select, unary } from "./elementwise.js"
import { factor, triangularSolve } from "./factor.js"
import { scan } from "./loop.js"
import {
  broadcast,
  concat,
  flip,
  fold,
  gather,
  iota,
  pad,
  reshape,
  scatterAdd,
  scatterSet,
  slice,
  transpose
} from "./movement.js"
import { conv, dot } from "./product.js"
import { argReduce, argSort, cumSum, reduce } from "./reduce.js"
import type { Call, Row, RowOfMany } from "./row.js"
import { threefry } from "./threefry.js"
import { maxPoolPullback, windowReduce } from "./window.js"
import type { Named } from "./writer.js"

/** Kinds of steps with one result. */
type Plain = Exclude<ProgramKind, "scan">

/** What every primitive is in StableHLO. */
const rows: { readonly [K in Plain]: Row<K> } & { readonly scan: RowOfMany<"scan"> } = {
  iota,
  unary,
  binary,
  compare,
  select,
  cast,
  reduce,
  argReduce,
  argSort,
  cumSum,
  windowReduce,
  maxPoolPullback,
  fold,
  reshape,
  transpose,
  broadcast,
  slice,
  pad,
  concat,
  flip,
  gather,
  scatterAdd,
  scatterSet,
  dot,
  conv,
  factor,
  triangularSolve,
  threefry,
  scan
}

/** Writes one step; gives its results. */
export const writeStep = (op: ProgramOp, call: Call): readonly Named[] => {
  if (op.kind === "scan") return rows.scan(op, call)
  const { args, outs, w } = call
  const [out] = outs as [Call["outs"][number]]
  // what has no elements may have sizes that an operation refuses
  if (sizeOf(out.shape) === 0) return [w.constant(out, 0)]
  return [(rows[op.kind] as Row<Plain>)(op, args as readonly [Named, Named, Named], out, w, args)]
}
