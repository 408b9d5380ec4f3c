import { readFileSync } from "node:fs"
import { compile, evaluate, item, scalar as scalarOf, tensor, toTyped, Tree, type Tensor } from "thalweg"
import { globalNorm, type Extra, type StateFamily, type StateOf } from "thalweg/transform"
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
}

export interface Case {
  readonly name: string
  readonly dtype: "f32" | "f64"
  readonly hyper: Hyper
  readonly params0: Weights<Numbers>
  readonly grads: readonly Weights<Numbers>[]
  readonly params: readonly Weights<Numbers>[]
  readonly extra: {
    readonly norms?: readonly number[]
    readonly rates?: readonly number[]
    readonly slow?: Weights<Numbers>
    readonly gradientPoints?: readonly Weights<Numbers>[]
    readonly evalParams?: readonly Weights<Numbers>[]
    readonly losses?: readonly number[]
  }
}

interface GoldenFile {
  readonly inputs?: Readonly<Record<string, Pick<Case, "params0" | "grads">>>
  readonly cases: readonly (Case & { readonly inputs?: string })[]
}

/** The cases of a file in `test/golden`, each with its inputs. */
export const load = (file: string): readonly Case[] => {
  const { inputs = {}, cases } = JSON.parse(readFileSync(`test/golden/${file}`, "utf8")) as GoldenFile
  return cases.map(golden => ({ ...inputs[golden.inputs ?? ""], ...golden }))
}

export const cases = load("optimizers.json")

/** A run of an optimizer over given gradients, step by step, as plain numbers (leaves in the order of their paths). */
export interface Trajectory {
  readonly params: readonly (readonly number[])[]
  readonly rates: readonly number[]
  readonly norms: readonly number[]
  readonly deployed: readonly number[]
  readonly evalParams: readonly (readonly number[])[]
  /** Where the gradient of each step was to be taken. */
  readonly points: readonly (readonly number[])[]
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

/** An optimizer whose state type does not matter, as a run over the gradients of a case. */
export type Run = (golden: Case, mode: keyof typeof modes) => Trajectory

const atLoss = (loss: number | undefined): Extra => (loss === undefined ? [] : [{ loss: scalarOf(loss, "f64") }])

export const run =
  <F extends StateFamily, X extends Extra = readonly []>(optimizer: Optimizer<F, X>): Run =>
  (golden, mode) => {
    const read = ({ kernel, bias, scalar }: Weights<Numbers>): Params => {
      const { dtype } = golden
      return { kernel: tensor(kernel, { dtype }), bias: tensor(bias, { dtype }), scalar: tensor(scalar, { dtype }) }
    }
    const step = modes[mode]((params: Params, state: Tree, grads: Params, extra: Extra): readonly [Params, Tree] =>
      optimizer.step(params, state as StateOf<F, Params>, grads, ...(extra as X))
    )
    let params = read(golden.params0)
    let state: Tree = optimizer.init(params)
    const deployed = (): readonly number[] => numbersOf(optimizer.evalParams(params, state))
    const trajectory = golden.grads.map(read).map((grads, t) => {
      const rate = item(optimizer.rate(state))
      const point = numbersOf(optimizer.gradientPoint(params, state))
      ;[params, state] = step(params, state, grads, atLoss(golden.extra.losses?.[t]))
      return { params: numbersOf(params), rate, point, norm: item(globalNorm(grads)), evalParams: deployed() }
    })
    return {
      params: trajectory.map(at => at.params),
      rates: trajectory.map(at => at.rate),
      norms: trajectory.map(at => at.norm),
      points: trajectory.map(at => at.point),
      deployed: deployed(),
      evalParams: trajectory.map(at => at.evalParams)
    }
  }

const flatten = ({ bias, kernel, scalar }: Weights<Numbers>): readonly number[] =>
  [bias, kernel, scalar].flatMap(leaf => [leaf].flat(3) as number[])

export const goldenEvalParams = ({ extra }: Case): readonly (readonly number[])[] | undefined =>
  extra.evalParams?.map(flatten)

/** The parameters of a case before the first and after each step, flat in the order of `Trajectory`. */
export const goldenParams = ({ params0, params }: Case): readonly (readonly number[])[] =>
  [params0, ...params].map(flatten)

export const goldenPoints = ({ extra }: Case): readonly (readonly number[])[] =>
  (extra.gradientPoints ?? []).map(flatten)

export const goldenSlow = ({ extra }: Case): readonly number[] | undefined => extra.slow && flatten(extra.slow)

/** The largest difference, relative to the largest value that each element had so far. */
export const worst = (actual: readonly (readonly number[])[], expected: readonly (readonly number[])[]): number => {
  const largest = (step: number, i: number): number =>
    Math.max(...expected.slice(0, step + 1).map(values => Math.abs(values[i] ?? NaN)))
  const differences = expected.flatMap((values, step) =>
    values.map((value, i) => {
      const difference = Math.abs((actual[step]?.[i] ?? NaN) - value)
      return difference === 0 ? 0 : difference / largest(step, i)
    })
  )
  return Math.max(...differences)
}
