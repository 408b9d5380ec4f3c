import type { adamw, AdamOptions, Optimizer, SgdMomentumOptions } from "thalweg/optimizer"
import type { Schedule } from "thalweg/schedule"
import type { Extra, StateFamily } from "thalweg/transform"
import { run, type Hyper, type Run } from "../optimizer/trajectories.js"

type Numbers =
  | "atol"
  | "beta"
  | "beta2Decay"
  | "clip"
  | "clipping"
  | "cooldown"
  | "eps1"
  | "eps2"
  | "lower"
  | "maxLeafRms"
  | "patience"
  | "factor"
  | "fMin"
  | "radius"
  | "rtol"
  | "scale"
  | "tolerate"
  | "trustCoefficient"
  | "upper"

/** What a case was made with; the fields that a case lacks are never read. */
export interface Given extends Hyper, Readonly<Record<Numbers, number>> {
  readonly adam: AdamOptions
  readonly sgd: SgdMomentumOptions
  readonly labels: Readonly<Record<string, "adam" | "sgd" | "frozen">>
}

/** What a schedule was made with. */
export type ScheduleGiven = Readonly<
  Record<
    | "decay"
    | "down"
    | "end"
    | "exponent"
    | "alpha"
    | "from"
    | "heightFactor"
    | "high"
    | "learningRate"
    | "low"
    | "peak"
    | "power"
    | "startFactor"
    | "endFactor"
    | "steps"
    | "stepsFactor"
    | "to"
    | "up"
    | "value"
    | "warmupSteps",
    number
  >
>

/** Muon's optimizer for what is no matrix. */
export type Rest = ReturnType<typeof adamw>

interface Named {
  readonly theirs: string
}

/** Gives the same numbers as what another library has, in the golden cases named. */
export interface Same extends Named {
  readonly kind: "same"
  readonly cases: readonly string[]
  readonly run: (given: Given, elsewhere: Rest) => Run
}

export interface SameSchedule extends Named {
  readonly kind: "schedule"
  readonly cases: readonly string[]
  readonly schedule: (given: ScheduleGiven) => Schedule
}

/** Says how, or that it is not offered, without claiming numbers. */
export interface Words extends Named {
  readonly kind: "words"
  readonly says: string
}

export type ElsewhereRow = Same | SameSchedule | Words

export const same = <F extends StateFamily, X extends Extra = readonly []>(
  theirs: string,
  ours: (given: Given, elsewhere: Rest) => Optimizer<F, X>,
  ...cases: readonly string[]
): Same => ({
  kind: "same",
  theirs,
  cases,
  run: (given, elsewhere) => run(ours(given, elsewhere))
})

export const sameSchedule = (
  theirs: string,
  schedule: SameSchedule["schedule"],
  ...cases: readonly string[]
): SameSchedule => ({ kind: "schedule", theirs, cases, schedule })

export const words = (theirs: string, says: string): Words => ({ kind: "words", theirs, says })
