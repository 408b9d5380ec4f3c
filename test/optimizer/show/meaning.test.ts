import fc from "fast-check"
import * as t from "thalweg"
import { cast, pipe, scalar, tensor, toTyped, Tree, type Tensor } from "thalweg"
import { arbOptimizer, type SpecChoice } from "thalweg/laws"
import * as catalogue from "thalweg/optimizer"
import type { StatelessF } from "thalweg/transform"
import { describe, expect, test } from "vitest"
import { text } from "../../../src/optimizer/show/text.js"
import { traceStep } from "../../../src/optimizer/show/trace.js"
import { all, type Any } from "./all.js"
import { solve } from "./parse.js"

const { adam, equations, sgd } = catalogue

const SIZE = 7
const vector = (values: readonly number[]): Tensor => tensor(values, { dtype: "f64" })
const numbers = fc.array(fc.integer({ min: -60, max: 60 }), { minLength: SIZE, maxLength: SIZE })
const arbVector = numbers.map(values => vector(values.map(value => value / 16)))

const close = (a: number, b: number, scale = 1): boolean =>
  Object.is(a, b) || Math.abs(a - b) <= 1e-8 * (scale + Math.abs(b))

/** Takes steps with all gradients but the last; then compares the last step with what the equations say of it. */
const holds = (optimizer: Any, p0: Tensor, gradients: readonly Tensor[]): void => {
  const loss = scalar(1.5, "f64")
  const [g = p0, ...before] = [...gradients].reverse()
  const [p, state] = before.reduceRight<readonly [Tensor, Tree]>(
    ([p, state], g) => optimizer.step(p, state, g, { loss }),
    [p0, optimizer.init(p0)]
  )
  const [moved, next] = optimizer.step(p, state, g, { loss })
  const names = [...traceStep(optimizer, { shape: [SIZE] }).symbols.values()].slice(3)
  const shown = names.map(name => text.show(text.symbol(name)))
  const wide = Tree.leaves(state).map(leaf => (leaf.dtype === "bool" ? leaf : cast(leaf, "f64")))
  const symbols = new Map([["p", p], ["g", g], ["loss", loss], ...shown.map((name, i) => [name, wide[i] ?? p] as const)]) // prettier-ignore
  const lines = equations(optimizer, { shape: [SIZE] })
  const solved = solve(lines, symbols)
  const expected = [["p", moved] as const, ...Tree.leaves(next).map((leaf, i) => [shown[i] ?? "", leaf] as const)]
  for (const [name, leaf] of expected) {
    const value = solved.get(`${name}'`)
    if (name === "t" && value === undefined) continue
    const [found, wanted] = [toTyped(value ?? scalar(NaN)), toTyped(leaf)]
    const at = (i: number): number => (found.length === 1 ? found[0] : found[i]) ?? NaN
    wanted.forEach((x, i) => expect(close(at(i), x), `${name}'[${i}]: ${at(i)} for ${x} by ${lines}`).toBe(true))
  }
}

const any = (optimizer: unknown): Any => optimizer as Any

/** Random bits, and what sorts, are not written as formulas. */
const unwritten: ReadonlySet<string> = new Set(["noisySgd", "addNoise", "ontoL1Ball", "ontoSimplex"])
const written = <N extends string>(rows: Readonly<Record<N, object>>): readonly N[] =>
  (Object.keys(rows) as N[]).filter(name => !unwritten.has(name))
const formulas: SpecChoice = { optimizers: written(catalogue.optimizers), combinators: written(catalogue.combinators) }

const s = sgd({ learningRate: 0.1 })

const samples: Readonly<Record<string, Any>> = {
  nesterov: any(sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, dampening: 0.5, dampenFirst: false })),
  "adam, no eps": any(adam({ eps: 0 })),
  radam: any(catalogue.radam({ b2: 0.9 })),
  rprop: any(catalogue.rprop()),
  adabound: any(catalogue.adabound()),
  amsgrad: any(catalogue.amsgrad()),
  nadam: any(catalogue.nadam({ momentumDecay: 0.5 })),
  adadelta: any(catalogue.adadelta()),
  adamax: any(catalogue.adamax()),
  adagrad: any(catalogue.adagrad({ learningRate: 0.1 })),
  rmsprop: any(catalogue.rmsprop({ learningRate: 0.1 })),
  "clip by leaf": any(pipe(s, catalogue.clipByLeafNorm(1, { measure: "rms" }))),
  "clip adaptively": any(pipe(s, catalogue.clipAdaptive(0.1))),
  "clip by value": any(pipe(s, catalogue.clipByValue(0.5))),
  normalize: any(pipe(s, catalogue.normalizeGradients())),
  "two momenta": any(pipe(s, catalogue.withMomentum(0.9), catalogue.withMomentum(0.5)))
}

