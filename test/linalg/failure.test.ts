import * as t from "thalweg"
import type { FailureOptions, Tensor } from "thalweg"
import { describe, expect, test } from "vitest"
import { thrownBy } from "../support.js"

const f64 = (values: Parameters<typeof t.tensor>[0]): Tensor => t.tensor(values, { dtype: "f64" })

const singular = f64([
  [1, 2],
  [2, 4]
])
const regular = f64([
  [2, 1],
  [1, 2]
])
const saddle = f64([
  [1, 2],
  [2, 1]
])
const ones = f64([1, 1])

type Failing = (a: Tensor, options?: FailureOptions) => Tensor

/** What fails, at which matrix, and what is said of it. */
const failing: Readonly<Record<string, readonly [f: Failing, bad: Tensor, says: string]>> = {
  cholesky: [t.cholesky, saddle, "expected a positive definite matrix; got -3 as pivot 1"],
  triangularSolve: [
    (a, options) => t.triangularSolve(t.tril(a), f64([[1], [1]]), options),
    f64([[0, 1], [1, 3]]), // prettier-ignore
    "expected an invertible matrix; got 0 as pivot 0"
  ],
  solve: [(a, options) => t.solve(a, ones, options), singular, "expected an invertible matrix; got 0 as pivot 1"],
  inverse: [t.inverse, singular, "expected an invertible matrix; got 0 as pivot 1"],
  matrixPower: [(a, o) => t.matrixPower(a, -3, o), singular, "expected an invertible matrix; got 0 as pivot 1"],
  logDeterminant: [
    (a, options) => t.grad((x: Tensor) => t.sum(t.logDeterminant(x, options).logAbs))(a),
    singular,
    "expected an invertible matrix; got 0 as pivot 1"
  ]
}

const messageOf = (call: () => unknown): string => (thrownBy(call) as Error).message

describe.each(Object.entries(failing))("%s of what has no result", (name, [f, bad, says]) => {
  const batch = t.stack([t.stack([regular, regular]), t.stack([regular, bad])])

  test("is an error with its pivot, evaluated and compiled", () => {
    expect(thrownBy(() => t.toArray(f(bad)))).toMatchObject({ name: "MatrixError", message: `${name}: ${says}` })
    expect(messageOf(() => t.compile((a: Tensor) => f(a))(bad))).toBe(`${name}: ${says}`)
  })

  test("says which matrix of the batch", () => {
    const expected = `${name}: ${says} in matrix [1, 1] of the batch`
    expect(messageOf(() => t.toArray(f(batch)))).toBe(expected)
    expect(messageOf(() => t.toArray(t.vmap(t.vmap((a: Tensor) => f(a)))(batch)))).toBe(expected)
  })

  test("is NaN of it alone, if so it shall be", () => {
    const options = { onFailure: "nan" } as const
    const [good, none] = [t.toTyped(f(regular, options)), t.toTyped(f(bad, options))]
    expect(none.every(Number.isNaN) && good.every(Number.isFinite)).toBe(true)
    const all = t.compile((a: Tensor) => f(a, options))(batch)
    expect([...t.toTyped(all)]).toEqual([...good, ...good, ...good, ...none])
  })

  test("is built without an error, which comes with the value", () => {
    expect(f(bad).shape).toEqual(f(regular).shape)
  })

  test("takes no other option", () => {
    const wrong = { onFailure: "zero" } as unknown as FailureOptions
    expect(messageOf(() => f(regular, wrong))).toContain('onFailure to be "throw" or "nan"; got "zero"')
    expect(messageOf(() => f(regular, { onfailure: "nan" } as FailureOptions))).toContain("did you mean")
  })
})

test("a derivative that does not exist names the operation that was differentiated", () => {
  const slope = (f: (x: Tensor) => Tensor, x: Tensor) => t.toArray(t.grad((y: Tensor) => t.sum(f(y)))(x))
  const says = "expected an invertible matrix; got 0 as pivot 1"
  expect(messageOf(() => slope(x => t.lu(x).upper, singular))).toBe(`lu: ${says}`)
  expect(messageOf(() => slope(x => t.qr(x).q, f64([[1, 0], [0, 0]])))).toBe(`qr: ${says}`) // prettier-ignore
  const twice = t.grad((x: Tensor) => t.sum(t.grad(t.determinant)(x)))
  expect(messageOf(() => t.toArray(twice(singular)))).toBe(`determinant: ${says}`)
})

describe("what is not finite is carried along", () => {
  const hole = f64([[1, NaN], [NaN, 2]]) // prettier-ignore
  const functions: Readonly<Record<string, (a: Tensor) => t.Tree>> = {
    cholesky: t.cholesky,
    qr: a => ({ ...t.qr(a) }),
    eigh: a => ({ ...t.eigh(a) }),
    svd: a => ({ ...t.svd(a) }),
    pinv: a => t.pinv(a),
    determinant: t.determinant,
    solve: a => t.solve(a, ones),
    expm: a => t.expm(a)
  }
  test.each(Object.entries(functions))("by %s, next to what is", (_, f) => {
    for (const leaf of t.Tree.leaves(f(t.stack([hole, regular])))) {
      const [first, second] = [t.toTyped(t.at(leaf, 0)), t.toTyped(t.at(leaf, 1))]
      expect([first.some(Number.isNaN), second.every(Number.isFinite)]).toEqual([true, true])
    }
  })
  test("and located", () => {
    const found = t.locate((x: Tensor) => t.cholesky(t.sqrt(t.sub(x, 1.5))))(regular)
    expect(found?.message).toContain("sqrt")
  })
})

test("what nobody reads of an empty batch fails no more than it is there", () => {
  expect(t.toArray(t.solve(t.zeros([0, 2, 2]), t.zeros([0, 2, 1])))).toEqual([])
  expect(t.solve(t.zeros([2, 2]), t.zeros([2, 0])).shape).toEqual([2, 0])
  expect(t.toArray(t.compile((a: Tensor, b: Tensor) => t.solve(a, b))(t.zeros([2, 2]), t.zeros([2, 0])))).toEqual([
    [],
    []
  ])
})

test("an exponential that takes more squarings than are granted is NaN, of that matrix alone", () => {
  const both = t.stack([t.eye(2, undefined, "f64"), t.mul(t.eye(2, undefined, "f64"), -700)])
  const [small, large] = [0, 1].map(i => t.at(t.expm(both, { maxSquarings: 2 }), i)) as [Tensor, Tensor]
  expect(t.toTyped(large).every(Number.isNaN)).toBe(true)
  expect(t.toArray(small)).toEqual(t.toArray(t.expm(t.at(both, 0), { maxSquarings: 0 })))
  expect(t.toTyped(t.expm(both)).every(Number.isFinite)).toBe(true)
})

test("an exponential makes no more squarings than any matrix needs", () => {
  const vast = t.mul(t.eye(2, undefined, "f64"), -1e308)
  expect(t.toArray(t.expm(vast, { maxSquarings: 1e9 }))).toEqual([[0, 0], [0, 0]]) // prettier-ignore
})
