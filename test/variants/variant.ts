import type { AnyOptimizer, combinators, optimizers } from "thalweg/optimizer"
import type { Schedule } from "thalweg/schedule"
import type { Case, Given } from "./cases.js"

/** Where on the page "coming from PyTorch, optax or Keras" a name stands; `…Beside`: what is no optimizer. */
export type Part = `${"torch" | "optax" | "keras"}${"" | "Beside" | "Schedules"}` | "contrib"

/** What something is called in other libraries. */
export type Theirs = { readonly [P in Part]?: string }

type Make = (given: Given, golden: Case) => AnyOptimizer

/** A way to compose an optimizer that somebody else has, too. */
export interface Composed {
  readonly kind: "composed"
  readonly theirs: Theirs
  readonly ours: Make
  /** The golden cases, without their dtypes, that it reproduces with the options that they say. */
  readonly cases: readonly string[]
}

/** How to do without something that somebody else has, with no numbers to hold it to. */
export interface Words {
  readonly kind: "words"
  readonly theirs: Theirs
  readonly says: string
}

export type Variant = Composed | Words

/** Gives the numbers of golden cases. */
export const golden = (ours: Make, ...cases: readonly string[]): Variant => ({
  kind: "composed",
  theirs: {},
  ours,
  cases
})

/** Gives the numbers of golden cases, and is known under names; the page shows the code of `ours`. */
export const known = (theirs: Theirs, ours: Make, ...cases: readonly string[]): Variant => ({
  kind: "composed",
  theirs,
  ours,
  cases
})

/** What a schedule was made with; as `Given`. */
export type GivenSchedule = Readonly<
  Record<
    | "alpha"
    | "cooldown"
    | "decay"
    | "divFactor"
    | "down"
    | "end"
    | "endFactor"
    | "exponent"
    | "factor"
    | "finalDivFactor"
    | "from"
    | "heightFactor"
    | "high"
    | "learningRate"
    | "least"
    | "low"
    | "modelSize"
    | "patience"
    | "peak"
    | "power"
    | "startFactor"
    | "steps"
    | "stepsFactor"
    | "threshold"
    | "to"
    | "up"
    | "value"
    | "warmupSteps",
    number
  >
>

/** A schedule that somebody else has, too. */
export interface ScheduleVariant {
  readonly kind: "schedule"
  readonly theirs: Theirs
  readonly ours: (given: GivenSchedule) => Schedule
  readonly cases: readonly string[]
}

export const schedule = (
  theirs: Theirs,
  ours: ScheduleVariant["ours"],
  ...cases: readonly string[]
): ScheduleVariant => ({ kind: "schedule", theirs, ours, cases })

/** Says what there is in place of something, in words. */
export const words = (theirs: Theirs, says: string): Words => ({ kind: "words", theirs, says })

/** How steep a function is, how wide it is, and how long the way down may be. */
export interface Scale {
  /** Of what follows the gradient: at most the inverse of the largest curvature. */
  readonly rate: number
  /** Of what rescales the gradient: about the length of a step. */
  readonly pace: number
  readonly steps: number
}

export type Options = Readonly<Record<string, unknown>>

/** What tests of hyperparameters have to know of a row. */
export interface Sampling<Option extends string = string> {
  /** What has to be set for any hyperparameter to matter within few steps, and away from kinks. */
  readonly always?: Options
  /**
   * What else has to be set for one to matter, or a value for it where that of the rule does not; each of a list. Nothing
   * (`{}`) where it matters while the others have their defaults, not where all are in the middle of their ranges.
   */
  readonly beside?: { readonly [O in Option]?: Options | readonly Options[] }
  /** By what the derivative is 0 almost everywhere, and why. */
  readonly flat?: { readonly [O in Option]?: string }
  /** What is asked for at step 0 alone. */
  readonly atStart?: readonly Option[]
}

type Catalogue = typeof optimizers & typeof combinators
export type OptimizerName = keyof typeof optimizers
export type CombinatorName = keyof typeof combinators
export type Name = keyof Catalogue

/** All that tests and the page have to be told of a row of a catalogue. */
export interface Entry<N extends Name = Name> {
  readonly variants: readonly Variant[]
  /** With what it goes down a function, besides the rate that a rule gives: what needs a reason, or has no default. */
  readonly descent?: (scale: Scale) => Options
  readonly sampling?: Sampling<keyof Catalogue[N]["fields"] & string>
}

export type Entries = { readonly [N in Name]?: Entry<N> }

/** Rows of one kind, and the one that goes for all of them where one is enough. */
export interface Family {
  readonly leader: Name
  readonly rows: Entries
}
