import type { Value } from "../dataflow/value.js"
import type { Program } from "./program/program.js"

/** What runs programs. */
export interface Engine {
  readonly name: string
  prepare(program: Program): Executable
}

/** A program that an engine is ready to run. */
export interface Executable {
  /**
   * The values of the outputs for those of the inputs. Where `spend[i]` is true nobody looks at `args[i]` again, so that
   * its memory may be used for results; what else shares that memory, the engine must know.
   */
  run(args: readonly Value[], spend: readonly boolean[]): readonly Value[]
  /** What is done, and by what, to be read by a person. */
  explain(): string
}
