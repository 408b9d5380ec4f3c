import { scalar, type Tree } from "thalweg"
import {
  type AnyOptimizer,
  accumulate,
  adam,
  centralizeGradients,
  clipAdaptive,
  clipByLeafNorm,
  clipByNorm,
  clipByValue,
  freeze,
  ifFinite,
  lookahead,
  maximize,
  normalizeGradients,
  ontoSimplex,
  partition,
  project,
  sgd,
  withEma,
  withL2,
  withMomentum,
  withNesterov,
  withSchedule,
  withWeightDecay
} from "thalweg/optimizer"
import { linear } from "thalweg/schedule"
import { range } from "../arbitrary/numbers.js"
import { arbRun, type Run } from "../arbitrary/run.js"
import type { Wrap } from "../callable.js"
import { roughly } from "../equality.js"
import { law, type Law } from "../law.js"
import { pathOf, stepsOf, times, stepOf, type Step } from "../sides.js"
import { stepsAt } from "./probe.js"

const run = arbRun({ dtypes: ["f64"] })

const descent = sgd({ learningRate: 0.5 })
const heavy = sgd({ learningRate: 0.5, momentum: 0.9 })
const adaptive = adam({ learningRate: 0.5 })

const clips: readonly (readonly [name: string, clip: Wrap])[] = [
  ["clipByNorm", optimizer => clipByNorm(1)(optimizer)],
  ["clipByLeafNorm", optimizer => clipByLeafNorm(0.8)(optimizer)],
  ["clipByValue", optimizer => clipByValue(0.5)(optimizer)],
  ["clipAdaptive", optimizer => clipAdaptive(0.5)(optimizer)]
]

/** Every two kinds of clips. */
const kinds: readonly Law[] = clips.flatMap(([name, a], i) =>
  clips
    .slice(i + 1)
    .map(([other, b]) =>
      law(`${name} and ${other} commute`, roughly, run, r => [pathOf(b(a(descent)), r), pathOf(a(b(descent)), r)])
    )
)

const commute = (name: string, a: Wrap, b: Wrap, optimizer = descent): Law =>
  law(`${name} commute`, roughly, run, r => [pathOf(b(a(optimizer)), r), pathOf(a(b(optimizer)), r)])

const ahead: Wrap = optimizer => lookahead({ every: 2, mix: 0.5 })(optimizer)
const decayed: Wrap = optimizer => withWeightDecay(0.5)(optimizer)
const regularized: Wrap = optimizer => withL2(0.5)(optimizer)
const clipped: Wrap = optimizer => clipByNorm(1)(optimizer)
const accelerated: Wrap = optimizer => withMomentum(0.9)(optimizer)
const collected: Wrap = optimizer => accumulate(2)(optimizer)
const warmed: Wrap = optimizer => withSchedule(linear({ start: 0, end: 1, steps: 3 }))(optimizer)

const orders: readonly Law[] = [
  commute("lookahead and weight decay", ahead, decayed),
  commute("clipping and L2 regularization", clipped, regularized),
  commute("maximize and L2 regularization", o => maximize(o), regularized),
  commute("momentum and a schedule", accelerated, warmed),
  commute("accumulation and clipping", collected, clipped),
  commute("normalizing and centralizing", o => normalizeGradients()(o), o => centralizeGradients()(o)), // prettier-ignore
  commute("projection and momentum", o => project(ontoSimplex())(o), accelerated)
]

/** Two alike in one tree, with a path each. */
const twins = run.map(({ params, gradients }): Run => ({
  params: { a: params, b: params },
  gradients: gradients.map((grads, i) => ({ a: grads, b: gradients[i + 1] ?? grads }))
}))

const isA = (path: string): boolean => path.startsWith("a")

