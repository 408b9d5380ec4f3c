import { describe, expect, test } from "vitest"
import {
  add,
  compile,
  grad,
  item,
  le,
  mul,
  pipe,
  scalar,
  square,
  sub,
  sum,
  tensor,
  toArray,
  Tree,
  where,
  zeros,
  type Tensor
} from "thalweg"
import {
  accumulate,
  adam,
  around,
  freeze,
  given,
  lbfgs,
  lookahead,
  masked,
  maximize,
  moveBy,
  optimizer,
  partition,
  sam,
  sgd,
  withEma,
  withMomentum,
  type Optimizer
} from "thalweg/optimizer"
import {
  identity,
  inLowRank,
  needsOfAll,
  type AtObjective,
  type NeedsOf,
  type StateFamily,
  type StateOf,
  type Transform
} from "thalweg/transform"

const along = (share: Tensor) => Tree.zipWith((p: Tensor, d: Tensor) => add(p, mul(d, share)))

type SearchState<I extends Tree> = { readonly inner: I }

interface LineSearchF<F extends StateFamily> extends StateFamily {
  readonly type: SearchState<StateOf<F, this["params"]>>
  readonly needs: NeedsOf<F, this["params"]> & AtObjective<this["params"]>
}

const slope = Tree.zipWith((g: Tensor, d: Tensor) => sum(mul(g, d)))

/** Halves a displacement until the objective falls by a quarter of what the gradient promises (Armijo 1966). */
const backtracking =
  (tries: number) =>
  <F extends StateFamily>(inner: Optimizer<F>): Optimizer<LineSearchF<F>> => {
    const { init, move } = inner.motion
    return around<F, LineSearchF<F>>(inner, {
      needs: needsOfAll([inner, { needs: ["objective"] }]),
      init: params => ({ inner: init(params) }),
      move: (grads, state, params, now) => {
        const [{ by }, after] = move(grads, state.inner, params, now)
        const promised = Tree.leaves(slope(grads, by)).reduce(add)
        const falls = (share: Tensor): Tensor =>
          le(now.objective(along(share)(params, by)), add(now.objective(params), mul(mul(promised, share), 0.25)))
        const shares = Array.from({ length: tries }, (_, i) => scalar(0.5 ** i, "f64"))
        const share = shares.reduceRight((smaller, s) => where(falls(s), s, smaller), scalar(0, "f64"))
        return [moveBy(params, Tree.map((d: Tensor) => mul(d, share))(by)), { inner: after }]
      }
    })
  }

const x = (...data: number[]): Tensor => tensor(data, { dtype: "f64" })
/** ½·(a² + 8·b²) */
const bowl = ({ a, b }: { readonly a: Tensor; readonly b: Tensor }): Tensor =>
  mul(add(sum(square(a)), mul(8, sum(square(b)))), 0.5)
const start = { a: x(3), b: x(0.5) } // gradient (3, 4), norm 5
const slopeAt = grad(bowl)
const numbersOf = (tree: Tree): unknown => Tree.leaves(tree).map(t => toArray(t))

const stepOf = <F extends StateFamily>(opt: Optimizer<F>, objective = bowl) =>
  opt.step(start, opt.init(start), grad(objective)(start), ...given(opt, { loss: objective(start), objective }))[0]

