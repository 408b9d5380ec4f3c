import type { ProgramKind, ProgramOp } from "../engine/program/program.js"
import type { Type } from "../dataflow/type.js"
import type { Named, Writer } from "./writer.js"

/** What a primitive is applied to, the types of its results, and where it is written. */
export interface Call {
  readonly args: readonly Named[]
  readonly outs: readonly Type[]
  readonly w: Writer
}

/** Writes one primitive; gives its results. */
export type RowOfMany<K extends ProgramKind> = (
  op: Extract<ProgramOp, { readonly kind: K }>,
  call: Call
) => readonly Named[]

/** A primitive with one result. It has at most three arguments, but `concat`, which looks at `all`. */
export type Row<K extends ProgramKind> = (
  op: Extract<ProgramOp, { readonly kind: K }>,
  args: readonly [Named, Named, Named],
  out: Type,
  w: Writer,
  all: readonly Named[]
) => Named
