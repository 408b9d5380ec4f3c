import { checkFlag, checkOptions } from "../dataflow/check.js"
import type { Value } from "../dataflow/value.js"
import type { Program } from "./program/program.js"

/** How compiled functions are run. */
export interface EngineOptions {
  /**
   * Whether products may be added before they are rounded, in one instruction, where the host has it (the relaxed SIMD of
   * WebAssembly): sums of products are then computed faster, and have other last bits. `false` asks for the same bits on
   * every host. Default: true.
   */
  readonly fusedMultiplyAdd?: boolean
}

/** The options of an operation, which takes `more` than these. */
export const checkEngineOptions = <O extends EngineOptions>(
  operation: string,
  options: O,
  more: readonly string[] = []
): O => {
  checkOptions(operation, options, [...more, "fusedMultiplyAdd"])
  checkFlag(operation, "fusedMultiplyAdd", options.fusedMultiplyAdd)
  return options
}

/** What runs programs. */
export interface Engine {
  readonly name: string
  prepare(program: Program, options?: EngineOptions): Executable
}

/** The paths of the arguments and the results of a function. */
export interface Paths {
  readonly args: readonly string[]
  readonly results: readonly string[]
}

/** A program that an engine is ready to run. */
export interface Executable {
  /**
   * The values of the outputs for those of the inputs. Where `spend[i]` is true nobody looks at `args[i]` again, so that
   * its memory may be used for results; what else shares that memory, the engine must know.
   */
  run(args: readonly Value[], spend: readonly boolean[]): readonly Value[]
  /** What is done, and by what, to be read by a person, who knows arguments and results by their paths. */
  explain(paths?: Paths): string
}
