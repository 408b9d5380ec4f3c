import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { item, pipe, scalar, tensor, toTyped, Tree, type Tensor } from "thalweg"
import {
  accumulate,
  adam,
  centralizeGradients,
  clipAdaptive,
  clipByLeafNorm,
  clipByNorm,
  clipByValue,
  ifFinite,
  lookahead,
  maximize,
  normalizeGradients,
  ontoBox,
  ontoL1Ball,
  ontoL2Ball,
  ontoLInfBall,
  ontoNonNegative,
  ontoSimplex,
  optimizer,
  partition,
  project,
  reduceOnPlateau,
  sgd,
  withEma,
  withL2,
  withWeightDecay,
  type Optimizer
} from "thalweg/optimizer"
import {
  applyWhere,
  chain,
  scaleByLearningRate,
  trace,
  type AtLoss,
  type Extra,
  type StateFamily
} from "thalweg/transform"
import type { AnyF } from "./samples.js"
import { modes } from "./trajectories.js"

type Numbers = number | string | readonly Numbers[]
type Weights = Readonly<Record<"kernel" | "bias" | "scalar", Numbers>>
type Params = Readonly<Record<"kernel" | "bias" | "scalar", Tensor>>

interface Inputs {
  readonly params0: Weights
  readonly grads: readonly Weights[]
}

interface Case extends Inputs {
  readonly name: string
  readonly dtype: "f32" | "f64"
  readonly params: readonly Weights[]
  readonly extra: {
    readonly slow?: readonly Weights[]
    readonly average?: readonly Weights[]
    readonly scales?: readonly number[]
    readonly losses?: readonly number[]
    readonly notFinite?: readonly number[]
  }
}

const load = (name: string): readonly Case[] => {
  const file = JSON.parse(readFileSync(`test/golden/${name}.json`, "utf8")) as {
    readonly inputs: Readonly<Record<string, Inputs>>
    readonly cases: readonly (Case & { readonly inputs?: string })[]
  }
  return file.cases.map(golden => ({ ...file.inputs[golden.inputs ?? ""], ...golden }))
}

const cases = [...load("catalogue_combinators"), ...load("catalogue_parameters")]

const numeric = (x: Numbers): number | readonly unknown[] =>
  typeof x === "string" ? Number(x.replace("inf", "Infinity")) : typeof x === "number" ? x : x.map(numeric)
const flat = ({ bias, kernel, scalar }: Weights): readonly number[] =>
  [bias, kernel, scalar].flatMap(leaf => [numeric(leaf)].flat(3) as number[])
const numbersOf = (tree: Tree): readonly number[] => Tree.leaves(tree).flatMap(t => [...toTyped(t)])

type Any = Optimizer<AnyF, readonly [AtLoss]>
const any = <F extends StateFamily, X extends Extra>(opt: Optimizer<F, X>): Any => opt as unknown as Any

const S = { learningRate: 0.1 }
const M = { learningRate: 0.1, momentum: 0.8 }
const A = { learningRate: 0.02, b1: 0.8, b2: 0.95, eps: 1e-3 }
const mask = { kernel: true, bias: false, scalar: false }
const labels = { kernel: "adam", bias: "sgd", scalar: "frozen" } as const
const frozen = sgd({ learningRate: 0 })

/** How each case is reached with what is exported. */
const recipes: Readonly<Record<string, () => Any>> = {
  "clip-by-norm": () => any(pipe(sgd(M), clipByNorm(1.5))),
  "clip-by-value": () => any(pipe(sgd(M), clipByValue(0.5))),
  "clip-by-leaf-rms": () => any(pipe(sgd(M), clipByLeafNorm(0.5, { measure: "rms" }))),
  "clip-adaptive": () => any(pipe(sgd(M), clipAdaptive(0.2))),
  "clip-adaptive-eps": () => any(pipe(sgd(M), clipAdaptive(0.2, { eps: 0.5 }))),
  centralize: () => any(pipe(sgd(M), centralizeGradients({ units: "first" }))),
  normalize: () => any(pipe(sgd(M), normalizeGradients({ eps: 1e-6 }))),
  "normalize-scaled": () => any(pipe(sgd(M), normalizeGradients({ scale: 2, eps: 0.5 }))),
  "l2-momentum": () => any(pipe(sgd(M), withL2(0.1))),
  "l2-adam": () => any(pipe(adam(A), withL2(0.1))),
  "decay-momentum": () => any(pipe(sgd(M), withWeightDecay(0.1))),
  "decay-masked": () => any(pipe(adam(A), withWeightDecay(0.1, { mask }))),
  masked: () => any(optimizer(chain(applyWhere(mask)(trace({ decay: 0.8 })), scaleByLearningRate(0.1)))),
  partition: () => any(partition({ adam: adam(A), sgd: sgd(M), frozen }, labels)),
  maximize: () => any(pipe(sgd(M), maximize)),
  "accumulate-momentum": () => any(pipe(sgd(M), accumulate(3))),
  "accumulate-adam": () => any(pipe(adam(A), accumulate(3))),
  "if-finite-momentum": () => any(pipe(sgd(M), ifFinite({ tolerate: 2 }))),
  "if-finite-adam": () => any(pipe(adam(A), ifFinite({ tolerate: 2 }))),
  "if-finite-exceeded-f64": () => any(pipe(sgd(M), ifFinite({ tolerate: 2 }))),
  "if-finite-exceeded-f32": () => any(pipe(sgd(M), ifFinite({ tolerate: 2 }))),
  "reduce-on-plateau": () => any(pipe(sgd(S), reduceOnPlateau({ factor: 0.5, patience: 2 }))),
  "reduce-on-plateau-cooldown": () =>
    any(pipe(sgd(S), reduceOnPlateau({ factor: 0.5, patience: 2, cooldown: 2, rtol: 0, atol: 0.05 }))),
  "reduce-on-plateau-accumulate": () =>
    any(pipe(sgd(S), reduceOnPlateau({ factor: 0.3, patience: 1, accumulationSize: 2, minScale: 0.2 }))),
  "keep-non-negative": () => any(pipe(sgd(M), project(ontoNonNegative))),
  "lookahead-momentum": () => any(pipe(sgd(M), lookahead({ every: 4, mix: 0.3 }))),
  "lookahead-adam": () => any(pipe(adam(A), lookahead({ every: 4, mix: 0.3 }))),
  "lookahead-momentum-reset": () => any(pipe(sgd(M), lookahead({ every: 4, mix: 0.3, atSync: "reset" }))),
  "lookahead-adam-reset": () => any(pipe(adam(A), lookahead({ every: 4, mix: 0.3, atSync: "reset" }))),
  "lookahead-momentum-pullback": () => any(pipe(sgd(M), lookahead({ every: 4, mix: 0.3, atSync: "pullback" }))),
  ema: () => any(pipe(sgd(M), withEma(0.9))),
  "ema-biased": () => any(pipe(sgd(M), withEma(0.9, { start: "zero" }))),
  "project-non-negative": () => any(pipe(sgd(M), project(ontoNonNegative))),
  "project-box": () => any(pipe(sgd(M), project(ontoBox({ lower: -0.5, upper: 1 })))),
  "project-l2-ball": () => any(pipe(sgd(M), project(ontoL2Ball(1.5)))),
  "project-l1-ball": () => any(pipe(sgd(M), project(ontoL1Ball(2)))),
  "project-linf-ball": () => any(pipe(sgd(M), project(ontoLInfBall(0.75)))),
  "project-simplex": () => any(pipe(sgd(M), project(ontoSimplex())))
}

