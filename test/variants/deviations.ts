import { toTyped, Tree, type Tensor } from "thalweg"
import { allCases, bareName, type Case } from "./cases.js"
import { composed } from "./index.js"
import {
  goldenEvalParams,
  goldenParams,
  goldenPoints,
  run,
  worst,
  worstOf,
  type Mode,
  type Rows,
  type Trajectory
} from "./trajectories.js"
import type { Composed } from "./variant.js"

/** Cases that nothing here is composed to, and why. */
export const notReached: Readonly<Record<string, string>> = {
  "optax/adan-default": "differences lead by 1 - b2 in place of b2, against Algorithm 1 and the authors' code",
  "optax/adan": "as optax/adan-default",
  "optax/adan-decay": "as optax/adan-default",
  "optax/rprop": "applies the step found one call earlier, against the paper",
  "optax/muon-spectral": "divides by a singular value at first, which we have no decomposition for"
}

/** A case, and a variant that is to reproduce it. */
export interface Comparison {
  readonly golden: Case
  readonly variant: Composed
}

const casesOf = (name: string): readonly Case[] => allCases.filter(golden => bareName(golden) === name)

/** Every variant with each of its cases, in every dtype. */
export const comparisons: readonly Comparison[] = composed.flatMap(variant =>
  variant.cases.flatMap(casesOf).map(golden => ({ golden, variant }))
)

/** The allowed distance, relative to the largest value that a parameter had so far. */
export const tolerance = { f64: 1e-12, f32: 1e-5 }

/** Cases that are held to another bound, and why. */
export const exceptions: Readonly<Record<string, readonly [bound: number, reason: string]>> = {
  "optax/radam-default/f64": [
    5e-12,
    "optax loses digits of ρ, even in f64; paper/radam-default, an equal run, is held to 1e-12"
  ],
  "optax/prodigy-default/f32": [
    2e-5,
    "the first distances are lost in the rounding of the parameters, optax's and ours"
  ],
  "torch/muon-bfloat16/f64": [
    0.03,
    "bfloat16, which is not offered, has three digits; torch/muon is the same without it"
  ],
  "torch/muon-bfloat16/f32": [0.03, "as torch/muon-bfloat16/f64"]
}

/** Cases in f32 in which the library is 1e-5 or more from its own case in f64, and we are not: compared with that. */
export const againstF64: readonly string[] = [
  ...["", "-tall", "-heavy-ball", "-adaptive", "-consistent-rms", "-aol", "-schatten", "-dion"].map(
    form => `optax/muon${form}/f32`
  ),
  "optax/dadapt-adamw-default/f32",
  "optax/momo-adam-default/f32",
  "optax/schedule-free-adamw-default/f32",
  "optax/radam-default/f32", // small differences of large numbers, ρ near 2000
  "optax/rmsprop-centered-bias-correction/f32" // and of a variance
]

export const boundOf = ({ name, dtype }: Case): number => exceptions[name]?.[0] ?? tolerance[dtype]

/** A number that each state of a run has under one of some names. */
const watched = (states: readonly Tree[], ...names: readonly string[]): readonly number[] => {
  const find = (found: number, leaf: Tensor, path: string): number =>
    names.includes(path.split("/").at(-1) ?? "") ? Number(toTyped(leaf)[0]) : found
  return states.map(Tree.reduce(NaN, find))
}

/** What `optax.contrib` calls the estimate: our estimate or distance, and DoWG's is squared. */
const estimates = ({ states }: Trajectory, name: string): readonly number[] =>
  watched(states, "estimate", "distance").map(found => (name.startsWith("optax/dowg") ? found ** 2 : found))

const column = (values: readonly number[]): Rows => values.map(value => [value])

/** How far two runs are apart that begin at the same parameters, which give differences a size. */
const fromStart = (golden: Case, ours: Rows, theirs: Rows): number => {
  const start = goldenParams(golden).slice(0, 1)
  return worst([...start, ...ours], [...start, ...theirs])
}

