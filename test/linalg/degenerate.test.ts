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

const pair = t.eye(2, undefined, "f64")
const mixing = f64([[0, 1], [1, 0]]) // prettier-ignore
const three = f64([[1, 0, 0], [0, 1, 0], [0, 0, 3]]) // prettier-ignore

/** Directions at matrices with equal values, by whether they mix these: then what depends on the vectors has no derivative. */
const directions: readonly (readonly [name: string, mixes: boolean, a: Tensor, along: Tensor])[] = [
  ["at the identity, in a direction that mixes equal values", true, pair, mixing],
  ["at the identity, along itself", false, pair, pair],
  ["at the identity, along the diagonal", false, pair, f64([[1, 0], [0, 2]])], // prettier-ignore
  ["at two equal values of three, in a direction that mixes these", true, three, f64([[0, 1, 0], [1, 0, 0], [0, 0, 0]])], // prettier-ignore
  ["at two equal values of three, in a direction that mixes all", true, three, t.ones([3, 3], "f64")],
  ["at two equal values of three, in a direction that mixes others", false, three, f64([[0, 0, 1], [0, 0, 0], [1, 0, 0]])] // prettier-ignore
]

const polar = (x: Tensor): Tensor => {
  const { u, v } = t.svd(x)
  return t.matmul(u, flip(v))
}
const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  "a root by eigh": x => {
    const { values, vectors } = t.eigh(x)
    return t.matmul(t.mul(vectors, t.sqrt(values)), flip(vectors))
  },
  "a root by svd": x => {
    const { u, s, v } = t.svd(x)
    return t.matmul(t.mul(u, t.sqrt(s)), flip(v))
  },
  "a gradient by eigenvalues alone": t.grad((x: Tensor) => t.sum(t.exp(t.eigh(x).values))),
  "a gradient by singular values alone": t.grad((x: Tensor) => t.sum(t.exp(t.svd(x).s)))
}
/** By central differences of fourth order. */
const differences = (f: (x: Tensor) => Tensor, a: Tensor, along: Tensor): Tensor => {
  const at = (h: number): Tensor => f(t.add(a, t.mul(along, h)))
  const [near, far] = [t.sub(at(1e-3), at(-1e-3)), t.sub(at(2e-3), at(-2e-3))]
  return t.div(t.sub(t.mul(near, 8), far), 12e-3)
}
const isNone = (x: Tensor): boolean => t.toTyped(x).every(Number.isNaN)

describe.each(Object.entries(functions))("forward, the derivative of %s", (_, f) => {
  test.each(directions)("%s", (__, mixes, a, along) => {
    const pushed = t.jvp(f)(a, along)[1]
    const inLoop = t.scan((carry: readonly Tensor[], x: Tensor) => [carry, t.jvp(f)(a, x)[1]] as const, [], t.stack([along])) // prettier-ignore
    expect(t.toArray(t.compile((x: Tensor) => t.jvp(f)(x, along)[1])(a))).toEqual(t.toArray(pushed))
    expect(t.toArray(inLoop[1])).toEqual([t.toArray(pushed)])
    if (mixes) expect(t.toTyped(pushed).some(Number.isNaN)).toBe(true)
    else near(pushed, differences(f, a, along), 1e-9)
  })
})

describe("what depends on the vectors of equal values has no derivative, forward", () => {
  test.each(Object.entries(functions))("%s", (_, f) => {
    expect(isNone(t.jvp(f)(pair, mixing)[1])).toBe(true)
    expect(isNone(t.grad((x: Tensor) => t.sum(t.mul(f(x), mixing)))(pair))).toBe(true)
  })
  test("but those of others have", () => {
    const third = (x: Tensor): Tensor => t.sliceAxis(t.eigh(x).vectors, -1, 2, 3)
    const pushed = t.jvp(third)(three, t.ones([3, 3], "f64"))[1]
    near(pushed, f64([[0.5], [0.5], [0]]))
    const pulled = t.grad((x: Tensor) => t.sum(t.mul(third(x), f64([[1], [2], [3]]))))(three)
    near(t.sum(pulled), t.sum(t.mul(pushed, f64([[1], [2], [3]]))))
  })
  test("values have, and only those of another in a batch", () => {
    const f = (x: Tensor): Tensor => t.sum(t.exp(t.eigh(x).values))
    const along = t.ones([2, 2], "f64")
    near(t.jvp(f)(pair, along)[1], t.scalar(2 * Math.E, "f64"))
    const other = f64([[1, 2], [2, 5]]) // prettier-ignore
    const products = t.vmap((x: Tensor) => t.hvp(f)(x, along))(t.stack([pair, other]))
    expect(isNone(t.sliceAxis(products, 0, 0, 1))).toBe(true)
    near(t.reshape(t.sliceAxis(products, 0, 1, 2), [2, 2]), differences(t.grad(f), other, along), 1e-8)
  })
  test("a polar factor turns with the matrix, and has none by what stretches it", () => {
    const turning = f64([[0, 1], [-1, 0]]) // prettier-ignore
    near(t.jvp(polar)(pair, turning)[1], turning)
    expect(isNone(t.jvp(polar)(pair, mixing)[1])).toBe(true)
    near(t.jvp(polar)(pair, f64([[1, 0], [0, 2]]))[1], t.zeros([2, 2], "f64")) // prettier-ignore
  })
  test("nor those of singular values of 0", () => {
    const a = f64([[1, 0], [0, 0], [0, 0]]) // prettier-ignore
    const along = f64([[0, 0], [0, 0], [0, 1]]) // prettier-ignore
    const column = (x: Tensor): Tensor => t.sliceAxis(t.svd(x).u, -1, 1, 2)
    expect(t.toTyped(t.jvp(column)(a, along)[1]).some(Number.isNaN)).toBe(true)
    expect(isNone(t.hvp((x: Tensor) => t.sum(t.square(t.svd(x).s)))(t.zeros([3, 2], "f64"), t.ones([3, 2], "f64")))).toBe(true) // prettier-ignore
  })
})

test.each(["eigh", "svd"] as const)("at equal values of %s a Hessian says what its products say", fn => {
  const f = (x: Tensor): Tensor => t.sum(t.exp(fn === "eigh" ? t.eigh(x).values : t.svd(x).s))
  for (const a of [pair, three]) {
    const n = a.shape[0] ?? 0
    const rows = t.reshape(t.hessian(f)(a), [n * n, n, n])
    for (let i = 0; i < n * n; i++) {
      const along = t.reshape(t.sliceAxis(t.eye(n * n, undefined, "f64"), 0, i, i + 1), [n, n])
      const [row, product] = [t.reshape(t.sliceAxis(rows, 0, i, i + 1), [n, n]), t.hvp(f)(a, along)]
      if (t.toTyped(row).some(Number.isNaN)) expect(t.toTyped(product).some(Number.isNaN)).toBe(true)
      else {
        near(product, row)
        near(row, differences(t.grad(f), a, along), 1e-9)
      }
    }
  }
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
