import * as t from "thalweg"
import type { Tensor } from "thalweg"
import { describe, expect, test } from "vitest"
import { errorOf } from "../autodiff/differences.js"

const f64 = (values: Parameters<typeof t.tensor>[0]): Tensor => t.tensor(values, { dtype: "f64" })
const flip = (x: Tensor): Tensor => t.swapAxes(x, -1, -2)
const near = (a: Tensor, b: Tensor, tolerance = 1e-13): void =>
  expect(errorOf(t.toTyped(a), t.toTyped(b))).toBeLessThan(tolerance)

/** An orthogonal matrix without zeros. */
const turn = (n: number): Tensor => t.qr(t.sin(t.reshape(t.mul(t.iota([n * n], 0, "f64"), 1.3), [n, n]))).q

const withValues = (values: readonly number[]): Tensor => {
  const v = turn(values.length)
  return t.evaluate(t.matmul(t.mul(v, f64(values)), flip(v)))
}

const matrices: Readonly<Record<string, Tensor>> = {
  "the identity": t.eye(4, undefined, "f64"),
  "some equal": withValues([2, 2, 2, 5]),
  "equal but for rounding": withValues([1, 1 + 1e-15, 1 + 2e-15, 3]),
  zero: t.zeros([3, 3], "f64"),
  "of rank 1": t.ones([5, 5], "f64"),
  graded: withValues([1e-14, 1e-7, 1, 1e7]),
  "one by one": f64([[-3]]),
  "already diagonal": f64([[3, 0, 0], [0, -1, 0], [0, 0, 3]]) // prettier-ignore
}

describe.each(Object.entries(matrices))("a symmetric matrix, %s,", (_, a) => {
  const n = a.shape[0] ?? 0
  const one = t.eye(n, undefined, "f64")
  const size = Math.max(1, t.item(t.norm(a)))

  test("has orthonormal eigenvectors that put it together", () => {
    const { values, vectors } = t.eigh(a)
    near(t.matmul(flip(vectors), vectors), one)
    near(t.div(t.matmul(t.mul(vectors, values), flip(vectors)), size), t.div(a, size))
    near(values, t.sort(values), 0 + Number.MIN_VALUE)
  })
  test("has orthonormal singular vectors that put it together", () => {
    const { u, s, v } = t.svd(a)
    near(t.matmul(flip(u), u), one)
    near(t.matmul(flip(v), v), one)
    near(t.div(t.matmul(t.mul(u, s), flip(v)), size), t.div(a, size))
  })
  test("has derivatives by what treats equal values alike", () => {
    const power = (x: Tensor): Tensor => t.sum(t.pow(t.eigh(x).values, 2))
    near(t.div(t.grad(power)(a), size), t.div(t.mul(a, 2), size))
    const squares = (x: Tensor): Tensor => t.sum(t.square(t.svd(x).s))
    near(t.div(t.grad(squares)(a), size), t.div(t.mul(a, 2), size))
  })
})

describe("what depends on the vectors of equal values has no derivative, and does not look as if it had", () => {
  const one = t.eye(2, undefined, "f64")
  const finite = (f: (x: Tensor) => Tensor): boolean =>
    t.toTyped(t.grad((x: Tensor) => t.sum(f(x)))(one)).every(Number.isFinite)
  test("by eigh and svd", () => {
    expect(finite(x => t.mul(t.eigh(x).vectors, f64([[1, 2], [3, 4]])))).toBe(false) // prettier-ignore
    expect(finite(x => t.mul(t.svd(x).u, f64([[1, 2], [3, 4]])))).toBe(false) // prettier-ignore
    expect(finite(x => t.mul(t.svd(x).v, f64([[1, 2], [3, 4]])))).toBe(false) // prettier-ignore
  })
  test("even if it is put together again", () => {
    expect(
      finite(x => {
        const { values, vectors } = t.eigh(x)
        return t.mul(t.matmul(t.mul(vectors, values), flip(vectors)), f64([[0, 1], [1, 0]])) // prettier-ignore
      })
    ).toBe(false)
  })
})

test("of a matrix without full rank, singular vectors beyond the rank are orthonormal too", () => {
  const a = t.matmul(f64([[1], [2], [3], [4]]), f64([[1, -1, 2]]))
  for (const x of [a, flip(a)]) {
    const { u, s, v } = t.svd(x)
    near(t.matmul(flip(u), u), t.eye(3, undefined, "f64"))
    near(t.matmul(flip(v), v), t.eye(3, undefined, "f64"))
    near(t.matmul(t.mul(u, s), flip(v)), x)
  }
})

test("sizes near the ends of the dtype come through", () => {
  const a = f64([[2, 1], [1, 3]]) // prettier-ignore
  for (const scale of [2 ** 1000, 2 ** -1000, 2 ** -1060]) {
    const scaled = t.mul(a, scale)
    expect(t.toArray(t.eigh(scaled).values)).toEqual(t.toArray(t.mul(t.eigh(a).values, scale)))
    expect(t.toArray(t.svd(scaled).s)).toEqual(t.toArray(t.mul(t.svd(a).s, scale)))
    expect(t.toArray(t.qr(scaled).r)).toEqual(t.toArray(t.mul(t.qr(a).r, scale)))
  }
})

describe("signs are settled", () => {
  const a = f64([[1, 2, 0.5], [-3, 1, 2], [0.1, 4, -1]]) // prettier-ignore
  test("the diagonal of R is not negative", () => {
    expect(t.toTyped(t.diagonal(t.qr(a).r)).every(x => x > 0)).toBe(true)
    near(t.qr(t.neg(a)).r, t.qr(a).r)
  })
  test("vectors point to the first component that is large", () => {
    for (const vectors of [t.eigh(a).vectors, t.svd(a).u]) {
      const columns = t.toArray(flip(vectors)) as readonly (readonly number[])[]
      for (const column of columns) {
        const most = Math.max(...column.map(Math.abs))
        expect(column.find(x => 2 * Math.abs(x) >= most)).toBeGreaterThan(0)
      }
    }
  })
})

test("matrices of some size", () => {
  const n = 60
  const a = t.reshape(t.sin(t.mul(t.iota([n * n], 0, "f64"), 0.731)), [n, n])
  const { values, vectors } = t.eigh(a)
  near(t.matmul(t.mul(vectors, values), flip(vectors)), t.mul(t.add(a, flip(a)), 0.5), 1e-12)
  const { u, s, v } = t.svd(a)
  near(t.matmul(t.mul(u, s), flip(v)), a, 1e-12)
  const { q, r } = t.qr(a)
  near(t.matmul(q, r), a, 1e-12)
})

test("single precision is that of f64, rounded once", () => {
  const a = t.tensor([[2, 1, 0.3], [1, 3, 0.7], [0.3, 0.7, 4]]) // prettier-ignore
  const wide = t.cast(a, "f64")
  const f: (x: Tensor) => t.Tree = x => [t.cholesky(x), { ...t.qr(x) }, { ...t.eigh(x) }, { ...t.svd(x) }, t.expm(x)]
  const rounded = t.Tree.map((x: Tensor) => t.cast(x, "f32"))(f(wide))
  expect(t.Tree.leaves(f(a)).map(x => t.toArray(x))).toEqual(t.Tree.leaves(rounded).map(x => t.toArray(x)))
})
