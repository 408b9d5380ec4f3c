import fc from "fast-check"
import * as t from "thalweg"
import { broadcastTo, cast, pipe, scalar, tensor, toTyped, Tree, type Tensor } from "thalweg"
import { arbOptimizer, type SpecChoice } from "thalweg/laws"
import * as catalogue from "thalweg/optimizer"
import type { AnyOptimizer } from "thalweg/optimizer"
import { equations } from "thalweg/show"
import type { Needs, StatelessF, StateFamily } from "thalweg/transform"
import { describe, expect, test } from "vitest"
import { symbolicStep } from "../../src/show/step.js"
import { text } from "../../src/show/text.js"
import { examplesOf } from "../support.js"
import { all } from "./all.js"
import { solve } from "./parse.js"

const { adam, sgd } = catalogue

const SIZE = 7
const vector = (values: readonly number[]): Tensor => tensor(values, { dtype: "f64" })
const numbers = fc.array(fc.integer({ min: -60, max: 60 }), { minLength: SIZE, maxLength: SIZE })
const arbVector = numbers.map(values => vector(values.map(value => value / 16)))

const close = (a: number, b: number, scale = 1): boolean =>
  Object.is(a, b) || Math.abs(a - b) <= 1e-8 * (scale + Math.abs(b))

const shownAs = (name: string): string => text.show(text.symbol(name))

/** Whether a value of the equations is that of a leaf, perhaps after it is broadcast. */
const agree = (what: string, value: Tensor | undefined, leaf: Tensor): void => {
  const [found, wanted] = [toTyped(broadcastTo(value ?? scalar(NaN), leaf.shape)), toTyped(leaf)]
  wanted.forEach((x, i) => {
    const got = found[i] ?? NaN
    expect(close(got, x), `[${i}]: ${got} for ${x} of ${what}`).toBe(true)
  })
}

type State = ReturnType<AnyOptimizer["init"]>

/** What the formulas take for the objective. */
const halfSquares = (tree: Tree): Tensor =>
  t.mul(Tree.reduce(scalar(0, "f64"), (total: Tensor, leaf) => t.add(total, t.sum(t.square(leaf))))(tree), 0.5)

/**
 * Takes steps with all gradients but the last; then compares the last step, where its gradient is to be taken and what is
 * deployed after it with what the equations say, of the optimizer itself or of another one.
 */
const holds = (optimizer: AnyOptimizer, p0: Tree, gradients: readonly Tree[], said: AnyOptimizer = optimizer): void => {
  const options = Tree.paths(p0)[0] === "" ? { shape: Tree.leaves(p0)[0]?.shape ?? [] } : { params: p0 }
  const lines = equations(said, options)
  const loss = scalar(1.5, "f64")
  const neededAt = (grads: Tree) =>
    catalogue.given(optimizer, { loss, objective: halfSquares, exampleGradients: examplesOf(grads) })
  const [g = p0, ...before] = [...gradients].reverse()
  const [p, state] = before.reduceRight<readonly [Tree, State]>(
    ([p, state], g) => optimizer.step(p, state, g, ...neededAt(g)),
    [p0, optimizer.init(p0)]
  )
  const [moved, next] = optimizer.step(p, state, g, ...neededAt(g))
  const [params, grads, starts] = [Tree.leaves(p), Tree.leaves(g), Tree.leaves(optimizer.init(p0))]
  const wide = Tree.leaves(state).map(leaf => (leaf.dtype === "bool" ? leaf : cast(leaf, "f64")))

  const names = [...symbolicStep("test", said, options).symbols.values()].map(shownAs)
  const values = [...params, ...grads, loss, ...Tree.leaves(examplesOf(g)), ...wide]
  const solved = solve(lines, new Map(names.map((name, i) => [name, values[i] ?? loss])))
  const [points, deployed, movedTo] = [optimizer.gradientPoint(p, state), optimizer.evalParams(moved, next), moved].map(tree => Tree.leaves(tree)) as [Tensor[], Tensor[], Tensor[]] // prettier-ignore
  params.forEach((param, i) => {
    const [name = "", gradient = ""] = [names[i], names[params.length + i]]
    const after = movedTo[i] ?? param
    const place = name === "p" ? "deployed'" : `deployed_${name}'`
    agree(`${name}' by ${lines}`, solved.get(`${name}'`), after)
    agree(`the point of ${gradient} by ${lines}`, solved.get(`at ${gradient}`) ?? param, points[i] ?? param)
    agree(`${place} by ${lines}`, solved.get(place) ?? after, deployed[i] ?? after)
  })
  Tree.leaves(next).forEach((leaf, i) => {
    const name = names[3 * params.length + 1 + i] ?? ""
    const value = solved.get(`${name}'`)
    if (name === "t" && value === undefined) return
    agree(`${name}' by ${lines}`, value ?? starts[i], leaf) // what is not mentioned stays what it is at first
  })
}

