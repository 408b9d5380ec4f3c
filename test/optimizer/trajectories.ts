import { readFileSync } from "node:fs"
import { compile, evaluate, item, scalar as scalarOf, tensor, toTyped, Tree, type Tensor } from "thalweg"
import { globalNorm, type Extra, type StateFamily } from "thalweg/transform"
import type { Optimizer } from "thalweg/optimizer"

type Numbers = number | readonly Numbers[]
type Weights<A> = { readonly kernel: A; readonly bias: A; readonly scalar: A }
type Params = Weights<Tensor>

type MoreOptions =
  | "rho"
  | "decay"
  | "rateDecay"
  | "initialAccumulator"
  | "initialScale"
  | "momentumDecay"
  | "threshold"
  | "finalRate"
  | "gamma"
  | "etaMinus"
  | "etaPlus"
  | "minStep"
  | "maxStep"
  | "b3"
  | "alpha"
  | "scaling"
  | "maxLearningRate"
  | "maxLeafNorm"
  | "maxValue"
  | "emaDecay"
  | "power"
  | "skip"
  | "warmupSteps"
  | "eta"
  | "key"

/** What an optimizer of the file was made with; the fields that a case lacks are never read. */
export interface Hyper extends Readonly<Record<MoreOptions, number>> {
  readonly learningRate: number
  readonly momentum: number
  readonly dampening: number
  readonly b1: number
  readonly b2: number
  readonly eps: number
  readonly epsRoot: number
  readonly l2: number
  readonly weightDecay: number
  readonly maxNorm: number
  readonly clipEps: number
  readonly every: number
  readonly mix: number
  readonly schedule: { readonly exponential: number }
  readonly nesterov: boolean
  readonly centered: boolean
  readonly biasCorrection: boolean
  readonly nsCoefficients: readonly (number | readonly number[])[]
  readonly weightLrPower?: number
  readonly initStep: readonly ["heuristic" | "distance" | "learningRate", number]
}

type Steps = readonly Weights<Numbers>[]

export interface Case {
  readonly name: string
  readonly dtype: "f32" | "f64"
  readonly hyper: Hyper
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
    /** The rate or distance found by each step. */
    readonly estimLr?: readonly number[]
    /** By what the rate is multiplied, after each step. */
    readonly scales?: readonly number[]
    /** How many gradients in a row were not finite, after each step. */
    readonly notFinite?: readonly number[]
  }
}

interface GoldenFile {
  readonly inputs?: Readonly<Record<string, Pick<Case, "params0" | "grads">>>
  readonly cases: readonly (Case & { readonly inputs?: string })[]
}

const notFinite: Readonly<Record<string, number>> = { NaN, inf: Infinity, "-inf": -Infinity }
const numeric = (_: string, value: unknown): unknown =>
  typeof value === "string" ? (notFinite[value] ?? value) : value

/** The cases of a file in `test/golden`, each with its inputs. */
export const load = (file: string): readonly Case[] => {
  const { inputs = {}, cases } = JSON.parse(readFileSync(`test/golden/${file}`, "utf8"), numeric) as GoldenFile
  return cases.map(golden => ({ ...inputs[golden.inputs ?? ""], ...golden }))
}

export const cases = load("optimizers.json")

/** A list of numbers for each step. */
export type Rows = readonly (readonly number[])[]

/** A run of an optimizer over given gradients, step by step, as plain numbers (leaves in the order of their paths). */
export interface Trajectory {
  readonly params: Rows
  /** The rate that each step applied, and the one in force after it. */
  readonly rates: readonly number[]
  readonly ratesAfter: readonly number[]
  readonly norms: readonly number[]
  readonly deployed: readonly number[]
  readonly evalParams: Rows
  /** Where the gradient of each step was to be taken. */
  readonly points: Rows
  readonly states: readonly Tree[]
}

const numbersOf = (tree: Tree): readonly number[] => Tree.leaves(tree).flatMap(t => [...toTyped(t)])

/** How a step is run: evaluated after it was built, or compiled once. */
export const modes = {
  evaluated:
    <A extends readonly Tree[], B extends Tree>(step: (...args: A) => B) =>
    (...args: A): B =>
      evaluate(step(...args)),
  compiled: compile
}

