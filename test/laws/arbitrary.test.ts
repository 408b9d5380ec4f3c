import fc from "fast-check"
import { evaluate, grad, item, toTyped, Tree } from "thalweg"
import {
  arbOptimizer,
  arbProgram,
  arbRun,
  arbSmoothProgram,
  arbSpec,
  arbTensor,
  arbTransform,
  arbTree,
  check,
  exact,
  law,
  lossOf,
  type Program
} from "thalweg/laws"
import { optimizers } from "thalweg/optimizer"
import { decodeOptimizer } from "thalweg/spec"
import { describe, expect, test } from "vitest"
import { loopCall } from "../../src/dataflow/attributes.js"
import { isLoop, type Vertex } from "../../src/dataflow/primitive.js"

const many = <A>(arbitrary: fc.Arbitrary<A>, numRuns = 2000): readonly A[] => fc.sample(arbitrary, { seed: 1, numRuns })

const programs = many(arbProgram())
const smooth = many(arbSmoothProgram())

/** What primitives stand in the graphs of some programs, loops included. */
const primitives = (list: readonly Program[]): ReadonlySet<string> => {
  const seen = new Set<Vertex>()
  const walk = (t: Vertex): void => {
    if (seen.has(t)) return
    seen.add(t)
    t.args.forEach(walk)
    if (isLoop(t)) t.outputs.forEach(walk)
  }
  list.forEach(({ build, inputs }) => build(inputs).forEach(walk))
  return new Set([...seen].map(t => (isLoop(t) ? loopCall(t)[0] : "fn" in t.op ? t.op.fn : t.op.kind)))
}

const common = ["sum", "prod", "max", "min", "cumSum", "reshape", "transpose", "broadcast", "slice", "pad", "concat"]
const moving = ["flip", "gather", "scatterAdd", "scatterSet", "dot", "conv", "scan", "whileLoop", "cond", "select"]
const matrices = ["cholesky", "triangularSolve", "lu", "qr", "eigh", "svd"]
const wholeNumbers = ["cast", "eq", "lt", "argMax", "argSort", "and", "not", "shiftLeft", "threefry", "stopGradient"]

describe("programs", () => {
  test("use every kind of operation", () => {
    expect([...primitives(programs)]).toEqual(
      expect.arrayContaining([...common, ...moving, ...matrices, ...wholeNumbers])
    )
    expect([...primitives(smooth)]).toEqual(
      expect.arrayContaining([...common, ...moving, ...matrices, "tanh", "pow", "atan2"])
    )
  })

  test("smooth ones have finite values and derivatives", () => {
    const finite = (tree: Tree): boolean => Tree.leaves(evaluate(tree)).every(t => toTyped(t).every(Number.isFinite))
    expect(smooth.every(p => finite([p.build(p.inputs), grad(lossOf(p))(p.inputs)]))).toBe(true)
  })

  test("are functions of any inputs", () => {
    const inputs = many(fc.array(arbTensor(), { minLength: 1, maxLength: 3 }), 200)
    expect(() => inputs.forEach((xs, i) => programs[i]?.build(xs))).not.toThrow()
  })

  test("shrink to the operation that matters, and print as equations", () => {
    const noSine = law("nobody takes a sine", exact, arbProgram(), p => {
      const found = p.build(p.inputs).some(t => t.op.kind === "unary" && t.op.fn === "sin")
      return [found ? [] : p.inputs, p.inputs]
    })
    const verdict = check(noSine, { numRuns: 1000 })
    expect(verdict.holds ? "" : verdict.counterexample).toMatch(
      /^Tensor \w+\[\] \S+\nTensor (f\d\d)\[\] where\n( {2}t0: f32\[\] = cast\(\S+, f32\)\n)? {2}t\d: \1\[\] = sin\(\S+\)$/
    )
  })

  test("become scalar losses", () => {
    expect(smooth.every(p => Number.isFinite(item(lossOf(p)(p.inputs))))).toBe(true)
  })
})

describe("trees and runs", () => {
  test("trees are leaves, records and arrays, deep and empty ones among them", () => {
    const trees = many(arbTree(arbTensor()))
    const paths = trees.flatMap(tree => Tree.paths(tree))
    expect(paths).toEqual(expect.arrayContaining(["", "0", "kernel"]))
    expect(paths.some(path => path.split("/").length > 2)).toBe(true)
    expect(trees.some(tree => Tree.leaves(tree).length === 0)).toBe(true)
  })

  test("gradients are like the parameters, vanish and change sign", () => {
    const runs = many(arbRun({ maxSteps: 3 }))
    expect(runs.every(r => r.gradients.every(grads => Tree.sameStructure(r.params, grads)))).toBe(true)
    const values = runs.flatMap(r => r.gradients.flatMap(grads => Tree.leaves(grads).flatMap(t => [...toTyped(t)])))
    expect(new Set(values.map(Math.sign))).toEqual(new Set([-1, 0, 1]))
    expect(Math.max(...runs.map(r => r.gradients.length))).toBe(3)
  })
})

describe("optimizers and transforms", () => {
  test("print as what makes them", () => {
    const texts = many(arbOptimizer()).map(String)
    for (const name of ["sgd", "adam", "lookahead", "withMomentum", "partition", "masked"])
      expect(texts.some(text => text.includes(`"${name}"`))).toBe(true)
    expect(texts.every(text => decodeOptimizer(JSON.parse(text))._tag === "Right")).toBe(true)
    expect(many(arbTransform()).map(String)).toContain("identity")
  })

  test("are made of the combinators that were asked for", () => {
    const texts = many(arbOptimizer({ optimizers: ["adam"], combinators: ["lookahead"] })).map(String)
    expect(texts.some(text => text.includes('"lookahead"'))).toBe(true)
    expect(texts.every(text => !text.includes("with") && !text.includes("clip"))).toBe(true)
    const alone = many(arbOptimizer({ optimizers: ["adam", "sgd"], combinators: [] })).map(String)
    expect(alone.join()).not.toContain("pipe")
  })

  test("have the traits that were asked for", () => {
    const specs = many(arbSpec({ traits: ["odd"], combinators: [] }))
    expect(new Set(specs.map(({ optimizer }) => optimizer)).size).toBeGreaterThan(20)
    expect(specs.every(({ optimizer }) => "odd" in optimizers[optimizer].traits)).toBe(true)
    expect(specs.filter(({ optimizer }) => optimizer === "adamw").every(({ options }) => options["weightDecay"] === 0))
      .toBe(true) // prettier-ignore
  })
})
