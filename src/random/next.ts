/** How numbers of the two float dtypes are rounded, and what the least of them is. */
const floats = {
  f32: { round: Math.fround, epsilon: 2 ** -23, smallest: 2 ** -149 },
  f64: { round: Number, epsilon: 2 ** -52, smallest: 2 ** -1074 }
} as const

type Float = keyof typeof floats

/** The number of the dtype that is nearest to `x`. */
export const round = (dtype: Float, x: number): number => floats[dtype].round(x)

/** The value next to `x` above (`1`) or below (`-1`) it: `x` and less than 1.5 of its last digit, rounded. */
export const next = (dtype: Float, x: number, direction: 1 | -1): number => {
  const { round, epsilon, smallest } = floats[dtype]
  return round(round(x) + direction * Math.max(0.625 * epsilon * Math.abs(x), smallest))
}
