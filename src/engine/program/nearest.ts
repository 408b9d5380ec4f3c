import { range } from "../../dataflow/shape.js"
import { typesOf, type Program, type Ref, type Step } from "./program.js"

/** Where a step stands: in a program, which may be the body of the loop that a step around it is. */
export interface Site {
  readonly program: Program
  readonly step: Step
  /** The loop whose body the program is, and at which place of its slices. */
  readonly around?: { readonly loop: Site; readonly iteration: number } | undefined
}

type Distances = number[]

const note = (distances: Distances, ref: Ref, distance: number): void => {
  distances[ref] = Math.min(distances[ref]!, distance)
}

/** Tells what values are computed from how far they are: one step more. */
const spread = ({ steps }: Program, distances: Distances): void => {
  let end = distances.length
  for (const { args, outs } of steps.toReversed()) {
    const own = Math.min(...distances.slice(end - outs.length, end))
    end -= outs.length
    for (const a of args) note(distances, a, own + 1)
  }
}

/** How far the inputs of the whole program are, given how far the arguments of a step are. */
const inputDistances = ({ program, step, around }: Site, given: readonly number[]): readonly number[] => {
  const distances: Distances = typesOf(program).map(() => Infinity)
  // How many iterations a loop makes is no input of its body.
  step.args.forEach((a, i) => note(distances, a, given[i] ?? Infinity))
  spread(program, distances)
  if (around === undefined) return distances.slice(0, program.inputs.length)
  const { op } = around.loop.step
  // What is carried comes from the iteration before, too.
  if (op.kind === "scan") {
    for (let i = 0; i < op.carried; i++) note(distances, program.outputs[i]!, distances[op.captured + i]!)
    spread(program, distances)
  }
  return inputDistances(around.loop, distances.slice(0, program.inputs.length))
}

/**
 * The inputs of the whole program that a step reads, over the fewest steps first, at most so many. A loop that comes
 * before counts as one step; of a loop around the step, one iteration is looked back. Linear in the program.
 */
export const nearestInputs = (site: Site, most: number): readonly Ref[] => {
  const distances = inputDistances(site, new Array(site.step.args.length).fill(0))
  return range(distances.length)
    .filter(ref => distances[ref]! < Infinity)
    .sort((a, b) => distances[a]! - distances[b]!)
    .slice(0, most)
}
