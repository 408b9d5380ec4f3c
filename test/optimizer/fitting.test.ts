import { describe, expect, test } from "vitest"
import { pipe, scalar, zeros, type Tensor, type Tree } from "thalweg"
import { adam, clipByNorm, lookahead, withMomentum, type AnyOptimizer } from "thalweg/optimizer"
import { thrown } from "./samples.js"

describe("parameters, gradients and states that do not fit", () => {
  const opt: AnyOptimizer = pipe(adam(), withMomentum(0.5), clipByNorm(1), lookahead())
  const p = { dense: { w: zeros([2, 3]), b: zeros([3]) }, out: [zeros([], "f64")] }
  const state = opt.init(p)
  const withGradient = (grads: unknown) => () => opt.step<Tree>(p, state, grads as Tree)
  const withState = (other: unknown) => () => opt.step(p, other as typeof state, p)
  const stateOf = (b: Tensor) => opt.init({ ...p, dense: { ...p.dense, b } })
  const plain = (o: object): unknown => ({ ...p, dense: { ...p.dense, ...o } })
  const momentum: AnyOptimizer = pipe(adam(), withMomentum(0.5))

  test.each([
    [
      'DTypeError init at "dense/w": expected f32 or f64 parameters; got i32',
      () => opt.init({ dense: { w: zeros([2], "i32") } })
    ],
    ['DTypeError init at "0": expected f32 or f64 parameters; got bool', () => adam().init([scalar(true)])],
    [
      'TreeError step at "dense": expected a gradient that is a record with keys b, w; got a record with keys b, kernel, w',
      withGradient(plain({ kernel: zeros([1]) }))
    ],
    [
      'TreeError step at "dense": expected a gradient that is a record with keys b, w; got a record with keys w',
      withGradient({ ...p, dense: { w: p.dense.w } })
    ],
    [
      'TreeError step at "out": expected a gradient that is an array of 1; got an array of 2',
      withGradient({ ...p, out: [p.out[0], p.out[0]] })
    ],
    [
      'TreeError step at "(root)": expected a gradient that is a record with keys dense, out; got a tensor',
      withGradient(zeros([2]))
    ],
    ['ShapeError step at "dense/b": expected a gradient of f32[3]; got f32[1]', withGradient(plain({ b: zeros([1]) }))],
    [
      'ShapeError step at "dense/w": expected a gradient of f32[2, 3]; got f32[3]',
      withGradient(plain({ w: zeros([3]) }))
    ],
    [
      'DTypeError step at "dense/b": expected a gradient of f32[3]; got f64[3]',
      withGradient(plain({ b: zeros([3], "f64") }))
    ],
    ['DTypeError step at "out/0": expected a gradient of f64[]; got f32[]', withGradient({ ...p, out: [zeros([])] })],
    [
      'ShapeError step at "inner/inner/inner/displacement/velocity/dense/b": expected a state of f32[3]; got f32[2, 3]',
      withState(stateOf(zeros([2, 3])))
    ],
    [
      'ShapeError step at "inner/inner/inner/displacement/velocity/dense/b": expected a state of f32[3]; got f32[]',
      withState(stateOf(zeros([])))
    ],
    [
      'DTypeError step at "inner/inner/inner/displacement/velocity/dense/b": expected a state of f32[3]; got f64[3]',
      withState(stateOf(zeros([3], "f64")))
    ],
    [
      'TreeError step at "inner": expected a state that is a record with keys inner, pulled, slow; got a record with keys displacement, inner',
      withState(momentum.init(p))
    ],
    [
      'TreeError step at "(root)": expected a state that is a record with keys count, inner; got a record with keys (none)',
      withState({})
    ]
  ])("%s", (message, use) => {
    expect(thrown(use)).toBe(message)
  })

  test("what is no tree of tensors says where", () => {
    expect(thrown(() => opt.init({ dense: { w: 3 } } as never))).toContain(
      'TreeError tree at "dense/w": expected a tensor'
    )
    for (const wrong of [undefined, null, 3, "w"])
      for (const [use, what] of [
        [withGradient(wrong), "gradient"],
        [withState(wrong), "state"]
      ] as const)
        // prettier-ignore
        expect(thrown(use)).toContain(`TreeError step at "(root)": expected a ${what} that is a `)
  })

  test("of many keys only those that differ are told", () => {
    const layers = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`layer${i}`, zeros([])]))
    const { layer7: _, ...others } = layers
    const all: AnyOptimizer = adam()
    expect(thrown(() => all.step<Tree>(layers, all.init(layers), others))).toBe(
      'TreeError step at "(root)": expected a gradient that is a record with 40 keys, among them layer7; got a record with 39 keys'
    )
  })

  test("what fits passes", () => {
    expect(thrown(() => opt.step(p, state, p))).toBe("nothing")
  })
})
