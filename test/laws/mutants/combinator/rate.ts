import { add, gt, Tree, where, type Tensor } from "thalweg"
import { withScheduleLaws } from "thalweg/laws"
import { altered, withSchedule } from "thalweg/optimizer"
import type { Hyperparameter } from "thalweg/schedule"
import { scale } from "thalweg/transform"
import { mutant, type Mutants } from "../mutant.js"
import { onDisplacements, onGradients, type Wrap } from "./wrap.js"

type Scheduling = (factor: Hyperparameter) => Wrap

const right: Scheduling = factor => inner => withSchedule(factor)(inner)
const suite = (how: Scheduling) => withScheduleLaws(how)

const changed =
  (f: (factor: number) => number): Scheduling =>
  factor =>
    right(typeof factor === "number" ? f(factor) : factor)

const squared = suite(changed(s => s * s))
const ofGradients = suite(factor => onGradients(scale(factor)))

/** Stops the state inside, too. */
const halting: Scheduling = factor => inner => {
  const schedule = right(factor)(inner)
  const { move, rate } = schedule.motion
  return altered(schedule, {
    move: (grads, state, params, now) => {
      const [moved, next] = move(grads, state, params, now)
      const moves = gt(rate(state, now), 0)
      return [moved, Tree.zipWith((a: Tensor, b: Tensor) => where(moves, a, b))<Tree>(next, state)]
    }
  })
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
