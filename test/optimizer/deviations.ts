import { toTyped, Tree } from "thalweg"
import { recipes as beyond } from "./beyond.recipes.js"
import { recipes as classics } from "./classics.recipes.js"
import { recipes as combinators } from "./combinators.recipes.js"
import { recipes as muon } from "./muon.recipes.js"
import { recipes as noise } from "./noise.recipes.js"
import { recipes as scheduleFree } from "./schedule-free.recipes.js"
import {
  goldenEvalParams,
  goldenParams,
  goldenPoints,
  load,
  worst,
  type Case,
  type Mode,
  type Recipes,
  type Rows,
  type Trajectory
} from "./trajectories.js"

const sources = ["torch", "optax", "contrib", "keras", "paper", "combinators", "parameters"] as const

/** A case, and the file that it is of. */
export type Golden = Case & { readonly source: (typeof sources)[number] }

export const catalogue: readonly Golden[] = sources.flatMap(source =>
  load(`catalogue_${source}.json`).map(golden => ({ ...golden, source }))
)

export const recipeTables: readonly Recipes[] = [classics, beyond, muon, noise, scheduleFree, combinators]
const recipes: Recipes = Object.assign({}, ...recipeTables) as Recipes

/** The name of a case without its dtype. */
export const recipeName = ({ name }: Case): string => name.replace(/\/f(32|64)$/, "")

/** Cases that nothing here is composed to, and why. */
export const notReached: Readonly<Record<string, string>> = {
  "optax/adan-default": "differences lead by 1 - b2 in place of b2, against Algorithm 1 and the authors' code",
  "optax/adan": "as optax/adan-default",
  "optax/adan-decay": "as optax/adan-default",
  "optax/rprop": "applies the step found one call earlier, against the paper",
  "optax/muon-spectral": "divides by a singular value at first, which we have no decomposition for"
}

/** Every case that is compared. */
export const compared: readonly Golden[] = catalogue.filter(golden => recipeName(golden) in recipes)

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
  const find = (found: number, leaf: Parameters<typeof toTyped>[0], path: string): number =>
    names.includes(path.split("/").at(-1) ?? "") ? Number(toTyped(leaf)[0]) : found
  return states.map(Tree.reduce(NaN, find))
}

/** What `optax.contrib` calls the estimate: our estimate or distance, and DoWG's is squared. */
const estimates = ({ states }: Trajectory, name: string): readonly number[] =>
  watched(states, "estimate", "distance").map(found => (name.startsWith("optax/dowg") ? found ** 2 : found))

const column = (values: readonly number[]): Rows => values.map(value => [value])

type Sides = readonly [ours: Rows, theirs: Rows]
type Side = (ours: Trajectory, golden: Case) => Sides

/** Rows from the parameters at first on, which give differences a size. */
const fromStart = (golden: Case, rows: Rows = []): Rows => [...goldenParams(golden).slice(0, 1), ...rows]
const deployed: Side = (ours, golden) => [
  fromStart(golden, ours.evalParams),
  fromStart(golden, goldenEvalParams(golden))
]

/** What a case may say, and ours beside it. */
const compare: Readonly<Record<string, Side>> = {
  params: (ours, golden) => [fromStart(golden, ours.params), goldenParams(golden)],
  evalParams: deployed,
  average: deployed,
  slow: deployed,
  gradientPoints: (ours, golden) => [ours.points, goldenPoints(golden) ?? []],
  rates: (ours, { extra }) => [column(ours.rates), column(extra.rates ?? [])],
  scales: (ours, { extra, hyper }) => [
    column(ours.ratesAfter.map(rate => rate / hyper.learningRate)),
    column(extra.scales ?? [])
  ],
  estimLr: (ours, { extra, name }) => [column(estimates(ours, name)), column(extra.estimLr ?? [])],
  notFinite: (ours, { extra }) => [column(watched(ours.states, "inRow")), column(extra.notFinite ?? [])]
}

/** What a case may say that is not compared, and why. */
const aside: Readonly<Record<string, string>> = {
  losses: "given to the optimizer",
  alphas: "the schedule that the recipe is made with",
  b3s: "as alphas",
  curvature: "of the function whose gradients are given",
  centre: "as curvature",
  noise: "drawn on the way: the parameters follow from it",
  apart: "how far the two dtypes of the library are from each other",
  agreesWith: "checked where the files are made"
}

/** What cases say that is neither compared nor known not to be. */
export const overlooked: readonly string[] = catalogue
  .flatMap(({ name, extra }) => Object.keys(extra).map(key => [name, key] as const))
  .filter(([, key]) => !(key in compare || key in aside))
  .map(([name, key]) => `${name}: ${key}`)

/** The same case in f64. */
const inF64 = (golden: Golden): Golden => catalogue.find(({ name }) => name === `${recipeName(golden)}/f64`) ?? golden

/** How far a case is from its recipe, at the worst. */
export const deviation = (golden: Golden, mode: Mode): number => {
  const recipe = recipes[recipeName(golden)]
  if (recipe === undefined) throw new Error(`no recipe for ${golden.name}`)
  const expected = againstF64.includes(golden.name) ? inF64(golden) : golden
  const run = recipe(golden.hyper, golden)(golden, mode)
  const apart = ["params", ...Object.keys(expected.extra)].map(said => {
    const sides = compare[said]?.(run, expected)
    return sides === undefined ? 0 : worst(...sides)
  })
  const most = Math.max(...apart)
  return Number.isNaN(most) ? Infinity : most
}

/** How far the parameters of a library are from those of its own case in f64. */
export const ownDeviation = (golden: Golden): number => {
  const wide = inF64(golden)
  const evalParams = (each: Golden): Rows => fromStart(each, goldenEvalParams(each))
  return Math.max(worst(goldenParams(golden), goldenParams(wide)), worst(evalParams(golden), evalParams(wide)))
}
