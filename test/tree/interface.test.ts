import {
  add,
  compile,
  evaluate,
  grad,
  item,
  mul,
  pipe,
  scalar,
  sum,
  tensor,
  toArray,
  Tree,
  zeros,
  type Tensor
} from "thalweg"
import { adam, clipByNorm, given, partition, reduceOnPlateau, sgd, withEma, type Optimizer } from "thalweg/optimizer"
import { halfSquaredError, type Layer } from "thalweg/nn"
import { key } from "thalweg/random"
import { dataflow, equations } from "thalweg/show"
import { initTraining, trainStep } from "thalweg/train"
import { globalNorm, type StateFamily, type StateOf } from "thalweg/transform"
import { describe, expect, expectTypeOf, it } from "vitest"

interface Dense {
  readonly kernel: Tensor
  readonly bias: Tensor
}

/** Interfaces have no index signature, so that the compiler does not take them for a `Tree`. */
interface Params {
  readonly encoder: Dense
  readonly pair: readonly [Tensor, Dense]
  readonly layers: readonly Dense[]
}

interface MomentsF extends StateFamily {
  readonly type: { readonly [K in "mu" | "nu"]: this["params"] }
}

const dense: Dense = { kernel: tensor([1, 2]), bias: scalar(3) }
const params: Params = { encoder: dense, pair: [scalar(4), dense], layers: [dense] }
const loss = (p: Params, x: Tensor): Tensor => add(mul(sum(p.encoder.kernel), x), p.pair[1].bias)

describe("parameters may be an interface", () => {
  it("of functions on trees", () => {
    const doubled = Tree.map(t => mul(t, 2))(params)
    expectTypeOf(doubled).toEqualTypeOf<Params>()
    expect(item(doubled.pair[0])).toBe(8)
    expect(Tree.paths(params)).toHaveLength(Tree.leaves(params).length)
    expect(Tree.size(params)).toBe(10)
    expect(Tree.sameStructure(params, doubled)).toBe(true)
    Tree.requireSameStructure("here", params, doubled)
    const { leaves, structure } = Tree.flatten(params)
    expectTypeOf(Tree.unflatten<Params>(structure)(leaves)).toEqualTypeOf<Params>()
    expect(item(globalNorm(dense))).toBeCloseTo(Math.sqrt(14))
  })

  it("of what is shown", () => {
    expect(equations(sgd({ learningRate: 1 }), { params: dense })).toContain("kernel' = kernel - g_kernel")
    expect(dataflow(sgd({ learningRate: 1 }), { params: dense })).toContain("kernel")
  })

  it("of derivatives and compiled functions", () => {
    const gradient = grad(loss)(params, scalar(5))
    expectTypeOf(gradient).toEqualTypeOf<Params>()
    expect(toArray(gradient.encoder.kernel)).toEqual([5, 5])
    const step = compile((p: Params, x: Tensor) => Tree.map(t => mul(t, x))(p))
    expectTypeOf(step(params, scalar(2))).toEqualTypeOf<Params>()
    expectTypeOf(evaluate(params)).toEqualTypeOf<Params>()
  })

  it("of optimizers", () => {
    const opt = pipe(adam({ learningRate: 0.1 }), withEma(0.9), clipByNorm(1))
    const [next, state] = opt.step(params, opt.init(params), params)
    expectTypeOf(next).toEqualTypeOf<Params>()
    expectTypeOf(state.inner.gradient).toEqualTypeOf<readonly []>()
    const [again] = compile(opt.step)(next, state, params)
    expectTypeOf(again).toEqualTypeOf<Params>()
    expectTypeOf<StateOf<MomentsF, Params>["mu"]>().toEqualTypeOf<Params>()
    const parts = partition({ slow: sgd({ learningRate: 0.1 }), fast: opt }, () => "slow")
    expectTypeOf(parts.step(params, parts.init(params), params)[0]).toEqualTypeOf<Params>()
  })

  it("of what a step needs", () => {
    const watching = pipe(sgd({ learningRate: 0.1 }), reduceOnPlateau())
    const once = <F extends StateFamily>(opt: Optimizer<F>) =>
      opt.step(
        params,
        opt.init(params),
        params,
        ...given(opt, { loss: scalar(1), objective: (p: Params) => loss(p, scalar(1)) })
      )
    expectTypeOf(once(watching)[0]).toEqualTypeOf<Params>()
  })

  it("of layers that are trained", () => {
    const shifting: Layer<Dense> = {
      name: "shifting",
      init: () => ({ params: dense, state: [] }),
      apply: ({ kernel, bias }, state, x) => [add(mul(x, kernel), bias), state]
    }
    const task = { model: shifting, loss: halfSquaredError, optimizer: sgd({ learningRate: 0.1 }) }
    const start = initTraining(task)(key(0), zeros([1, 2]))
    const [next] = trainStep(task)(start, { x: tensor([[1, 2]]), y: tensor([[4, 7]]) })
    expectTypeOf(next.params).toEqualTypeOf<Dense>()
    expect(item(next.params.bias)).toBe(3)
  })

  it("but its leaves are tensors", () => {
    interface Named {
      readonly w: Tensor
      readonly name: string
    }
    const named: Named = { w: scalar(1), name: "w" }
    // @ts-expect-error -- a string is no leaf
    expect(() => adam().init(named)).toThrow(/name/)
    // @ts-expect-error -- a number is no leaf
    expect(() => evaluate({ w: 1 })).toThrow(/w/)
    // @ts-expect-error -- a number is no tree
    expect(() => evaluate(3)).toThrow(/tree/)
  })
})
