import { expect } from "vitest"
import { arange, tensor, toArray, toTyped } from "thalweg"

/** A data set whose rows say their index: `x[i] = [i, -i]`, `y[i] = i`, and a nested mask. */
export const numbered = (n: number) => ({
  x: tensor(Array.from({ length: n }, (_, i) => [i, -i]), { shape: [n, 2] }), // prettier-ignore
  y: arange(n),
  more: [
    tensor(
      Array.from({ length: n }, (_, i) => i % 2 === 0),
      { dtype: "bool" }
    )
  ] as const
})
export type Numbered = ReturnType<typeof numbered>

/** Which examples a part holds, in its order; each leaf must tell the same. */
export const indices = ({ x, y, more }: Numbered): readonly number[] => {
  const found = [...toTyped(y)]
  expect(toArray(x)).toEqual(found.map(i => [i, -i || -0]))
  expect(toArray(more[0])).toEqual(found.map(i => i % 2 === 0))
  return found
}

export const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i)
export const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b)
