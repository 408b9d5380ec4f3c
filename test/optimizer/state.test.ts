import { describe, expect, expectTypeOf, test } from "vitest"
import { compile, pipe, scalar, tensor, toArray, toTyped, Tree, zeros, type Tensor } from "thalweg"
import {
  adam,
  clipByNorm,
  lookahead,
  onGradient,
  sgd,
  withMomentum,
  withWeightDecay,
  type AdamOptions
} from "thalweg/optimizer"
import { constant } from "thalweg/schedule"
import { identity } from "thalweg/transform"
import { refused, refusedByTypes } from "./type-tests.js"
import { params, walk, type Params } from "./samples.js"
import { bitsOf } from "../support.js"

const composed = pipe(adam(), withMomentum(0.9), clipByNorm(1), lookahead())

describe("the type of the state is inferred from the parameters, exactly", () => {
  const state = composed.init(params)

  test("through combinators", () => {
    expectTypeOf(state.inner.inner.inner.inner[0].mu).toEqualTypeOf<Params>()
    expectTypeOf(state.inner.inner.inner.inner[0].nu).toEqualTypeOf<Params>()
    expectTypeOf(state.inner.inner.inner.displacement.velocity).toEqualTypeOf<Params>()
    expectTypeOf(state.inner.slow).toEqualTypeOf<Params>()
    expectTypeOf(state.count).toEqualTypeOf<Tensor>()
    expectTypeOf(composed.step(params, state, params)).toEqualTypeOf<readonly [Params, typeof state]>()
    expectTypeOf(composed.evalParams(params, state)).toEqualTypeOf<Params>()
    expectTypeOf(composed.gradientPoint(params, state)).toEqualTypeOf<Params>()
    expectTypeOf(composed.rate(state)).toEqualTypeOf<Tensor>()
  })

  test("through compile", () => {
    const step = compile(composed.step)
    expectTypeOf(step(params, state, params)).toEqualTypeOf<readonly [Params, typeof state]>()
  })

  test("for parameters that are one tensor, and for a generic function of any parameters", () => {
    expectTypeOf(adam().init(zeros([2])).inner[0].mu).toEqualTypeOf<Tensor>()
    const twice = <P extends Tree>(p: P, grads: P): P => {
      const [once, after] = composed.step(p, composed.init(p), grads)
      return composed.step(once, after, grads)[0]
    }
    expectTypeOf(twice(params, params)).toEqualTypeOf<Params>()
  })

  test("a stateless transform adds an empty tuple", () => {
    const { gradient } = onGradient(identity)(sgd({ learningRate: 1 })).init(params).inner
    expectTypeOf(gradient).toEqualTypeOf<readonly []>()
    expect(gradient).toEqual([])
  })

  test("the value is what the type says", () => {
    expect(Tree.paths(composed.init({ w: zeros([1]) }))).toEqual([
      "count",
      "inner/inner/inner/displacement/velocity/w",
      "inner/inner/inner/inner/0/mu/w",
      "inner/inner/inner/inner/0/nu/w",
      "inner/slow/w"
    ])
  })

  test("second moments are of the dtype of their parameters, or f64 where every ε is the number 0", () => {
    const p = zeros([1])
    const dtypeOf = (options: AdamOptions) => adam(options).init(p).inner[0].nu.dtype
    const zero = scalar(0)
    const others: readonly AdamOptions[] = [
      {},
      { eps: 0, epsRoot: 1e-8 },
      { eps: zero },
      { eps: () => zero },
      { eps: constant(0) }
    ]
    expect(dtypeOf({ eps: 0 })).toBe("f64")
    expect(others.map(dtypeOf)).toEqual(others.map(() => "f32"))
    expect(adam({ eps: 0 }).init(p).inner[0].mu.dtype).toBe("f32")
    expect(() => adam().step(p, adam({ eps: 0 }).init(p), p)).toThrow("expected a state of f32[1]; got f64[1]")
  })
})

test("what does not compile throws when it is run all the same, as far as that can be seen", () => {
  for (const use of refused) expect(use, String(use)).toThrow()
  expect([refused.length, refusedByTypes.length]).toEqual([15, 6])
})

/** The state as a file would keep it, and back. */
const saved = <T extends Tree>(tree: T): T => {
  const text = JSON.stringify(Tree.leaves(tree).map(t => ({ dtype: t.dtype, shape: t.shape, values: [...toTyped(t)] })))
  const leaves = (JSON.parse(text) as { dtype: "f64"; shape: number[]; values: number[] }[]).map(t =>
    tensor(t.values, { dtype: t.dtype, shape: t.shape })
  )
  return Tree.unflatten<T>(Tree.flatten(tree).structure)(leaves)
}

test("save, restore and branch: five steps are three, a file, and two", () => {
  const [p, state] = walk(composed, 3)
  const branch = walk(composed, 2, saved([p, state] as const), 3)
  walk(composed, 2, [p, state], 7) // another branch, which nobody sees
  expect(bitsOf(branch)).toEqual(bitsOf(walk(composed, 5)))
})

describe("unusual parameters", () => {
  const all = pipe(adam({ learningRate: 0.1 }), withWeightDecay(0.1), withMomentum(0.5), clipByNorm(1), lookahead())

  test("an empty tree is a no-op", () => {
    for (const empty of [{}, [], { a: [], b: {} }]) {
      const [next, state] = all.step<Tree>(empty, all.init<Tree>(empty), empty)
      expect(next).toEqual(empty)
      expect(toArray(state.count)).toBe(1)
    }
  })

  test("parameters and states are frozen, and none of the records that were given", () => {
    const mine = { w: tensor([1]) }
    const state = all.init(mine)
    const [moved, after] = all.step(mine, state, mine)
    mine.w = tensor([50])
    expect(toArray(all.evalParams(moved, after).w)).not.toEqual([50])
    for (const tree of [state, moved, after]) {
      expect(Object.isFrozen(tree)).toBe(true)
      expect(bitsOf(tree)).not.toContain(50)
    }
    expect(Object.values(after.inner).every(Object.isFrozen)).toBe(true)
  })

  test("leaves without elements stay so", () => {
    const nothing = { w: zeros([0, 3]), b: tensor([1]) }
    const [next] = all.step(nothing, all.init(nothing), nothing)
    expect(toArray(next.w)).toEqual([])
    expect(next.w.shape).toEqual([0, 3])
  })

  test("one tensor, or the same numbers in any nesting and order of keys, move alike", () => {
    const numbers = [0.5, -1, 2]
    const flat = tensor(numbers)
    const nested = { z: tensor([0.5]), a: [{ b: tensor([[-1]]), a: tensor(2) }] }
    const [one] = all.step(flat, all.init(flat), flat)
    const [other] = all.step(nested, all.init(nested), nested)
    const [reordered] = all.step(nested, all.init(nested), {
      a: [{ a: tensor(2), b: tensor([[-1]]) }],
      z: tensor([0.5])
    })
    const values = [other.z, other.a[0]?.b ?? other.z, other.a[0]?.a ?? other.z].flatMap(t => [...toTyped(t)])
    expect(values).toEqual([...toTyped(one)])
    expect(bitsOf(reordered)).toEqual(bitsOf(other))
  })

  test("a tensor that stands in two places moves in each on its own", () => {
    const w = tensor([1, 1])
    const descent = sgd({ learningRate: 1 })
    const [{ a, b }] = descent.step({ a: w, b: w }, descent.init({ a: w, b: w }), { a: w, b: zeros([2]) })
    expect([toArray(a), toArray(b), toArray(w)]).toEqual([[0, 0], [1, 1], [1, 1]]) // prettier-ignore
  })
})
