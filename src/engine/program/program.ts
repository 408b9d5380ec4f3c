import type { Kind, Op } from "../../dataflow/primitive.js"
import type { Type } from "../../dataflow/type.js"
import type { Value } from "../../dataflow/value.js"

/**
 * A value of a program, by its number: the inputs come first, then the constants, then what the steps yield, in order.
 * A step with several results has as many numbers.
 */
export type Ref = number

/** Says only how to differentiate, or which result of a loop is meant. */
type Erased = "literal" | "input" | "part" | "variable" | "stopGradient" | "customVjp"

/**
 * A loop. The inputs of its body, and the arguments of its step, are captured values, the carry, and what is sliced (one
 * slice of each `xs`, all of it); the outputs are the next carry, and one slice of every stacked result. Slices that it does
 * not come to are zeros.
 */
export interface Scan {
  readonly kind: "scan"
  readonly body: Program
  /** How many of the inputs are captured values. */
  readonly captured: number
  /** How many of the inputs and of the outputs are the carry. */
  readonly carried: number
  /** Number of iterations, or the most there can be. */
  readonly length: number
  readonly reverse: boolean
  /** Whether its step has one argument more: an i32 scalar, how many iterations there are. */
  readonly counted: boolean
  /** Whether its body has one output more: a bool scalar, whether another iteration follows. It is not `reverse` then. */
  readonly exits: boolean
}

export type ProgramKind = Exclude<Kind, Erased> | "scan"

/** The primitive of a step. */
export type ProgramOp = Exclude<Op, { readonly kind: Erased }> | Scan

/** One primitive applied to values that are known by then. */
export interface Step {
  readonly op: ProgramOp
  readonly args: readonly Ref[]
  /** The types of its results: one, but of a loop. */
  readonly outs: readonly Type[]
}

/**
 * What an engine runs: plain data. It can be compared, printed, kept under its text, and, without its constants, sent to
 * a worker. Every argument of a step has a smaller number than its results.
 */
export interface Program {
  readonly inputs: readonly Type[]
  readonly consts: readonly Value[]
  readonly steps: readonly Step[]
  readonly outputs: readonly Ref[]
}

/** The number of the first result of the first step. */
export const firstResult = ({ inputs, consts }: Program): Ref => inputs.length + consts.length

/** The type of every value of a program. */
export const typesOf = ({ inputs, consts, steps }: Program): readonly Type[] => {
  const types = [...inputs]
  for (const { type } of consts) types.push(type)
  for (const { outs } of steps) for (const out of outs) types.push(out)
  return types
}
