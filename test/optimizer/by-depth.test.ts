import { describe, expect, test } from "vitest"
import { add, mul, pipe, sin, stack, tensor, toArray, toTyped, Tree, zeros, type Tensor } from "thalweg"
import { dense, activation, repeat, sequential, squaredError, tanh } from "thalweg/nn"
import {
  adam,
  byDepth,
  centralizeGradients,
  clipAdaptive,
  clipByLeafNorm,
  freeze,
  lamb,
  optimizers,
  ontoL2Ball,
  partition,
  project,
  sgd,
  withMomentum,
  type AnyOptimizer
} from "thalweg/optimizer"
import { key, normal } from "thalweg/random"
import { initTraining, trainStep } from "thalweg/train"

/** Three depths of a kernel and a bias, apart and as `repeat` stacks them. */
const depths = [0, 1, 2].map(i => ({
  kernel: mul(normal(key(i), [4, 3]), i + 1),
  bias: sin(add(tensor([1, 2, 3]), i))
}))
const together = (trees: readonly Tree[]): Tree =>
  Tree.unflatten(Tree.flatten(trees[0] as Tree).structure)(
    Tree.leaves(trees[0] as Tree).map((_, i) => stack(trees.map(tree => Tree.leaves(tree)[i] as Tensor)))
  )
const stacked = { embed: normal(key(9), [2, 2]), blocks: { each: together(depths) } }
const apart = { embed: stacked.embed, blocks: depths }
const gradient = (tree: Tree): Tree => Tree.map((t: Tensor) => sin(mul(t, 3)))(tree)

/** The parameters after some steps. */
const after = (optimizer: AnyOptimizer, start: Tree, steps = 3): Tree => {
  let [params, state] = [start, optimizer.init(start) as Tree]
  for (let i = 0; i < steps; i++)
    [params, state] = optimizer.step(params, state as never, gradient(params)) as [Tree, never]
  return params
}
const numbers = (tree: Tree): number[] => Tree.leaves(tree).flatMap(leaf => Array.from(toTyped(leaf), Number))
const expectSame = (optimizer: AnyOptimizer): void => {
  const found = after(optimizer, stacked) as typeof stacked
  const expected = after(optimizer, apart) as typeof apart
  const wanted = { embed: expected.embed, blocks: { each: together(expected.blocks) } }
  expect(Tree.paths(found)).toEqual(Tree.paths(wanted))
  expect(numbers(found)).toEqual(numbers(wanted))
}

describe("what looks across leaves sees the depths of a repeat one by one", () => {
  test.each(["muon", "lamb", "lars", "adafactor", "novograd", "sm3", "fromage"] as const)("%s", name => {
    expectSame(optimizers[name].make({ learningRate: 0.1 }))
  })

  test.each<[string, AnyOptimizer]>([
    ["clipByLeafNorm", pipe(sgd({ learningRate: 0.1 }), clipByLeafNorm(0.5))],
    ["clipAdaptive", pipe(sgd({ learningRate: 0.1 }), withMomentum(0.9), clipAdaptive(0.01))],
    ["centralizeGradients", pipe(adam({ learningRate: 0.1 }), centralizeGradients())],
    ["project", pipe(sgd({ learningRate: 0.1 }), project(ontoL2Ball(1)))],
    ["byDepth of what does not", pipe(adam({ learningRate: 0.1 }), byDepth)],
    ["byDepth twice", pipe(optimizers.lamb({ learningRate: 0.1 }), byDepth, byDepth)],
    ["what looks across leaves around what does", pipe(optimizers.novograd({ learningRate: 0.1 }), clipAdaptive(0.1))],
    ["byDepth around that", pipe(optimizers.novograd({ learningRate: 0.1 }), project(ontoL2Ball(1)), byDepth)]
  ])("%s", (_, optimizer) => {
    expectSame(optimizer)
  })

  test("muon makes every kernel of a repeat orthogonal, and none goes elsewhere", () => {
    const state = optimizers.muon({}).init(stacked) as unknown as { readonly inner: { readonly matrices: Tree } }
    expect(Tree.paths(state.inner.matrices)).toContain("0/mu/blocks/each/kernel")
  })
})