type Distance = (ours: Trajectory, golden: Case) => number

/** Schedule-free cases have as their parameters where gradients are taken. */
const params: Distance = (ours, golden) =>
  golden.name.includes("schedule-free")
    ? worst(ours.points, goldenParams(golden))
    : fromStart(golden, ours.params, goldenParams(golden).slice(1))

/** What is deployed is projected again, which moves elements of 0 by roundings. */
const projectedAgain: readonly string[] = ["combinators/project-simplex"]

/** What a case says of the last step alone comes after the parameters until then. */
const deployed: Distance = (ours, golden) => {
  if (projectedAgain.includes(bareName(golden))) return 0
  const theirs = goldenEvalParams(golden)
  const before = theirs.length === 1 ? goldenParams(golden) : goldenParams(golden).slice(0, 1)
  return worst([...before, ...ours.evalParams.slice(-theirs.length)], [...before, ...theirs])
}

/** What a case may say, and how far we are from it. */
const distances: Readonly<Record<string, Distance>> = {
  params,
  deployed,
  gradientPoints: (ours, golden) => worst(ours.points, goldenPoints(golden)),
  rates: (ours, { extra }) => worstOf(ours.rates, extra.rates ?? []),
  norms: (ours, { extra }) => worstOf(ours.norms, extra.norms ?? []),
  scales: (ours, { extra, hyper }) =>
    worst(column(ours.ratesAfter.map(rate => rate / hyper.learningRate)), column(extra.scales ?? [])),
  /** Of the first step ours is in units of the gradient. */
  lengths: (ours, { extra }) => worstOf(ours.ratesAfter.slice(1), extra.lengths?.slice(1) ?? []),
  estimLr: (ours, { extra, name }) => worst(column(estimates(ours, name)), column(extra.estimLr ?? [])),
  notFinite: (ours, { extra }) => worst(column(watched(ours.states, "inRow")), column(extra.notFinite ?? []))
}

/** What a case may say that is not compared by itself, and why. */
const aside: Readonly<Record<string, string>> = {
  evalParams: "what is deployed",
  average: "what is deployed",
  slow: "what is deployed",
  losses: "given to the optimizer",
  targets: "of the objective that is given to the optimizer",
  examples: "given to the optimizer",
  quartic: "as targets",
  coupling: "as targets",
  alphas: "the schedule that the variant is made with",
  b3s: "as alphas",
  curvature: "of the function whose gradients are given",
  centre: "as curvature",
  noise: "drawn on the way: the parameters follow from it",
  fits: "as noise",
  balances: "as noise",
  apart: "how far the two dtypes of the library are from each other",
  agreesWith: "checked where the files are made"
}

/** What cases say that is neither compared nor known not to be. */
export const overlooked: readonly string[] = allCases
  .flatMap(({ name, extra }) => Object.keys(extra).map(key => [name, key] as const))
  .filter(([, key]) => !(key in distances || key in aside))
  .map(([name, key]) => `${name}: ${key}`)

/** The same case in f64. */
const inF64 = (golden: Case): Case =>
  casesOf(bareName(golden)).find(({ dtype, source }) => dtype === "f64" && source === golden.source) ?? golden

/** How far a case is from its variant, at the worst. */
export const deviation = ({ golden, variant }: Comparison, mode: Mode): number => {
  const expected = againstF64.includes(golden.name) ? inF64(golden) : golden
  const ours = run(variant.ours(golden.hyper, golden), golden, mode)
  const said = ["params", "deployed", ...Object.keys(expected.extra)]
  const most = Math.max(...said.map(what => distances[what]?.(ours, expected) ?? 0))
  return Number.isNaN(most) ? Infinity : most
}

/** How far the parameters of a library are from those of its own case in f64. */
export const ownDeviation = (golden: Case): number => {
  const wide = inF64(golden)
  return Math.max(
    worst(goldenParams(golden), goldenParams(wide)),
    fromStart(golden, goldenEvalParams(golden), goldenEvalParams(wide))
  )
}
