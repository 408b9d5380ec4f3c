import fc from "fast-check"
import { cast, pipe, scalar, tensor, toTyped, Tree, type Tensor } from "thalweg"
import { arbOptimizer } from "thalweg/laws"
import * as catalogue from "thalweg/optimizer"
import type { Optimizer } from "thalweg/optimizer"
import type { AtLoss, StateFamily } from "thalweg/transform"
import { describe, expect, test } from "vitest"
import { text } from "../../../src/optimizer/show/text.js"
import { traceStep } from "../../../src/optimizer/show/trace.js"
import { solve } from "./parse.js"

const { adam, equations, sgd } = catalogue

/** What an optimizer that may want the loss says, as one that gets it. */
type Any = Optimizer<StateFamily, readonly [AtLoss]>

const SIZE = 7
const vector = (values: readonly number[]): Tensor => tensor(values, { dtype: "f64" })
const numbers = fc.array(fc.integer({ min: -60, max: 60 }), { minLength: SIZE, maxLength: SIZE })
const arbVector = numbers.map(values => vector(values.map(value => value / 20)))

const close = (a: number, b: number): boolean => Object.is(a, b) || Math.abs(a - b) <= 1e-8 * (1 + Math.abs(b))

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
  const wide = Tree.leaves(state).map(t => (t.dtype === "bool" ? t : cast(t, "f64")))
  const symbols = new Map([["p", p], ["g", g], ["loss", loss], ...shown.map((name, i) => [name, wide[i] ?? p] as const)]) // prettier-ignore
  const solved = solve(equations(optimizer, { shape: [SIZE] }), symbols)
  const expected = [["p", moved] as const, ...Tree.leaves(next).map((t, i) => [shown[i] ?? "", t] as const)]
  for (const [name, t] of expected) {
    const value = solved.get(`${name}'`)
    if (name === "t" && value === undefined) continue
    const [found, wanted] = [toTyped(value ?? scalar(NaN)), toTyped(t)]
    const at = (i: number): number => (found.length === 1 ? found[0] : found[i]) ?? NaN
    wanted.forEach((x, i) => expect(close(at(i), x), `${name}'[${i}]: ${at(i)} for ${x}`).toBe(true))
  }
}

const any = (optimizer: unknown): Any => optimizer as Any
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

describe("equations mean what the step computes", () => {
  const runs = fc.tuple(arbVector, fc.array(arbVector, { minLength: 1, maxLength: 7 }))

  test("of random compositions", () => {
    const check = fc.property(arbOptimizer(), runs, (optimizer, [p, gradients]) => holds(any(optimizer), p, gradients))
    fc.assert(check, { numRuns: 150 })
  })

  test.each(Object.entries(samples))("of %s", (_, optimizer) => {
    fc.assert(
      fc.property(runs, ([p, gradients]) => holds(optimizer, p, gradients)),
      { numRuns: 8 }
    )
  })
})
