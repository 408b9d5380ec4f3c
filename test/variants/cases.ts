import { readFileSync } from "node:fs"
import { adamw, type AdamOptions, type AnyOptimizer, type SgdOptions } from "thalweg/optimizer"
import type { combinators, optimizers } from "thalweg/optimizer"

export type Numbers = number | readonly Numbers[]
export type Weights<A> = { readonly kernel: A; readonly bias: A; readonly scalar: A }
export type Steps = readonly Weights<Numbers>[]

type Catalogue = typeof optimizers & typeof combinators
type AllFields = Catalogue[keyof Catalogue]["fields"]
type NamesOf<Fs, Kind> = Fs extends unknown
  ? { [K in keyof Fs]: Fs[K] extends { readonly kind: Kind } ? K : never }[keyof Fs]
  : never

type OurNumbers = NamesOf<AllFields, "hyperparameter" | "number">
type OurFlags = NamesOf<AllFields, "flag">
/** What is no option of a row, but of another library or of several rows together. */
type TheirNumbers = "clipEps" | "emaDecay" | "key" | "l2" | "maxLeafNorm" | "maxLeafRms"

/**
 * What a case was made with, under the names of our options. A case says only some of it, and what it does not say is
 * never read, but by an option that has a default.
 */
export type Given = Readonly<Record<OurNumbers | TheirNumbers, number>> &
  Readonly<Record<OurFlags, boolean>> & {
    readonly schedule: { readonly exponential: number }
    readonly initStep: readonly ["heuristic" | "distance" | "learningRate", number]
    readonly nsCoefficients: readonly number[]
    /** Lengths of windows, one after another. */
    readonly windows: readonly number[]
    /** What steps where Muon does not. */
    readonly elsewhere: AnyOptimizer
    readonly adam: AdamOptions
    readonly sgd: SgdOptions
    readonly labels: Readonly<Record<string, "adam" | "sgd" | "frozen">>
  }

const sources = [
  "torch",
  "optax",
  "contrib",
  "keras",
  "pytorch_optimizer",
  "paper",
  "objective",
  "matrix",
  "combinators",
  "parameters"
] as const
type Source = "first" | (typeof sources)[number]

/** A trajectory of another library. */
export interface Case {
  readonly name: string
  /** The file that it is of. */
  readonly source: Source
  readonly dtype: "f32" | "f64"
  readonly hyper: Given
  readonly params0: Weights<Numbers>
  readonly grads: Steps
  readonly params: Steps
  readonly extra: {
    readonly norms?: readonly number[]
    readonly rates?: readonly number[]
    /** Of the last step, or of each. */
    readonly slow?: Weights<Numbers> | Steps
    readonly average?: Steps
    readonly gradientPoints?: Steps
    readonly evalParams?: Steps
    readonly losses?: readonly number[]
    /** Of the objective of each step, where the optimizer needs one: see `objectiveOf`. */
    readonly targets?: Steps
    /** The gradients of the examples of each step, along a leading axis, where the optimizer needs them. */
    readonly examples?: Steps
    /** The length that each step found. */
    readonly lengths?: readonly number[]
    readonly quartic?: number
    readonly coupling?: number
    /** The rate or distance found by each step. */
    readonly estimLr?: readonly number[]
    /** By what the rate is multiplied, after each step. */
    readonly scales?: readonly number[]
    /** How many gradients in a row were not finite, after each step. */
    readonly notFinite?: readonly number[]
  }
}

/** AdamW as a case of Muon has it; decay is multiplied by `decayRate` where that is not the rate. */
interface Elsewhere {
  readonly learningRate: number
  readonly epsHat?: boolean
  readonly decayRate?: number
}

interface Written extends Omit<Case, "hyper" | "source"> {
  readonly hyper: Readonly<Record<string, unknown>>
  readonly variant?: { readonly adam?: Elsewhere }
  readonly inputs?: string
}

interface GoldenFile {
  readonly inputs?: Readonly<Record<string, Pick<Case, "params0" | "grads">>>
  readonly cases: readonly Written[]
}

const elsewhereOf = ({ epsHat, decayRate, ...options }: Elsewhere): AnyOptimizer =>
  adamw({
    ...options,
    form: epsHat ? "epsilonHat" : "debiased",
    ...(decayRate === undefined ? {} : { baseRate: options.learningRate / decayRate })
  })

/** Options that are none (`null`) are left out, and lists are flat. */
const givenOf = ({ hyper, variant }: Written): Given => {
  const said = Object.entries(hyper).filter(([, value]) => value !== null)
  const flat = said.map(([name, value]) => [name, name === "nsCoefficients" ? [value].flat(2) : value] as const)
  const elsewhere = variant?.adam === undefined ? {} : { elsewhere: elsewhereOf(variant.adam) }
  return { ...Object.fromEntries(flat), ...elsewhere } as Given
}

const notFinite: Readonly<Record<string, number>> = { NaN, inf: Infinity, "-inf": -Infinity }
const numeric = (_: string, value: unknown): unknown =>
  typeof value === "string" ? (notFinite[value] ?? value) : value

const load = (file: string, source: Source): readonly Case[] => {
  const { inputs = {}, cases } = JSON.parse(readFileSync(`test/golden/${file}`, "utf8"), numeric) as GoldenFile
  return cases.map(written => ({ ...inputs[written.inputs ?? ""], ...written, hyper: givenOf(written), source }))
}

/** The cases of all files, each with its inputs. */
export const allCases: readonly Case[] = [
  ...load("optimizers.json", "first"),
  ...sources.flatMap(source => load(`catalogue_${source}.json`, source))
]

/** The name of a case without its dtype. */
export const bareName = ({ name }: Case): string => name.replace(/\/f(32|64)$/, "")
