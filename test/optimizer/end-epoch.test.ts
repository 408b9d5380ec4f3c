import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { compile, item, pipe, scalar, tensor, toArray, Tree } from "thalweg"
import { arbRun, arbSpec } from "thalweg/laws"
import { adam, byDepth, combinators, partition, reduceOnPlateau, sgd, type AnyOptimizer } from "thalweg/optimizer"
import { fromSpec, type CombinatorSpec } from "thalweg/spec"
import { bitsOf } from "../support.js"
import { params, thrown, walk } from "./samples.js"

const options = { per: "epoch", factor: 0.5, patience: 1 } as const
const watching = pipe(sgd({ learningRate: 1 }), reduceOnPlateau(options))

/** By what each of the plateaus in a state multiplies, after two epochs that come to the same. */
const scales = (optimizer: AnyOptimizer, state: Parameters<AnyOptimizer["endEpoch"]>[0]): readonly number[] => {
  const after = [3, 3].reduce((before, loss) => optimizer.endEpoch(before, scalar(loss)), state)
  const leaves = Tree.leaves(after)
  return Tree.paths(after).flatMap((path, i) =>
    path.endsWith("plateau/scale") ? [item(leaves[i] ?? scalar(NaN))] : []
  )
}

describe("what looks at epochs is told what they come to", () => {
  test.each(Object.keys(combinators))("within %s", name => {
    const around = arbSpec({
      optimizers: ["sgd"],
      combinators: [name as keyof typeof combinators],
      minCombinators: 1,
      maxCombinators: 1
    })
    fc.assert(
      fc.property(around, arbRun(), ({ optimizer, options: own, pipe: outer }, r) => {
        const plateau = { combinator: "reduceOnPlateau", options } as CombinatorSpec
        const whole = fromSpec({ optimizer, options: own, pipe: [plateau, ...outer] })
        const found = scales(whole, whole.init(r.params))
        expect(found.filter(scale => scale === 0.5).length).toBeGreaterThan(0)
      }),
      { numRuns: 5 }
    )
  })

  test("in each part of a partition, and depth by depth", () => {
    const parted = partition({ one: watching, two: watching, none: sgd({ learningRate: 1 }) }, path => (path === "dense/w" ? "one" : path === "dense/b" ? "none" : "two")) // prettier-ignore
    expect(scales(parted, parted.init(params))).toEqual([0.5, 0.5])
    const deep = { each: { bias: tensor([[5], [5], [5]]) } }
    const by = byDepth(partition({ one: watching, two: watching }, path => (path === "each/0/bias" ? "one" : "two")))
    expect(scales(by, by.init(deep))).toEqual([0.5, 0.5])
  })

  test("also two of them, one around the other", () => {
    const twice = pipe(watching, reduceOnPlateau(options))
    expect(scales(twice, twice.init(params))).toEqual([0.5, 0.5])
    const mixed = pipe(watching, reduceOnPlateau({ factor: 0.5, patience: 1 }))
    expect(scales(mixed, mixed.init(params)).toSorted()).toEqual([0.5, 1])
  })
})

test("what looks at steps alone is as it was at the end of an epoch", () => {
  const [, state] = walk(pipe(adam(), reduceOnPlateau()), 3)
  expect(bitsOf(pipe(adam(), reduceOnPlateau()).endEpoch(state, scalar(2)))).toEqual(bitsOf(state))
})

test("a step is made at the rate of the epochs before, whatever its own loss; compiled, the same", () => {
  const x = tensor([0])
  const after = watching.endEpoch(watching.endEpoch(watching.init(x), scalar(3)), scalar(3))
  expect(item(watching.rate(after, { loss: scalar(9) }))).toBe(0.5)
  const step = (state: typeof after) => watching.step(x, state, tensor([1]), { loss: scalar(9) })
  expect(toArray(step(after)[0])).toEqual([-0.5])
  const compiled = compile((state: typeof after) => watching.endEpoch(state, scalar(3)))
  expect(bitsOf(compiled(after))).toEqual(bitsOf(watching.endEpoch(after, scalar(3))))
})

test("what is monitored is a float scalar, and the state one of an optimizer", () => {
  const state = watching.init(params)
  expect(thrown(() => watching.endEpoch(state, tensor([1])))).toBe("ShapeError endEpoch: expected what is monitored, a scalar of f32 or f64; got a tensor f32[1]") // prettier-ignore
  expect(thrown(() => watching.endEpoch(state, 3 as never))).toBe("ShapeError endEpoch: expected what is monitored, a scalar of f32 or f64; got 3") // prettier-ignore
  expect(thrown(() => watching.endEpoch({} as never, scalar(3)))).toMatch(/^TreeError endEpoch: expected a state/)
})

test("what is negative is judged as what is positive is", () => {
  const patient = pipe(sgd({ learningRate: 1 }), reduceOnPlateau({ per: "epoch", factor: 0.5, patience: 2 }))
  const rates = (losses: readonly number[]): readonly number[] => {
    let state = patient.init(scalar(0))
    const states = [state, ...losses.map(loss => (state = patient.endEpoch(state, scalar(loss))))]
    return states.map(state => item(patient.rate(state)))
  }
  const still = [1, 1, 1, 0.5, 0.5, 0.25, 0.25]
  expect(rates([0.9, 0.9, 0.9, 0.9, 0.9, 0.9])).toEqual(still)
  expect(rates([-0.9, -0.9, -0.9, -0.9, -0.9, -0.9])).toEqual(still)
  expect(rates([-0.9, -0.95, -0.97, -0.99])).toEqual([1, 1, 1, 1, 1])
  expect(rates([0.1, -0.1, -0.1, -0.1])).toEqual([1, 1, 1, 1, 0.5])
})
