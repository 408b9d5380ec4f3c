import { Tree, type Tensor } from "thalweg"
import type { Program as RandomProgram } from "thalweg/laws"
import { valueIn } from "../../../src/dataflow/literal.js"
import { sameType } from "../../../src/dataflow/type.js"
import type { Value } from "../../../src/dataflow/value.js"
import type { Engine, Executable } from "../../../src/engine/engine.js"
import { evaluateAll } from "../../../src/engine/evaluate.js"
import { interpreter } from "../../../src/engine/interpreter/interpreter.js"
import { printProgram } from "../../../src/engine/program/print.js"
import { typesOf, type Program } from "../../../src/engine/program/program.js"
import { programOf, trace } from "../../../src/engine/trace.js"

/** A program, and values for its inputs. */
export interface Traced {
  readonly program: Program
  readonly args: readonly Value[]
}

/** The program of a function of tensors. */
const traced = (build: (inputs: readonly Tensor[]) => Tree, inputs: readonly Tensor[]): Traced => {
  const { leaves, structure } = Tree.flatten([inputs])
  const program = programOf(trace((given: readonly Tensor[]) => build(given), structure, leaves))
  return { program, args: evaluateAll(leaves).map(valueIn) }
}

const sameBits = (a: Value, b: Value): boolean => {
  const [left, right] = [a.read(), b.read()]
  return left.length === right.length && left.every((x, i) => Object.is(x, right[i]))
}

/** What a run gives, or what it throws, in words. */
const attempt = (run: () => readonly Value[]): readonly Value[] | string => {
  try {
    return run()
  } catch (error) {
    return String(error)
  }
}

const errorIn = (attempted: readonly Value[] | string): string =>
  typeof attempted === "string" ? attempted : "no error"

/** What differs between what an engine runs and the interpreter over some steps, each of which begins with what the last one gave. */
const differing = ({ program, args }: Traced, found: Executable, steps: number): string | undefined => {
  const expected = interpreter.prepare(program)
  if (!found.explain().startsWith("WebAssembly")) return "it was not compiled"
  const types = typesOf(program)
  const carried = program.inputs.map((type, i) => {
    const output = program.outputs[i]
    return output !== undefined && sameType(types[output]!, type)
  })
  let [left, right] = [args, args]
  for (let step = 1; step <= steps; step++) {
    // What the first step was given, its caller still has.
    const spend = carried.map(isCarried => step > 1 && isCarried)
    const [wanted, given] = [attempt(() => expected.run(left, [])), attempt(() => found.run(right, spend))]
    if (typeof wanted === "string" || typeof given === "string")
      return wanted === given ? undefined : `step ${step}: ${[wanted, given].map(errorIn).join(" and ")}`
    // What is carried stays unread until the end.
    const i = wanted.findIndex((value, k) => (carried[k] !== true || step === steps) && !sameBits(value, given[k]!))
    if (i >= 0) return `output ${i} of step ${step}: ${wanted[i]!.read().join()} and ${given[i]!.read().join()}`
    left = left.map((value, k) => (carried[k]! ? wanted[k]! : value))
    right = right.map((value, k) => (carried[k]! ? given[k]! : value))
  }
  return undefined
}

/** How an engine differs from the interpreter on a program, if it does. */
export const difference = (
  engine: Engine,
  { build, inputs }: RandomProgram,
  { fusedMultiplyAdd = false, steps = 3 } = {}
): string | undefined => {
  const { program, args } = traced(build, inputs)
  const executable = engine.prepare(program, { fusedMultiplyAdd })
  const found = differing({ program, args }, executable, steps)
  return found === undefined ? undefined : [found, ...printProgram(program), executable.explain()].join("\n")
}