export type Mode = keyof typeof modes

/** An optimizer whose state type does not matter, as a run over the gradients of a case. */
export type Run = (golden: Case, mode: Mode) => Trajectory

/** How a case is reached with what is exported. */
export type Recipe = (h: Hyper, golden: Case) => Run

export type Recipes = Readonly<Record<string, Recipe>>

/** Options without some that another function takes. */
export const without =
  (...names: readonly string[]) =>
  <H extends object>(h: H): H =>
    Object.fromEntries(Object.entries(h).filter(([name]) => !names.includes(name))) as H

const atLoss = (loss: number | undefined): Extra => (loss === undefined ? [] : [{ loss: scalarOf(loss, "f64") }])

export const run =
  <F extends StateFamily, X extends Extra = readonly []>(optimizer: Optimizer<F, X>): Run =>
  (golden, mode) => {
    const read = ({ kernel, bias, scalar }: Weights<Numbers>): Params => {
      const { dtype } = golden
      return { kernel: tensor(kernel, { dtype }), bias: tensor(bias, { dtype }), scalar: tensor(scalar, { dtype }) }
    }
    const step = modes[mode](
      (params: Params, state: Tree, grads: Params, extra: Extra): readonly [Params, Tree, Params] => {
        const [moved, after] = optimizer.step(params, state, grads, ...(extra as X))
        return [moved, after, optimizer.evalParams(moved, after)]
      }
    )
    let params = read(golden.params0)
    let state: Tree = optimizer.init(params)
    let deployed = optimizer.evalParams(params, state)
    const trajectory = golden.grads.map(read).map((grads, t) => {
      const rate = item(optimizer.rate(state))
      const point = numbersOf(optimizer.gradientPoint(params, state))
      ;[params, state, deployed] = step(params, state, grads, atLoss(golden.extra.losses?.[t]))
      const after = { state, rateAfter: item(optimizer.rate(state)), evalParams: numbersOf(deployed) }
      return { params: numbersOf(params), rate, point, norm: item(globalNorm(grads)), ...after }
    })
    return {
      params: trajectory.map(at => at.params),
      rates: trajectory.map(at => at.rate),
      ratesAfter: trajectory.map(at => at.rateAfter),
      norms: trajectory.map(at => at.norm),
      points: trajectory.map(at => at.point),
      deployed: numbersOf(deployed),
      evalParams: trajectory.map(at => at.evalParams),
      states: trajectory.map(at => at.state)
    }
  }

const flatten = ({ bias, kernel, scalar }: Weights<Numbers>): readonly number[] =>
  [bias, kernel, scalar].flatMap(leaf => [leaf].flat(3) as number[])

/** What a case says of the parameters to deploy after each step. */
export const goldenEvalParams = ({ extra: { evalParams, average, slow } }: Case): Rows | undefined =>
  (evalParams ?? average ?? (slow && !("kernel" in slow) ? slow : undefined))?.map(flatten)

/** The parameters of a case before the first and after each step, flat in the order of `Trajectory`. */
export const goldenParams = ({ params0, params }: Case): Rows => [params0, ...params].map(flatten)

export const goldenPoints = ({ extra }: Case): Rows | undefined => extra.gradientPoints?.map(flatten)

export const goldenSlow = ({ extra: { slow } }: Case): readonly number[] | undefined =>
  slow && "kernel" in slow ? flatten(slow) : undefined

/** The largest difference, relative to the largest finite value that each element had so far; 0 where both are one. */
export const worst = (actual: Rows, expected: Rows): number => {
  const largest = (step: number, i: number): number =>
    Math.max(
      0,
      ...expected
        .slice(0, step + 1)
        .map(values => Math.abs(values[i] ?? NaN))
        .filter(Number.isFinite)
    )
  const differences = expected.flatMap((values, step) =>
    values.map((value, i) => {
      const ours = actual[step]?.[i] ?? NaN
      return Object.is(ours, value) || ours === value ? 0 : Math.abs(ours - value) / largest(step, i)
    })
  )
  return Math.max(...differences)
}