describe("byDepth", () => {
  test("patterns name depths", () => {
    const optimizer = pipe(sgd({ learningRate: 1 }), freeze(["blocks/each/0/**", "blocks/each/2/kernel"]), byDepth)
    const found = after(optimizer, stacked, 1) as typeof stacked
    const moved = (leaf: "kernel" | "bias") => {
      const [a, b] = [found, stacked].map(({ blocks }) =>
        toArray((blocks.each as Record<string, Tensor>)[leaf] as Tensor)
      ) as [number[][], number[][]]
      return a.map((depth, i) => JSON.stringify(depth) !== JSON.stringify(b[i]))
    }
    expect([moved("kernel"), moved("bias")]).toEqual([[false, true, false], [false, true, true]]) // prettier-ignore
  })

  test("states are stacked as parameters are; a label for each depth makes rates by depth", () => {
    const rates = partition(
      { slow: sgd({ learningRate: 0 }), fast: adam({ learningRate: 0.1 }) },
      new Map([
        ["blocks/each/0/**", "slow"],
        ["**", "fast"]
      ])
    )
    const optimizer = pipe(rates, byDepth)
    const found = after(optimizer, stacked, 1) as typeof stacked
    const [first, second] = toArray((found.blocks.each as Record<string, Tensor>)["bias"] as Tensor) as number[][]
    expect(first).toEqual(toArray(depths[0]?.bias as Tensor))
    expect(second).not.toEqual(toArray(depths[1]?.bias as Tensor))
    const { inner } = pipe(adam(), byDepth).init(stacked) as unknown as {
      readonly inner: readonly [{ readonly mu: typeof stacked }]
    }
    expect((inner[0].mu.blocks.each as Record<string, Tensor>)["kernel"]?.shape).toEqual([3, 4, 3])
  })

  test("depths under numbers of one's own come back as they were given", () => {
    const params = { each: { 0: tensor([[1, 2]]), 1: tensor([[3, 4]]) } }
    for (const optimizer of [byDepth(sgd({ learningRate: 1 })), lamb()] as readonly AnyOptimizer[]) {
      const [next, state] = optimizer.step(params, optimizer.init(params), params)
      expect(Tree.paths(next)).toEqual(["each/0", "each/1"])
      expect(Tree.paths(optimizer.step(next, state, params)[0])).toEqual(["each/0", "each/1"])
    }
  })

  test("what is no repeat stays as it is: leaves that do not agree, a list, an empty branch", () => {
    for (const tree of [
      { each: { a: zeros([2, 2]), b: zeros([3]) } },
      { each: { a: zeros([]) } },
      { each: [] },
      { list: [zeros([2, 2])] }
    ] as Tree[])
      expect(Tree.paths(after(pipe(sgd({ learningRate: 1 }), byDepth), tree, 1))).toEqual(Tree.paths(tree))
  })

  test("repeats within repeats, and training of a model", () => {
    const unit = sequential({ dense: dense({ units: 3 }), tanh: activation(tanh) })
    const model = sequential({ inner: repeat(2)(repeat(2)(unit)), head: dense({ units: 1 }) })
    const [x, y] = [normal(key(1), [5, 3]), normal(key(2), [5, 1])]
    const task = { model, loss: squaredError, optimizer: optimizers.muon({ learningRate: 0.01 }) }
    const start = initTraining(task)(key(0), x)
    expect(start.params.inner.each.each.dense.kernel.shape).toEqual([2, 2, 3, 3])
    const [next, { loss }] = trainStep(task)(start, { x, y })
    const [, later] = trainStep(task)(next, { x, y })
    expect(toArray(later.loss)).toBeLessThan(toArray(loss) as number)
    expect(Tree.paths(next.optimizer)).toEqual(Tree.paths(start.optimizer))
  })
})
