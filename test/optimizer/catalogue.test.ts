import { compile, pipe, scalar, tensor, toTyped, Tree, type Tensor } from "thalweg"
import * as optimizer from "thalweg/optimizer"
import { combinators, optimizers, type AnyOptimizer } from "thalweg/optimizer"
import { describe, expect, test } from "vitest"
import { combinatorNames, leastOptions, optimizerNames } from "../spec/samples.js"
import { bitsOf, gradient, params, walk } from "./samples.js"

/** Options by name, as data. */
type Made<A> = { readonly make: (options: Readonly<Record<string, number>>) => A }

/** A row that is told of a loss with every gradient, whether it asks for one or not. */
const told = (row: AnyOptimizer): AnyOptimizer => ({
  ...row,
  step: (p, state, grads, ...[atLoss = { loss: scalar(0.75) }]) => row.step(p, state, grads, atLoss)
})

/** Every row with as little said as can be, combinators over Adam. */
const rows: readonly (readonly [name: string, optimizer: AnyOptimizer])[] = [
  ...optimizerNames.map(name => {
    const { make } = optimizers[name] as unknown as Made<AnyOptimizer>
    return [name, make(leastOptions(optimizers[name].fields))] as const
  }),
  ...combinatorNames.map(name => {
    const { make } = combinators[name] as unknown as Made<(inner: AnyOptimizer) => AnyOptimizer>
    const inner = optimizers.adam.make({ learningRate: 0.01 })
    return [name, pipe(inner, make(leastOptions(combinators[name].fields)))] as const
  })
]

/** Rows that move without a gradient: they decay or shrink the parameters, or make noise. */
const restless: ReadonlySet<string> = new Set([
  ...["adamw", "adamaxw", "nadamw", "fromage", "noisySgd", "asgd"],
  ...["withWeightDecay", "withL2", "addNoise"]
])

const describeLeaves = (tree: Tree): readonly string[] => {
  const paths = Tree.paths(tree)
  return Tree.leaves(tree).map((t: Tensor, i) => `${paths[i] ?? ""} ${t.dtype} ${t.shape.join("×")}`)
}

const zeros = Tree.zerosLike(params)

const closeTo = (actual: Tree, expected: Tree): void => {
  expect(describeLeaves(actual)).toEqual(describeLeaves(expected))
  const others = Tree.leaves(expected)
  Tree.leaves(actual).forEach((t, i) => {
    const values = Array.from(toTyped(t))
    const wanted = Array.from(toTyped(others[i] ?? t))
    const tolerance = t.dtype === "f32" ? 1e-5 : 1e-12
    values.forEach((v, j) => {
      const w = wanted[j] ?? NaN
      expect(Object.is(v, w) || Math.abs(v - w) <= tolerance * Math.max(1, Math.abs(w))).toBe(true)
    })
  })
}

/** What is exported and no row, since it takes functions, trees or other optimizers. */
const notData: ReadonlySet<string> = new Set([
  ...["optimizer", "onGradient", "onDisplacement"], // take transforms
  ...["masked", "freeze", "partition", "project"], // take masks, labels, projections
  ...["ontoBox", "ontoL1Ball", "ontoL2Ball", "ontoLInfBall", "ontoNonNegative", "ontoSimplex"], // projections
  ...["equations", "dataflow"], // show an optimizer
  ...["optimizers", "combinators"]
])

test("every export has a row, or a reason", () => {
  const names = new Set([...rows.map(([name]) => name), ...notData])
  expect(Object.keys(optimizer).filter(name => !names.has(name))).toEqual([])
})

test("every restless row is a row", () => {
  const names = rows.map(([name]) => name)
  expect([...restless].filter(name => !names.includes(name))).toEqual([])
})

describe.each(rows)("%s", (name, row) => {
  const opt = told(row)
  const start = opt.init(params)

  test("is pure: arguments are as before, and the same comes again", () => {
    const grads = gradient(0)
    const before = bitsOf([params, start, grads])
    const once = opt.step(params, start, grads)
    const twice = opt.step(params, start, grads)
    expect(bitsOf([params, start, grads])).toEqual(before)
    expect(bitsOf([...twice])).toEqual(bitsOf([...once]))
  })

  test("keeps structure, shapes and dtypes of f32 and f64, in states too", () => {
    const [moved, after] = walk(opt, 2)
    expect(describeLeaves(moved)).toEqual(describeLeaves(params))
    expect(describeLeaves(after)).toEqual(describeLeaves(start))
  })

  test("compiled, it steps as it does evaluated", () => {
    const step = compile((p: typeof params, s: Tree, g: typeof params) => opt.step(p, s, g))
    const first = opt.step(params, start, gradient(0))
    closeTo([...step(params, start, gradient(0))], [...first])
    closeTo([...step(first[0], first[1], gradient(1))], [...opt.step(first[0], first[1], gradient(1))])
  })

  test("goes on from where it was: 5 = 2 + 3", () => {
    expect(bitsOf([...walk(opt, 3, walk(opt, 2), 2)])).toEqual(bitsOf([...walk(opt, 5)]))
  })

  test("goes on from a saved state", () => {
    const [moved, state] = walk(opt, 2)
    const reload = Tree.map((t: Tensor) => tensor(toTyped(t).slice(), { dtype: t.dtype, shape: t.shape }))
    const saved = [reload(moved), reload(state)] as const
    expect(bitsOf([...walk(opt, 1, saved, 2)])).toEqual(bitsOf([...walk(opt, 1, [moved, state], 2)]))
  })

  test(restless.has(name) ? "moves without a gradient, as it should" : "stays where it is without a gradient", () => {
    const [moved] = opt.step(params, start, zeros)
    const same = JSON.stringify(bitsOf(moved)) === JSON.stringify(bitsOf(params))
    expect(same).toBe(!restless.has(name))
    expect(Tree.leaves(moved).every(t => Array.from(toTyped(t)).every(Number.isFinite))).toBe(true)
  })

  test("takes an empty tree", () => {
    const [moved, after] = opt.step({}, opt.init({}), {})
    expect(moved).toEqual({})
    expect(describeLeaves(after)).toEqual(describeLeaves(opt.init({})))
  })
})