/** Random bits, loops, and what sorts are not written as formulas. */
const unwritten: ReadonlySet<string> = new Set([
  "noisySgd",
  "dpSgd",
  "addNoise",
  "withDifferentialPrivacy",
  "ontoL1Ball",
  "ontoSimplex",
  "lbfgs",
  "adahessian",
  "sophia",
  "shampoo",
  "soap",
  "psgdKron"
])
const written = <N extends string>(rows: Readonly<Record<N, object>>): readonly N[] =>
  (Object.keys(rows) as N[]).filter(name => !unwritten.has(name))
const formulas: SpecChoice = { optimizers: written(catalogue.optimizers), combinators: written(catalogue.combinators) }

const s = sgd({ learningRate: 0.1 })

interface CurvedF extends StatelessF {
  readonly needs: Pick<Needs<this["params"]>, "objective">
}

/** By what an optimizer may ask of the objective: its value, its gradient and a product of its Hessian. */
const curved = catalogue.optimizer<CurvedF>({
  init: () => [],
  update: (g, state, p, { objective }) => {
    const [slope, product] = t.jvp(t.grad(objective))(p, g)
    const of = Tree.zipWith((a: Tensor, b: Tensor) => t.add(t.mul(a, 3), t.mul(b, objective(p))))
    return [of(slope, product), state]
  },
  needs: ["objective"]
})

const samples: Readonly<Record<string, AnyOptimizer>> = {
  nesterov: sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, dampening: 0.5, dampenFirst: false }),
  "adam, no eps": adam({ eps: 0 }),
  radam: catalogue.radam({ b2: 0.9 }),
  rprop: catalogue.rprop(),
  adabound: catalogue.adabound(),
  amsgrad: catalogue.amsgrad(),
  nadam: catalogue.scheduledNadam({ momentumDecay: 0.5 }),
  adadelta: catalogue.adadelta(),
  adamax: catalogue.adamax(),
  adagrad: catalogue.adagrad({ learningRate: 0.1 }),
  rmsprop: catalogue.rmsprop({ learningRate: 0.1 }),
  "clip by leaf": pipe(s, catalogue.clipByLeafNorm(1, { measure: "rms" })),
  "clip adaptively": pipe(s, catalogue.clipAdaptive(0.1)),
  "clip by value": pipe(s, catalogue.clipByValue(0.5)),
  normalize: pipe(s, catalogue.normalizeGradients()),
  "nag within lookahead": pipe(catalogue.nag({ learningRate: 0.1, momentum: 0.9 }), catalogue.lookahead({ every: 2 })),
  "average of Polyak's steps, collected": pipe(catalogue.polyakSgd(), catalogue.accumulate(2), catalogue.withEma(0.5)),
  "the objective's derivatives": curved,
  "the worst point ahead of a velocity": pipe(
    catalogue.nag({ learningRate: 0.1, momentum: 0.9 }),
    catalogue.asam({ rho: 0.5 }),
    catalogue.sam({ rho: 2 })
  ),
  "two momenta": pipe(s, catalogue.withMomentum(0.9), catalogue.withMomentum(0.5))
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
const displacing = (nodes: readonly Node[]): AnyOptimizer =>
  catalogue.optimizer<StatelessF>({
    init: () => [],
    update: (g, state, p) => {
      const value = built(nodes, p as unknown as Tensor, g as unknown as Tensor).at(-1) ?? scalar(0, "f64")
      return [t.broadcastTo(value, [SIZE]) as typeof g & Tensor, state]
    }
  })

