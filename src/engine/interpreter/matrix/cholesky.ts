import type { Flaw } from "./flaw.js"

const notDefinite = (pivot: number, value: number): Flaw => ({
  expected: "a positive definite matrix",
  received: `${value} as pivot ${pivot}`
})

/** `(A + Aᵀ)/2 = L·Lᵀ`, row by row (Cholesky–Banachiewicz). */
export const cholesky = (a: Float64Array, n: number): readonly Float64Array[] | Flaw => {
  const l = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let rest = a[i * n + j]! / 2 + a[j * n + i]! / 2
      for (let k = 0; k < j; k++) rest -= l[i * n + k]! * l[j * n + k]!
      if (j < i) l[i * n + j] = rest / l[j * n + j]!
      else if (rest > 0) l[i * n + i] = Math.sqrt(rest)
      else return notDefinite(i, rest)
    }
  return [l]
}