/** Cases that no combinator here reaches, and why. */
const notOffered: Readonly<Record<string, string>> = {
  "apply-every":
    "optax's apply_every steps the inner optimizer every time and adds up displacements; not in the catalogue"
}

const short = (name: string): string => name.replace(/^combinators\//, "").replace(/\/f(32|64)$/, "")

test("every case of the files has a recipe, or is listed with the reason", () => {
  const names = new Set(cases.map(({ name }) => short(name)))
  expect([...names].sort()).toEqual([...Object.keys(recipes), ...Object.keys(notOffered)].sort())
})

/** The largest difference, relative to the largest finite value that each element had so far; equal infinities agree. */
const worst = (actual: readonly (readonly number[])[], expected: readonly (readonly number[])[]): number => {
  const sizes = (step: number, i: number): readonly number[] =>
    expected.slice(0, step + 1).map(values => Math.abs(values[i] ?? NaN))
  const differences = expected.flatMap((values, step) =>
    values.map((value, i) => {
      const ours = actual[step]?.[i] ?? NaN
      return Object.is(ours, value) || ours === value
        ? 0
        : Math.abs(ours - value) / Math.max(...sizes(step, i).filter(Number.isFinite))
    })
  )
  return Math.max(...differences)
}

const run = (opt: Any, golden: Case, mode: keyof typeof modes) => {
  const read = (weights: Weights): Params => {
    const leaf = (x: Numbers): Tensor => tensor(numeric(x) as number, { dtype: golden.dtype })
    return { kernel: leaf(weights.kernel), bias: leaf(weights.bias), scalar: leaf(weights.scalar) }
  }
  const step = modes[mode](
    (params: Params, state: Tree, grads: Params, loss: Tensor): readonly [Params, Tree, Params] => {
      const [next, after] = opt.step(params, state, grads, { loss })
      return [next, after, opt.evalParams(next, after)]
    }
  )
  let params = read(golden.params0)
  let state: Tree = opt.init(params)
  return golden.grads.map(read).map((grads, i) => {
    const [next, after, deployed] = step(params, state, grads, scalar(golden.extra.losses?.[i] ?? 0, "f64"))
    ;[params, state] = [next, after]
    return { params: numbersOf(next), deployed: numbersOf(deployed), rate: item(opt.rate(after)), state: after }
  })
}

const tolerance = { f64: 1e-12, f32: 1e-5 }
const offered = cases.filter(({ name }) => short(name) in recipes)

describe.each(Object.keys(modes) as (keyof typeof modes)[])("%s", mode => {
  test.each(offered.map(golden => [golden.name, golden] as const))("%s", (name, golden) => {
    const trajectory = run((recipes[short(name)] as () => Any)(), golden, mode)
    const { average, slow, scales, notFinite } = golden.extra
    const within = tolerance[golden.dtype]
    const start = flat(golden.params0)
    const off = (ours: readonly (readonly number[])[], theirs: readonly Weights[]): number =>
      worst([start, ...ours], [start, ...theirs.map(flat)])
    const apart = off(
      trajectory.map(at => at.params),
      golden.params
    )
    if (process.env["SHOW"] !== undefined) console.log(name, mode, apart)
    expect(apart).toBeLessThanOrEqual(within)
    const deployed = average ?? slow
    if (deployed)
      expect(
        off(
          trajectory.map(at => at.deployed),
          deployed
        )
      ).toBeLessThanOrEqual(within)
    scales?.forEach((scale, i) =>
      expect(Math.abs((trajectory[i]?.rate ?? NaN) - 0.1 * scale)).toBeLessThanOrEqual(within)
    )
    notFinite?.forEach((n, i) => expect(item((trajectory[i]?.state as { inRow: Tensor }).inRow)).toBe(n))
  })
})