const across: readonly Law[] = [
  law("to clip a partition is to clip its optimizers", roughly, twins, r => {
    const label = (path: string): "a" | "b" => (isA(path) ? "a" : "b")
    const [a, b] = [descent, heavy]
    return [
      pathOf(clipped(partition({ a, b }, label)), r),
      pathOf(partition({ a: clipped(a), b: clipped(b) }, label), r)
    ]
  }),
  law("two alike that look across leaves are one", roughly, twins, r => {
    const label = (path: string): "a" | "b" => (isA(path) ? "a" : "b")
    const alike = clipped(descent)
    return [pathOf(partition({ a: alike, b: alike }, label), r), pathOf(alike, r)]
  }),
  law("what is frozen counts in a norm", roughly, twins, r => [
    pathOf(freeze(isA)(clipped(descent)), r),
    pathOf(clipped(freeze(isA)(descent)), r)
  ]),
  law("leaves can be projected on a simplex together or apart", roughly, twins, r => [
    pathOf(project(ontoSimplex())(descent), r),
    pathOf(project(ontoSimplex(), { over: "leaf" })(descent), r)
  ])
]

const collecting: readonly Law[] = [
  law("accumulation is a step on the sum of gradients", roughly, run, ({ params, gradients: [grads = params] }) => [
    pathOf(collected(descent), { params, gradients: [grads, grads] }).slice(1),
    pathOf(descent, { params, gradients: [times(2)(grads)] })
  ]),
  law("accumulation is a small step for each gradient, with momentum", roughly, run, r => {
    const twice = { ...r, gradients: r.gradients.flatMap(grads => [grads, grads]) }
    return [
      pathOf(collected(heavy), twice).filter((_, i) => i % 2 === 1),
      pathOf(sgd({ learningRate: 0.25, momentum: 0.9 }), twice).filter((_, i) => i % 2 === 1)
    ]
  }),
  law("accumulation is a small step for each gradient, with adam", roughly, run, r => [
    pathOf(collected(adaptive), r).slice(1, 2),
    pathOf(adam({ learningRate: 0.25 }), r).slice(1, 2)
  ]),
  law("lookahead scales displacements by the mix, whatever the period", roughly, run, r => [
    stepsOf(ahead(descent), r).map(([params]) => params),
    pathOf(sgd({ learningRate: 0.25 }), r)
  ])
]

/** The path down `½‖p‖²`, whose gradient is taken where the optimizer asks for it. */
const downhill = (optimizer: AnyOptimizer, params: Tree, steps: number): readonly Tree[] =>
  range(steps)
    .reduce<readonly Step[]>(made => {
      const [p, state] = made.at(-1) ?? [params, optimizer.init(params)]
      return [...made, stepOf(optimizer)(p, state, optimizer.gradientPoint(p, state))]
    }, [])
    .map(([p]) => p)

const looking: readonly Law[] = [
  law("it does not matter where gradients are taken", roughly, run, ({ params }) => [
    downhill(withNesterov(0.9)(descent), params, 4),
    downhill(withMomentum(0.9)(descent), params, 4)
  ]),
  law("the average of a run is its end", roughly, run, r => {
    const averaged: AnyOptimizer = withEma(0.9)(descent)
    return [stepsOf(averaged, r).map(([params, state]) => averaged.evalParams(params, state)), pathOf(averaged, r)]
  }),
  law("clipping values and skipping what is not finite commute", roughly, run, ({ params }) => {
    const infinite = { params: [params, scalar(0)], gradients: [[params, scalar(Infinity)]] }
    const cut: Wrap = optimizer => clipByValue(1)(optimizer)
    const guarded: Wrap = optimizer => ifFinite()(optimizer)
    const paths = [cut(guarded(descent)), guarded(cut(descent))].map(optimizer =>
      stepsAt(optimizer, infinite, [1]).map(([moved]) => moved)
    )
    return [paths[0] ?? [], paths[1] ?? []]
  })
]

/** Where the laws of combinators stop: for each of these `check` finds a counterexample. */
export const combinatorCounterLaws: readonly Law[] = [...kinds, ...orders, ...across, ...collecting, ...looking]
