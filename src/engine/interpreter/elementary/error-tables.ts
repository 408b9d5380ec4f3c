import { exponential, halfPi, iterate, ONE, squareRoot, times } from "./fixed.js"
import { table } from "./tables.js"

/** erf has so many steps in a unit; from 6 on it is 1. */
export const [STEPS, END] = [32, 6]
const SQUARE = BigInt(STEPS * STEPS)

/** `2/√π·e^(-(i/32)²)`. From one to the next, the ratio of neighbours falls by `e^(-2/32²)`. */
const slopesOf = (): readonly bigint[] => {
  const fall = exponential(-ONE / SQUARE)
  return iterate<readonly [slope: bigint, ratio: bigint]>(
    STEPS * END + 1,
    [squareRoot((2n * ONE * ONE) / halfPi(128)), fall],
    ([slope, ratio]) => [times(slope, ratio), times(ratio, times(fall, fall))]
  ).map(([slope]) => slope)
}

/** `erf((i + 1)/32) - erf(i/32)`, by Taylor's series. */
const increase = (slope: bigint, i: bigint): bigint => {
  let sum = 0n
  for (let n = 1n, before = 0n, term = slope / BigInt(STEPS); term !== 0n || before !== 0n; n++) {
    sum += term
    const next = (-2n * (i * n * term + (n - 1n) * before)) / (SQUARE * n * (n + 1n))
    before = term
    term = next
  }
  return sum
}

const make = () => {
  const slopes = slopesOf()
  const increases = slopes.map((slope, i) => increase(slope, BigInt(i)))
  const values = iterate(slopes.length, 0n, (erf, n) => erf + increases[Number(n) - 1]!)
  const [slopeHigh, slopeLow] = table(slopes, 24)
  const [erfHigh, erfLow] = table(values)
  return { slopeHigh, slopeLow, erfHigh, erfLow }
}

let made: ReturnType<typeof make> | undefined

/** The slope of erf and erf at `i/32`, computed (in some milliseconds) when first needed; 24 bits times the high parts of the slope are exact. */
export const errorTables = (): ReturnType<typeof make> => (made ??= make())
