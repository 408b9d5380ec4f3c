import { describe, expect, test } from "vitest"
import { cast, isTensor, item, mul, pipe, scalar, tensor, toArray, Tree, type Tensor } from "thalweg"
import {
  accumulate,
  adam,
  clipByNorm,
  freeze,
  lookahead,
  masked,
  maximize,
  onDisplacement,
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
  sgd
} from "thalweg/optimizer"
import type { AtLoss, Mask, StateFamily, Transform } from "thalweg/transform"
import { gradient, params, walk } from "./samples.js"
import { bitsOf } from "../support.js"

interface LossF extends StateFamily {
  readonly type: readonly []
  readonly needs: AtLoss
}

const inner = adam({ learningRate: 0.1 })

test("what is frozen has no state, by name", () => {
  const [, state] = walk(freeze("dense/**")(pipe(sgd({ learningRate: 0.1, momentum: 0.8 }), clipByNorm(0.5))), 3)
  expect(Tree.paths(state)).toEqual([
    "count",
    "inner/inner/inner/0/0/velocity/out/0",
    "inner/inner/inner/0/0/velocity/out/1"
  ])
})

describe("what is hidden", () => {
  const [w, b, x, y, z] = [1, 2, 3, 4, 5].map(value => scalar(value)) as [Tensor, Tensor, Tensor, Tensor, Tensor]
  const mixed = { enc: { w, b }, out: [x, [y], { z }], none: {} } as const
  /** What an optimizer under a mask sees of the parameters. */
  const seen = (mask: Mask): unknown => {
    const seeing = optimizer({ init: params => params, update: (updates, state) => [updates, state] })
    return masked(mask)(seeing).init(mixed).inner.inner
  }
  test("has no key, and an empty tuple in a list, so that paths do not change", () => {
    expect(seen("**")).toEqual({ enc: { w, b }, out: [x, [y], { z }] })
    expect(seen("enc/w")).toEqual({ enc: { w } })
    expect(seen("out/1/0")).toEqual({ out: [[], [y], []] })
    expect(seen(["out/2/*", "enc/b"])).toEqual({ enc: { b }, out: [[], [], { z }] })
    expect(seen(() => false)).toEqual([])
  })
  test("grows with the parameters, of a partition too, however many its parts are", () => {
    const branches = (tree: Tree): number =>
      isTensor(tree) ? 1 : Object.values<Tree>(tree).reduce((n, child) => n + branches(child), 1)
    const kept = (n: number): number => {
      const names = Array.from({ length: n }, (_, i) => `layer${i}`)
      const parts = Object.fromEntries(names.map(name => [name, sgd({ learningRate: 1, momentum: 0.5 })]))
      const opt = partition(parts, new Map(names.map(name => [`${name}/*`, name])))
      return branches(opt.init(Object.fromEntries(names.map(name => [name, { w, b }]))))
    }
    expect(kept(200) / kept(100)).toBeLessThan(2.05)
  })
})

test("where all is frozen, the count is kept", () => {
  const [, state] = walk(freeze("**")(pipe(inner, clipByNorm(0.5), lookahead({ every: 2 }))), 3)
  expect(Tree.leaves(state).map(item)).toEqual([3])
})

test("what was accumulated goes on with another number of micro-batches", () => {
  const [p, state] = walk(pipe(inner, accumulate(4)), 3)
  const [q] = pipe(inner, accumulate(2)).step(p, state, gradient(3))
  expect(bitsOf(q)).not.toEqual(bitsOf(params))
})

test("what accumulations hold within each other is finished, from the outside in", () => {
  const nested = pipe(sgd({ learningRate: 1 }), accumulate(3), accumulate(2))
  const x = tensor([0])
  const after = [1, 3, 6].reduce<ReturnType<typeof nested.step<Tensor>>>(
    ([p, state], g) => nested.step(p, state, tensor([g])),
    [x, nested.init(x)]
  )
  expect([after, nested.finish(...after)].map(([p]) => toArray(p))).toEqual([[0], [-4]]) // the mean of 2 and 6
})

test("what is finished stays where it is projected, and what nothing moves is not projected", () => {
  const kept = pipe(sgd({ learningRate: 1 }), accumulate(2), project(ontoBox({ lower: -1, upper: 1 })))
  const x = tensor([5])
  expect(toArray(kept.finish(x, kept.init(x))[0])).toEqual([5])
  expect(toArray(kept.finish(...kept.step(x, kept.init(x), tensor([9])))[0])).toEqual([-1])
})

test("what acts on the displacement and needs the loss is passed by when a window is finished", () => {
  const byLoss: Transform<LossF> = {
    init: () => [],
    update: (by, state, _, { loss }) => [Tree.map(t => mul(t, cast(loss, t.dtype)))(by), state],
    needs: ["loss"]
  }
  const optimizer = pipe(sgd({ learningRate: 1 }), accumulate(2), onDisplacement(byLoss))
  const x = tensor([0])
  const [p, state] = optimizer.step(x, optimizer.init(x), tensor([3]), { loss: scalar(5, "f64") })
  expect([p, optimizer.finish(p, state)[0]].map(toArray)).toEqual([[0], [-3]])
})

test("finish refuses a state of others", () => {
  const [x, optimizer] = [tensor([1]), pipe(inner, accumulate(2))]
  expect(() => optimizer.finish(x, inner.init(x) as never)).toThrow(/^finish at "inner": expected a state/)
})

test("what needs the loss remembers what it was told", () => {
  const x = tensor([1], { dtype: "f64" })
  const watching = pipe(sgd({ learningRate: 1 }), reduceOnPlateau({ patience: 1, factor: 0.5 }))
  const collected = pipe(watching, accumulate(2))
  const last = [3, 1, 2, 2, 4, 1].reduce(
    (state, loss) => collected.step(x, state, x, { loss: scalar(loss, "f64") })[1],
    collected.init(x)
  )
  expect([last.inner.inner.inner.plateau.best, last.inner.inner.inner.plateau.scale].map(item)).toEqual([2, 0.25])
  const climbing = maximize(watching)
  const [, climbed] = climbing.step(x, climbing.init(x), x, { loss: scalar(3) })
  expect(item(climbed.inner.plateau.best)).toBe(-3)
})

test("what was infinite in a state is not pulled back to: it becomes what it is", () => {
  const watching = pipe(sgd({ learningRate: 0.1 }), reduceOnPlateau({ factor: 0.5, patience: 2 }))
  const ahead = pipe(watching, lookahead({ every: 2, mix: 0.5, atSync: "pullback" }))
  const [x, g] = [tensor([1], { dtype: "f64" }), tensor([0.1], { dtype: "f64" })]
  const last = [10, 9, 8, 7, 6, 5].reduce(
    (state, loss) => ahead.step(x, state, g, { loss: scalar(loss, "f64") })[1],
    ahead.init(x)
  )
  const { best, scale } = last.inner.inner.plateau
  expect([best, scale].map(item)).toEqual([6.5, 1]) // 9, then half way from 9 to 7, and from there to 5
})

test("a tree without leaves is its own projection", () => {
  const sets = [ontoBox({ lower: 1 }), ontoL1Ball(1), ontoL2Ball(1), ontoLInfBall(1), ontoNonNegative, ontoSimplex()]
  expect(sets.map(onto => onto({}, scalar(0, "i32")))).toEqual(sets.map(() => ({})))
})