describe("an optimizer that needs the objective", () => {
  const descent = sgd({ learningRate: 1 })

  test("says so", () => {
    expect(sam({ rho: 5 })(descent).needs).toEqual(["objective"])
    expect(pipe(descent, withMomentum(0.9), backtracking(4), withEma(0.9)).needs).toEqual(["objective"])
    expect(descent.needs).toEqual([])
  })

  test("takes a second gradient", () => {
    // at (3, 0.5) + (3, 4): (6, 36)
    expect(numbersOf(stepOf(pipe(descent, sam({ rho: 5 }))))).toEqual([[-3], [-35.5]])
  })

  test("searches along a line", () => {
    // by (-3, -4): ½(0 + 8·3.5²) = 49, at ½ 10.125, at ¼ 3.53125 ≤ 5.5 - ¼·¼·25
    expect(numbersOf(stepOf(pipe(descent, backtracking(4))))).toEqual([[2.25], [-0.5]])
    expect(numbersOf(stepOf(pipe(descent, backtracking(2))))).toEqual([[3], [0.5]])
  })

  test("goes with others in a pipe", () => {
    const opt = pipe(
      descent,
      withMomentum(0.5),
      sam({ rho: 5 }),
      backtracking(8),
      lookahead({ every: 2 }),
      withEma(0.5)
    )
    const [p1, s1] = opt.step(start, opt.init(start), slopeAt(start), { objective: bowl })
    const [p2] = opt.step(p1, s1, slopeAt(p1), { objective: bowl })
    expect(item(bowl(p1))).toBeLessThan(item(bowl(start)))
    expect(item(bowl(p2))).toBeLessThan(item(bowl(start)))
  })

  test("sees, under a mask, a function of what it moves", () => {
    // at a alone: (3 + 5); b stays
    expect(numbersOf(stepOf(pipe(descent, sam({ rho: 5 }), masked("a"))))).toEqual([[-5], [0.5]])
    expect(numbersOf(stepOf(pipe(descent, sam({ rho: 5 }), freeze("a"))))).toEqual([[3], [0.5 - 8 * 5.5]])
    const parts = { sharp: sam({ rho: 5 })(descent), plain: descent }
    const opt = partition(parts, new Map([["a", "sharp"], ["b", "plain"]])) // prettier-ignore
    expect(opt.needs).toEqual(["objective"])
    expect(numbersOf(stepOf(opt))).toEqual([[-5], [-3.5]])
  })

  test("sees, in few directions of a matrix, a function of those, through the parameters", () => {
    interface AskingF extends StateFamily {
      readonly type: readonly []
      readonly needs: AtObjective<this["params"]>
    }
    const asking: Transform<AskingF> = {
      needs: ["objective"],
      init: () => [],
      update: (_, state, at, { objective }) => [grad(objective)(at), state]
    }
    const weights = tensor([[2, 0], [0, 1]]) // prettier-ignore
    const params = { w: tensor([[3, 0], [0, 1]]), b: tensor([5]) } // prettier-ignore
    const objective = ({ w, b }: typeof params): Tensor => mul(add(square(sum(mul(w, weights))), sum(square(b))), 0.5)
    const movesOf = <F extends StateFamily>(transform: Transform<F>): unknown => {
      const opt = optimizer(inLowRank({ rank: 1, scale: 1 })(transform))
      const told = given(opt, { loss: objective(params), objective })
      return numbersOf(opt.update(grad(objective)(params), opt.init(params), params, ...told)[0])
    }
    // of seven times the weights the first direction; without the parameters beside it the sum would be 6
    expect(movesOf(asking)).toEqual([[5], [[14, 0], [0, 0]]]) // prettier-ignore
    expect(movesOf(asking)).toEqual(movesOf(identity))
  })

  test("climbs", () => {
    const hill = (p: typeof start): Tensor => sub(0, bowl(p))
    const [sharp, searched] = [sam({ rho: 5 })(descent), backtracking(4)(descent)]
    expect(numbersOf(stepOf(maximize(sharp), hill))).toEqual(numbersOf(stepOf(sharp)))
    expect(numbersOf(stepOf(maximize(searched), hill))).toEqual(numbersOf(stepOf(searched)))
  })

  test("compiles", () => {
    const opt = pipe(adam({ learningRate: 0.5 }), sam({ rho: 0.1 }), backtracking(6), masked("b"))
    const state = opt.init(start)
    const step = (params: typeof start, before: typeof state) =>
      opt.step(params, before, slopeAt(params), { objective: bowl })
    expect(numbersOf(compile(step)(start, state))).toEqual(numbersOf(step(start, state)))
  })

  test("accumulates what it makes of each micro-batch", () => {
    const opt = pipe(descent, accumulate(2), sam({ rho: 5 }))
    const [p1, s1] = opt.step(start, opt.init(start), slopeAt(start), { objective: bowl })
    const [p2] = opt.step(p1, s1, slopeAt(p1), { objective: bowl })
    expect(numbersOf(p1)).toEqual(numbersOf(start))
    expect(numbersOf(p2)).toEqual([[-3], [-35.5]])
  })

  test("cannot be accumulated", () => {
    expect(() => accumulate(2)(sam({ rho: 1 })(descent))).toThrow(
      "accumulate: expected an optimizer that does not need the objective; got one that does"
    )
  })

  test("does not step without it", () => {
    const opt = pipe(descent, sam({ rho: 1 }), withEma(0.9), masked("**"))
    const state = opt.init(start)
    // @ts-expect-error -- the objective is missing
    expect(() => opt.step(start, state, start)).toThrow(
      "sam: expected { objective } as the last argument, the loss as a function of the parameters; got nothing"
    )
    // @ts-expect-error -- a loss is no objective
    expect(() => opt.step(start, state, start, { loss: scalar(1) })).toThrow()
    // @ts-expect-error -- the objective is one of other parameters
    expect(() => opt.step(start, state, start, { objective: (p: readonly Tensor[]) => sum(p[0]) })).toThrow()
    const searched = partition({ all: backtracking(2)(descent), none: descent }, () => "all")
    // @ts-expect-error -- one of the optimizers needs it
    expect(() => searched.step(start, searched.init(start), start)).toThrow()
  })
})

test("a line search over no parameters at all leaves them as they are", () => {
  const [none, own] = [{ w: zeros([0]) }, lbfgs()]
  const step = { objective: ({ w }: typeof none) => sum(w), loss: scalar(0) }
  expect(toArray(own.step(none, own.init(none), none, step)[0].w)).toEqual([])
})
