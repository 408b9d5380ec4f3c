import { add, pipe } from "thalweg"
import { sgdLaws } from "thalweg/laws"
import { type AnyOptimizer, onDisplacement, onGradient, sgd, withMomentum, type SgdOptions } from "thalweg/optimizer"
import type { Hyperparameter } from "thalweg/schedule"
import { clipByGlobalNorm, scale } from "thalweg/transform"
import { mutant, throughF32, type Mutants } from "../mutant.js"

type Options = SgdOptions

/** A wrong `sgd` made of the right one: of options that have been tampered with, or within a combinator. */
const tampered = (how: (options: Options) => Partial<Options>) =>
  sgdLaws((options: Options) => sgd({ ...options, ...how(options) }))
const wrapped = (how: (optimizer: AnyOptimizer) => AnyOptimizer) => sgdLaws(options => how(sgd(options)))

const late = (value: Hyperparameter): Hyperparameter =>
  typeof value === "function" ? step => value(add(step, 1)) : value

const rounded = (value: Hyperparameter): Hyperparameter =>
  typeof value === "function" ? step => throughF32(value(step)) : value

export const sgdMutants: Mutants = {
  "plain sgd is p - η·g": [mutant("ascends", wrapped(onDisplacement(scale(-1))))],
  "sgd reads a schedule from step 0": [
    mutant(
      "reads the schedule after counting",
      tampered(o => ({ learningRate: late(o.learningRate) }))
    )
  ],
  "sgd of a constant schedule is sgd of the number": [
    mutant(
      "rounds scheduled rates to f32",
      tampered(o => ({ learningRate: rounded(o.learningRate) }))
    )
  ],
  "sgd of momentum 0 is plain sgd": [
    mutant(
      "takes 0 for unset",
      tampered(o => (o.momentum === 0 ? { momentum: 0.9 } : {}))
    )
  ],
  "sgd multiplies its velocity by the rate of the step": [
    mutant(
      "reads the schedule after counting, if it has momentum",
      tampered(o => ("momentum" in o ? { learningRate: late(o.learningRate) } : {}))
    ),
    mutant(
      "has the rate inside its velocity",
      sgdLaws((o: Options) =>
        "momentum" in o && o.momentum !== undefined
          ? withMomentum(o.momentum)(sgd({ learningRate: o.learningRate }))
          : sgd(o)
      )
    )
  ],
  "sgd is linear in the gradients": [
    mutant(
      "clips gradients",
      wrapped(optimizer => pipe(optimizer, onGradient(clipByGlobalNorm(0.5))))
    )
  ],
  "sgd at a constant gradient steps by a geometric series": [
    mutant(
      "averages gradients",
      tampered(o => ("momentum" in o ? { dampening: o.momentum } : {}))
    )
  ],
  "Nesterov's momentum looks one step ahead": [
    mutant(
      "does not look ahead",
      tampered(o => ("nesterov" in o ? { nesterov: false } : {}))
    )
  ]
}