/** Optimizers made such that parameters by some paths are treated alike, others not. */
const somewhere: Readonly<Record<string, (inner: AnyOptimizer) => AnyOptimizer>> = {
  everywhere: inner => inner,
  frozen: inner => pipe(inner, catalogue.freeze("enc/**")),
  masked: inner => pipe(inner, catalogue.masked("**/b")),
  decayed: inner => pipe(inner, catalogue.withWeightDecay(0.1, { mask: "**/w" })),
  parted: inner =>
    catalogue.partition({ inner, nag }, new Map<string, "inner" | "nag">([["*/w", "nag"], ["**", "inner"]])) // prettier-ignore
}

const nag = catalogue.nag({ learningRate: 0.1, momentum: 0.5 })
const free = catalogue.scheduleFreeSgd({ learningRate: 0.1 })
const slow = pipe(s, catalogue.lookahead({ every: 5 }))
const here: AnyOptimizer["gradientPoint"] = params => params

/** What would be shown if something were not traced. */
const overlooked: Readonly<Record<string, readonly [AnyOptimizer, AnyOptimizer]>> = {
  "the point of nag": [nag, { ...nag, gradientPoint: here }],
  "the point of schedule-free descent": [free, { ...free, gradientPoint: here }],
  "the average of schedule-free descent": [free, { ...free, evalParams: here }],
  "the slow weights of lookahead": [slow, { ...slow, evalParams: here }]
}

type LastState<P extends Tree> = { readonly old: P; readonly slope: P }

interface LastF extends StateFamily {
  readonly type: LastState<this["params"]>
}

/** An optimizer that deploys what it adds to the parameters, so that one term is both. */
const deploying = (by: (g: Tensor, p: Tensor) => Tensor): AnyOptimizer => {
  const moving = catalogue.optimizer<LastF>({
    init: params => ({ old: params, slope: params }),
    update: (g, _, p) => [Tree.zipWith(by)(g, p), { old: p, slope: g }]
  })
  return {
    ...moving,
    evalParams: (params, { inner }) => {
      const { old, slope } = inner as LastState<typeof params>
      return Tree.zipWith(by)(slope, old)
    }
  }
}

const onMatrices: Readonly<Record<string, AnyOptimizer>> = {
  muon: catalogue.muon({ nsSteps: 2 }),
  "adaptive muon": catalogue.muon({ adaptive: true, nsSteps: 1, weightDecay: 0.5 }),
  "products of elements": catalogue.optimizer<StatelessF>({
    init: () => [],
    update: (g, state, p) => [Tree.zipWith((u: Tensor, x: Tensor) => t.neg(t.mul(t.add(u, 1), x)))(g, p), state]
  }),
  "products over any axes": catalogue.optimizer<StatelessF>({
    init: () => [],
    update: (g, state, p) => [
      Tree.zipWith((u: Tensor, x: Tensor) => {
        const [left, right] = [t.einsum("ki,kj->ij", u, x), t.einsum("ik,jk->ij", u, x)]
        return t.add(t.matmul(x, left), t.transpose(t.einsum("ki,jk->ij", u, right)))
      })(g, p),
      state
    ]
  }),
  "products of all kinds": catalogue.optimizer<StatelessF>({
    init: () => [],
    update: (g, state, p) => [
      Tree.zipWith((u: Tensor, x: Tensor) => {
        const gram = t.matmul(t.transpose(u), x)
        return t.mul(t.matmul(x, t.neg(t.mul(gram, t.transpose(gram)))), t.div(u, 3))
      })(g, p),
      state
    ]
  })
}

const treeOf = (values: readonly number[]): Tree => ({
  enc: { b: vector(values.slice(0, 2)), w: vector(values.slice(2, 5)) },
  head: [vector(values.slice(5))]
})
const arbTree = numbers.map(values => treeOf(values.map(value => value / 16)))
const treeRuns = fc.tuple(arbTree, fc.array(arbTree, { minLength: 1, maxLength: 5 }))

