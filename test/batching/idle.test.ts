import {
  abs,
  add,
  at,
  cholesky,
  compile,
  cond,
  determinant,
  dynamicUpdateSlice,
  evaluate,
  grad,
  gt,
  inverse,
  lt,
  mul,
  scalar,
  stack,
  sub,
  sum,
  take,
  tensor,
  toArray,
  triangularSolve,
  vmap,
  where,
  whileLoop,
  zerosLike,
  type Tensor
} from "thalweg"
import { describe, expect, test } from "vitest"

const f64 = (data: readonly unknown[]): Tensor => tensor(data as number[], { dtype: "f64" })
const i32 = (data: readonly number[]): Tensor => tensor([...data], { dtype: "i32" })

type Case = readonly [name: string, f: (x: Tensor) => Tensor, xs: Tensor]

const corner = (a: Tensor): Tensor => at(at(a, 0), 0)
const isRegular = (a: Tensor): Tensor => gt(abs(determinant(a)), 1e-9)
const halved = (x: Tensor): Tensor => whileLoop(y => gt(y, 1), y => mul(y, 0.5), x) // prettier-ignore

const [regular, singular] = [[[2, 1], [1, 3]], [[1, 1], [1, 1]]] // prettier-ignore
const table = f64([1, 2, 3])

/** Each throws, or never ends, where it is computed for an example that it is not for. */
const cases: readonly Case[] = [
  ["a factorization in a branch", a => cond(isRegular(a), inverse, zerosLike, a), f64([regular, singular])],
  [
    "a factorization in a loop",
    a => whileLoop(c => gt(corner(c), 2), c => cholesky(c), a), // prettier-ignore
    f64([[[16, 0], [0, 16]], [[1, 3], [3, 1]]]) // prettier-ignore
  ],
  [
    "a triangular system in a branch",
    a => cond(isRegular(a), a => triangularSolve(a, f64([1, 2])), a => at(a, 0), a), // prettier-ignore
    f64([regular, [[1, 1], [0, 0]]]) // prettier-ignore
  ],
  [
    "a place that is taken",
    i =>
      cond(
        lt(i, 3),
        i => take(table, i),
        (_: Tensor) => scalar(0, "f64"),
        i
      ),
    i32([2, 7, 0, 100])
  ],
  [
    "a place that is written",
    i => cond(lt(i, 3), i => dynamicUpdateSlice(table, f64([9]), [i]), (_: Tensor) => table, i), // prettier-ignore
    i32([2, 7, 0])
  ],
  [
    "a loop in a branch that would go on for ever",
    x => cond(lt(x, 100), halved, zerosLike, x),
    f64([3, Infinity, 0.5, 40])
  ],
  [
    "a loop in a loop that would go on for ever",
    x => whileLoop(c => lt(c, 100), c => where(gt(c, 30), Infinity, mul(40, halved(c))), x), // prettier-ignore
    f64([3, Infinity, 7])
  ],
  [
    "a factorization two branches deep",
    a => cond(gt(corner(a), 1), a => cond(isRegular(a), inverse, zerosLike, a), zerosLike, a), // prettier-ignore
    f64([regular, singular, [[1, 0], [0, 0]], [[2, 2], [2, 2]]]) // prettier-ignore
  ]
]

describe("what examples do not choose", () => {
  test.each(cases)("is not computed for them: %s", (_, f, xs) => {
    const alone = Array.from({ length: xs.shape[0] ?? 0 }, (_, i) => toArray(f(at(xs, i))))
    expect(toArray(vmap(f)(xs))).toEqual(alone)
    expect(toArray(compile(vmap(f))(xs))).toEqual(alone)
    expect(toArray(vmap(vmap(f))(stack([xs, xs])))).toEqual([alone, alone])
  })

  test("does not come into derivatives", () => {
    const total = (a: Tensor) => sum(cond(isRegular(a), inverse, zerosLike, a))
    const xs = f64([regular, singular])
    const alone = [toArray(grad(total)(f64(regular))), [[0, 0], [0, 0]]] // prettier-ignore
    expect(toArray(vmap(grad(total))(xs))).toEqual(alone)
    expect(toArray(add(grad((xs: Tensor) => sum(vmap(total)(xs)))(xs), 0))).toEqual(alone) // of -0, 0
  })

  test("is an error for those that do", () => {
    const f = (a: Tensor) => cond(gt(corner(a), 0), inverse, zerosLike, a)
    expect(() => evaluate(vmap(f)(f64([regular, singular])))).toThrow(
      "inverse: expected an invertible matrix; got 0 as pivot 1 in matrix [1] of the batch"
    )
    const taken = (i: Tensor) => cond(gt(i, 1), i => take(table, i), (_: Tensor) => scalar(0, "f64"), i) // prettier-ignore
    expect(() => evaluate(vmap(taken)(i32([0, 2, 4])))).toThrow("4 at place 2")
    expect(toArray(sub(vmap(taken)(i32([0, 2, -4])), 1))).toEqual([-1, 2, -1])
  })
})