type Step = (a: Tensor, b: Tensor) => Tensor

/** What a node of a random expression is, of two nodes before it. */
const steps: Readonly<Record<string, Step>> = {
  add: t.add,
  sub: t.sub,
  mul: t.mul,
  div: t.div,
  max: t.maximum,
  neg: t.neg,
  abs: t.abs,
  square: t.square,
  fourth: a => t.pow(a, 4),
  root: a => t.sqrt(t.abs(a)),
  rootOfSquare: a => t.square(t.sqrt(a)),
  sum: a => t.sum(t.broadcastTo(a, [SIZE])),
  mean: a => t.mean(t.broadcastTo(a, [SIZE])),
  half: a => t.mul(a, 0.5),
  minus: a => t.mul(-1, a),
  double: a => t.mul(2, a),
  inverse: a => t.div(-2, a),
  plusNothing: a => t.add(0, a),
  nothing: a => t.mul(a, 0),
  power: a => t.pow(1.5, a),
  yes: (a, b) => t.where(scalar(true), a, b),
  guarded: (a, b) => t.div(a, t.where(t.eq(b, 0), 1, b)),
  signed: (a, b) => t.where(t.gt(a, 0.01), a, b),
  both: (a, b) => t.where(t.and(t.lt(a, 3.001), t.not(t.ge(b, -1.001))), b, a),
  either: (a, b) => t.where(t.or(t.lt(a, -3.001), t.not(t.not(t.ge(b, 1.001)))), b, a),
  counted: a => t.add(a, t.cast(t.gt(a, 0.501), "f64"))
}

type Node = readonly [step: string, i: number, j: number]

/** A random expression of the parameter and the gradient, in which what came late is used more. */
const arbExpression: fc.Arbitrary<readonly Node[]> = fc.array(
  fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.nat(3), fc.nat(3)),
  { minLength: 1, maxLength: 12 }
)

/** All nodes of an expression, the last of which is its value. */
const built = (nodes: readonly Node[], p: Tensor, g: Tensor): readonly Tensor[] =>
  nodes.reduce<readonly Tensor[]>(
    (before, [name, i, j]) => {
      const [a, b] = [i, j].map(back => before.at(-1 - back) ?? p)
      return [...before, steps[name]?.(a ?? p, b ?? p) ?? p]
    },
    [scalar(-2, "f64"), p, g]
  )

/** An optimizer whose displacement is an expression. */
const displacing = (nodes: readonly Node[]): Any =>
  any(
    catalogue.optimizer<StatelessF>({
      init: () => [],
      update: (g, state, p) => {
        const value = built(nodes, p as unknown as Tensor, g as unknown as Tensor).at(-1) ?? scalar(0, "f64")
        return [t.broadcastTo(value, [SIZE]) as typeof g & Tensor, state]
      }
    })
  )

describe("equations mean what the step computes", () => {
  const runs = fc.tuple(arbVector, fc.array(arbVector, { minLength: 1, maxLength: 7 }))

  test("of random compositions", () => {
    const check = fc.property(arbOptimizer(formulas), runs, (optimizer, [p, gradients]) =>
      holds(any(optimizer), p, gradients)
    )
    fc.assert(check, { numRuns: 150, seed: 1 })
  })

  test("of random expressions", () => {
    const check = fc.property(arbExpression, arbVector, arbVector, (nodes, p, g) => {
      fc.pre(built(nodes, p, g).every(node => toTyped(node).every(x => Math.abs(x) < 1e4))) // 0·∞ is shown as 0
      holds(displacing(nodes), p, [g])
    })
    fc.assert(check, { numRuns: 1000, seed: 1 })
  })

  const named = all.flatMap(([name, optimizer]) => (optimizer === undefined ? [] : [[name, optimizer] as const]))
  const readable = named.filter(([, optimizer]) => !/threefry|cumSum/.test(equations(optimizer)))

  test("of nearly all that is exported", () => {
    const names = readable.map(([name]) => name)
    expect(named.map(([name]) => name).filter(name => !names.includes(name)).sort()).toStrictEqual(["addNoise", "noisySgd", "project"]) // prettier-ignore
  })

  test.each([...Object.entries(samples), ...readable])("of %s", (_, optimizer) => {
    fc.assert(
      fc.property(runs, ([p, gradients]) => holds(optimizer, p, gradients)),
      { numRuns: 8, seed: 1 }
    )
  })
})
