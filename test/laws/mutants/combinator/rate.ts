import { add, gt, Tree, where, type Tensor } from "thalweg"
import { anyOptimizer, withScheduleLaws } from "thalweg/laws"
import { withSchedule } from "thalweg/optimizer"
import type { Hyperparameter } from "thalweg/schedule"
import { scale } from "thalweg/transform"
import { mutant, type Mutants } from "../mutant.js"
import { innerOf, onDisplacements, onGradients, type Wrap } from "./wrap.js"

type Scheduling = (factor: Hyperparameter) => Wrap

const right: Scheduling = factor => inner => anyOptimizer(withSchedule(factor)(inner))
const suite = (how: Scheduling) => withScheduleLaws(how as never)

const changed =
  (f: (factor: number) => number): Scheduling =>
  factor =>
    right(typeof factor === "number" ? f(factor) : factor)

const squared = suite(changed(s => s * s))
const ofGradients = suite(factor => onGradients(scale(factor)))

/** Stops the state inside, too. */
const halting: Scheduling = factor => inner => {
  const schedule = right(factor)(inner)
  return {
    ...schedule,
    update: ((grads: Tree, state: Tree, params: Tree) => {
      const [displacement, next] = schedule.update(grads, state, params)
      const moves = gt(schedule.rate(state), 0)
      const kept = Tree.zipWith((a: Tensor, b: Tensor) => where(moves, a, b))<Tree>(innerOf(next), innerOf(state))
      return [displacement, { ...(next as object), inner: kept }]
    }) as never
  }
}

export const withScheduleMutants: Mutants = {
  "withSchedule(1) changes nothing": [mutant("takes 1 for unset", suite(changed(s => (s === 1 ? 0.5 : s))))],
  "withSchedule multiplies displacements": [mutant("multiplies gradients", ofGradients), mutant("squares", squared)],
  "withSchedule reads its schedule from step 0": [
    mutant(
      "reads the schedule after counting",
      suite(factor => right(typeof factor === "function" ? step => factor(add(step, 1)) : factor))
    )
  ],
  "withSchedule multiplies the rate of the next step": [
    mutant(
      "says the rate of the optimizer inside",
      suite(factor => onDisplacements(scale(factor)))
    )
  ],
  "withSchedule(0) stands still while the state inside goes on": [
    mutant("stops the state inside, too", suite(halting))
  ],
  "over plain sgd withSchedule is sgd at the product": [mutant("squares", squared)],
  "two of withSchedule are their product": [mutant("takes a factor for its half", suite(changed(s => s / 2)))]
}
