import { columnOf, reflectBoth, reflectColumns, reflection, type Reflection } from "./householder.js"
import { multiply, negate, pointsBack, rotate, scaleOf, transposed } from "./scale.js"

const SHORTEST = 2 ** -480

/** `(A + Aᵀ)/2`, in place. */
const symmetrize = (a: Float64Array, n: number): void => {
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i] = a[i * n + j]! / 2 + a[j * n + i]! / 2
}

/** `A = Zᵀ·T·Z` with a tridiagonal `T`: its diagonal, what stands beside that, and `Z`. */
const tridiagonal = (a: Float64Array, n: number) => {
  const beside = new Float64Array(n)
  const z = new Float64Array(n * n)
  const reflections: Reflection[] = []
  for (let k = 0; k + 1 < n; k++) {
    const v = columnOf(a, n, k, k + 1)
    if (v.length === 1) beside[k] = v[0]!
    else {
      const own = reflection(v)
      beside[k] = own.first
      reflectBoth(a, n, own, k + 1)
      reflections.push(own)
    }
  }
  for (let i = 0; i < n; i++) z[i * n + i] = 1
  // Z = Hₖ·…·H₁, whose rows are those of the columns of H₁·…·Hₖ
  for (let k = reflections.length - 1; k >= 0; k--) reflectColumns(z, n, reflections[k]!, k + 1)
  return { diagonal: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!), beside, z }
}

/** One step of the implicit QR iteration, shifted by Wilkinson, on the block of `T` from `low` to `high`. */
const chase = (d: Float64Array, e: Float64Array, z: Float64Array, n: number, low: number, high: number): void => {
  const half = (d[high - 1]! - d[high]!) / 2
  const b = e[high - 1]!
  const root = Math.sqrt(half * half + b * b)
  let x = d[low]! - d[high]! + (b * b) / (half + (half < 0 ? -root : root))
  let y = e[low]!
  for (let k = low; k < high; k++) {
    const length = Math.sqrt(x * x + y * y)
    const [c, s] = length === 0 ? [1, 0] : [x / length, y / length]
    if (k > low) e[k - 1] = length
    const [p, q, r] = [d[k]!, d[k + 1]!, e[k]!]
    const shift = s * (s * (q - p) + 2 * c * r)
    d[k] = p + shift
    d[k + 1] = q - shift
    e[k] = c * s * (q - p) + (c - s) * (c + s) * r
    if (k + 1 < high) {
      x = e[k]!
      y = s * e[k + 1]!
      e[k + 1] = c * e[k + 1]!
    }
    rotate(z, n, k, k + 1, c, s)
  }
}

/** What is beside two elements of the diagonal, and is of the size of their rounding, or has squares that vanish. */
const isNegligible = (beside: number, p: number, q: number): boolean =>
  Math.abs(beside) <= Math.max((Number.EPSILON / 2) * (Math.abs(p) + Math.abs(q)), SHORTEST)

/** Makes `T` diagonal. Every eigenvalue takes about two steps; the limit is there for the sake of a proof only. */
const diagonalize = (d: Float64Array, e: Float64Array, z: Float64Array, n: number): void => {
  let high = n - 1
  for (let steps = 0; high > 0 && steps < 60 * n;) {
    let low = high
    while (low > 0 && !isNegligible(e[low - 1]!, d[low - 1]!, d[low]!)) low--
    if (low > 0) e[low - 1] = 0
    if (low === high) high--
    else {
      chase(d, e, z, n, low, high)
      steps++
    }
  }
}

/** `(A + Aᵀ)/2 = V·diag(λ)·Vᵀ`, by reflections to a tridiagonal matrix, and QR iterations of it. */
export const eigh = (a: Float64Array, n: number): readonly [values: Float64Array, vectors: Float64Array] => {
  const scale = scaleOf(a)
  symmetrize(multiply(a, scale), n)
  const { diagonal, beside, z } = tridiagonal(a, n)
  diagonalize(diagonal, beside, z, n)
  const order = Array.from(diagonal.keys()).sort((i, j) => diagonal[i]! - diagonal[j]!)
  const values = Float64Array.from(order, i => diagonal[i]! / scale)
  const vectors = new Float64Array(n * n)
  order.forEach((from, to) => {
    if (pointsBack(z, n, from)) negate(z, n, from)
    vectors.set(z.subarray(from * n, (from + 1) * n), to * n)
  })
  return [values, transposed(vectors, n, n)]
}