describe("equations mean what the step computes", () => {
  const runs = fc.tuple(arbVector, fc.array(arbVector, { minLength: 1, maxLength: 7 }))

  test("of random compositions", () => {
    const check = fc.property(arbOptimizer(formulas), runs, (optimizer, [p, gradients]) =>
      holds(optimizer, p, gradients)
    )
    fc.assert(check, { numRuns: 150, seed: 1 })
  })

  test("of random compositions, of which many take gradients elsewhere, or deploy something else", () => {
    const texts = fc.sample(arbOptimizer(formulas), { numRuns: 150, seed: 1 }).map(optimizer => equations(optimizer))
    expect(texts.filter(lines => lines.includes("∇f")).length).toBeGreaterThan(10)
    expect(texts.filter(lines => lines.includes("deployed' = ")).length).toBeGreaterThan(10)
  })

  test("of random compositions on several parameters, some of them for some only", () => {
    const check = fc.property(arbOptimizer(formulas), fc.constantFrom(...Object.values(somewhere)), treeRuns, (optimizer, on, [p, gradients]) =>
      holds(on(optimizer), p, gradients)
    ) // prettier-ignore
    fc.assert(check, { numRuns: 150, seed: 1 })
  })

  test.each([
    ["little", deploying((g, p) => t.sub(p, t.mul(g, 0.1))), "p - 0.1·g"],
    ["much", deploying((g, p) => t.exp(t.div(t.sub(t.mul(p, g), t.mul(g, 0.1)), 99))), "x₁"]
  ])("of what is deployed and a part of the step: %s", (_, optimizer, said) => {
    const p = vector([1, 2, 3, 4, 5, 6, 7])
    holds(optimizer, p, [p, p])
    expect(equations(optimizer).split("\n").at(-1)).toBe(`deployed' = ${said}`)
  })

  test.each(Object.entries(onMatrices))("of %s on matrices", (_, optimizer) => {
    const [p, ...gradients] = [3, 1, 4].map(k => tensor([[k, 1, -1], [0.5, -k, 2]], { dtype: "f64" })) // prettier-ignore
    for (const turned of [false, true]) {
      const [from = scalar(0), ...others] = [p ?? scalar(0), ...gradients].map(t0 => (turned ? t.transpose(t0) : t0))
      holds(optimizer, from, others)
    }
  })

  test.each(Object.entries(overlooked))("or it is found out: %s", (_, [optimizer, mistaken]) => {
    const p = vector([1, 2, 3, 4, 5, 6, 7])
    const gradients = [p, p, p]
    holds(optimizer, p, gradients)
    expect(() => holds(optimizer, p, gradients, mistaken)).toThrow(/the point of g|deployed'/)
  })

  test("of random expressions", () => {
    const check = fc.property(arbExpression, arbVector, arbVector, (nodes, p, g) => {
      fc.pre(built(nodes, p, g).every(node => toTyped(node).every(x => Math.abs(x) < 1e4))) // 0·∞ is shown as 0
      holds(displacing(nodes), p, [g])
    })
    fc.assert(check, { numRuns: 1000, seed: 1 })
  })

  const readable = all.filter(([, optimizer]) => !/threefry|cumSum|while|cond/.test(equations(optimizer)))

  test("of nearly all that is exported", () => {
    const names = readable.map(([name]) => name)
    expect(all.map(([name]) => name).filter(name => !names.includes(name)).sort()).toStrictEqual(["adahessian", "addNoise", "dpSgd", "lbfgs", "noisySgd", "ontoL1Ball", "ontoSimplex", "psgdKron", "shampoo", "soap", "sophia", "withDifferentialPrivacy"]) // prettier-ignore
  })

  test.each([...Object.entries(samples), ...readable])("of %s", (_, optimizer) => {
    fc.assert(
      fc.property(runs, ([p, gradients]) => holds(optimizer, p, gradients)),
      { numRuns: 8, seed: 1 }
    )
  })
})
