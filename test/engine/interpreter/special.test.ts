import { describe, expect, test } from "vitest"
import { add, arange, div, erf, erfInv, mul, neg, pow, round, sigmoid, sub, toArray, toTyped } from "thalweg"
import { f32, f64, relativeError } from "../../dataflow/values.js"

/** A relative error of between four and five units in the last place of f64. */
const TOLERANCE = 1e-15

/** Correctly rounded (computed with 40 digits). */
const erfs: readonly (readonly [x: number, y: number])[] = [
  [1e-300, 1.1283791670955126e-300],
  [1e-20, 1.1283791670955125e-20],
  [0.001, 0.0011283787909692365],
  [0.1, 0.1124629160182849],
  [0.5, 0.5204998778130465],
  [0.84375, 0.7672256612323416],
  [1, 0.8427007929497149],
  [1.5, 0.9661051464753108],
  [2, 0.9953222650189527],
  [2.4, 0.999311486103355],
  [2.4999999999999996, 0.999593047982555],
  [2.5, 0.999593047982555],
  [2.51, 0.9996142945182758],
  [3, 0.9999779095030014],
  [4, 0.9999999845827421],
  [5, 0.9999999999984626],
  [5.9, 0.9999999999999999],
  [6, 1],
  [Infinity, 1]
]

const erfInverses: readonly (readonly [y: number, x: number])[] = [
  [1e-300, 8.86226925452758e-301],
  [1e-11, 8.86226925452758e-12],
  [1e-9, 8.86226925452758e-10],
  [1e-5, 8.862269254759594e-6],
  [0.1, 0.08885599049425769],
  [0.4, 0.37080715859355795],
  [0.499, 0.47582428088309237],
  [0.501, 0.4780494522745675],
  [0.7, 0.7328690779592167],
  [0.8, 0.9061938024368233],
  [0.85, 1.0179024648320276],
  [0.9, 1.1630871536766743],
  [0.95, 1.3859038243496777],
  [0.99, 1.8213863677184494],
  [0.9995, 2.461266457171732],
  [0.9999, 2.75106390571208],
  [1 - 2 ** -20, 3.465505025803331],
  [1 - 2 ** -30, 4.328028275800946],
  [1 - 2 ** -40, 5.05125408524939],
  [1 - 2 ** -50, 5.686128441310391],
  [1 - 2 ** -53, 5.8635847487551676],
  [1, Infinity]
]

describe("erf and its inverse are right to 1e-15 over their ranges, and odd", () => {
  test.each([
    ["erf", erf, erfs],
    ["erfInv", erfInv, erfInverses]
  ] as const)("%s", (_, f, known) => {
    const [x, y] = [f64(known.map(([x]) => x)), known.map(([, y]) => y)]
    expect(relativeError(toTyped(f(x)), y)).toBeLessThanOrEqual(TOLERANCE)
    expect(toArray(f(neg(x)))).toEqual(toArray(neg(f(x))))
  })

  test("they keep the sign of zero, and refuse what they cannot map", () => {
    expect(toArray(erf(f64([0, -0, NaN])))).toEqual([0, -0, NaN])
    expect(toArray(erfInv(f64([0, -0, NaN, 1.5, -1.5, Infinity])))).toEqual([0, -0, NaN, NaN, NaN, NaN])
  })

  test("they undo each other", () => {
    const y = sub(div(arange(1999, { dtype: "f64" }), 1000), 0.999)
    expect(relativeError(toTyped(erf(erfInv(y))), Array.from(toTyped(y)))).toBeLessThanOrEqual(2 * TOLERANCE)
  })

  test.each([2 ** -30, 0.5 / 32, 48.5 / 32, 80.5 / 32])(
    "erf falls by a rounding at most where the formula changes: %d",
    x => {
      const values = toTyped(erf(mul(x, add(1, mul(sub(arange(2001, { dtype: "f64" }), 1000), 2 ** -52)))))
      expect(values.every((value, i) => i === 0 || value - (values[i - 1] ?? 0) >= -(2 ** -52) * value)).toBe(true)
    }
  )
})

describe("pow is that of IEEE 754, where JavaScript has NaN", () => {
  test.each<[base: number, exponent: number, power: number]>([
    [1, NaN, 1],
    [1, Infinity, 1],
    [1, -Infinity, 1],
    [-1, Infinity, 1],
    [-1, -Infinity, 1],
    [-1, NaN, NaN],
    [NaN, 0, 1],
    [NaN, -0, 1],
    [NaN, 1, NaN],
    [0, 0, 1],
    [0, -1, Infinity],
    [-0, -1, -Infinity],
    [-0, -3, -Infinity],
    [-0, -2, Infinity],
    [-0, 3, -0],
    [-0, 2, 0],
    [0, -Infinity, Infinity],
    [-8, 1 / 3, NaN],
    [-2, 3, -8],
    [-2, -1, -0.5],
    [-Infinity, 3, -Infinity],
    [-Infinity, 2, Infinity],
    [-Infinity, -1, -0],
    [-Infinity, 0.5, Infinity],
    [Infinity, -1, 0],
    [0.5, Infinity, 0],
    [0.5, -Infinity, Infinity],
    [-2, Infinity, Infinity],
    [-0.5, Infinity, 0],
    [2, -1074, 2 ** -1074],
    [2, 1024, Infinity],
    [10, 308, 1e308]
  ])("%d to the power %d is %d", (base, exponent, power) => {
    expect(toArray(pow(f64([base]), f64([exponent])))).toEqual([power])
    expect(toArray(pow(f32([base]), exponent))).toEqual([Math.fround(power)])
  })
})

describe("round takes halves to the even number and keeps the sign of zero", () => {
  test.each<[x: number, rounded: number]>([
    [0.5, 0],
    [-0.5, -0],
    [1.5, 2],
    [-1.5, -2],
    [2.5, 2],
    [-2.5, -2],
    [3.5, 4],
    [-3.5, -4],
    [0.3, 0],
    [-0.3, -0],
    [-0, -0],
    [0.7, 1],
    [-0.7, -1],
    [0.49999999999999994, 0],
    [-0.49999999999999994, -0],
    [1.4999999999999998, 1],
    [2.5000000000000004, 3],
    [2 ** 51 + 0.5, 2 ** 51],
    [-(2 ** 51 + 1.5), -(2 ** 51 + 2)],
    [2 ** 52 - 0.5, 2 ** 52],
    [2 ** 53 - 1, 2 ** 53 - 1],
    [-1e300, -1e300],
    [Infinity, Infinity],
    [-Infinity, -Infinity],
    [NaN, NaN],
    [5e-324, 0],
    [-5e-324, -0]
  ])("%d to %d", (x, rounded) => {
    expect(toArray(round(f64([x])))).toEqual([rounded])
  })
})

describe("sigmoid neither overflows nor loses its tails", () => {
  test.each<[x: number, y: number]>([
    [0, 0.5],
    [-0, 0.5],
    [-745, 5e-324],
    [-746, 0],
    [-Infinity, 0],
    [Infinity, 1],
    [1000, 1],
    [40, 1],
    [-40, 4.248354255291589e-18],
    [-100, 3.720075976020836e-44],
    [NaN, NaN]
  ])("of %d", (x, y) => {
    expect(relativeError(toTyped(sigmoid(f64([x]))), [y])).toBeLessThanOrEqual(TOLERANCE)
  })

  test("of f32 to its lowest value", () => {
    expect(toArray(sigmoid(f32([-103, -104, 17, 18])))).toEqual([2 ** -149, 0, 1 - 2 ** -24, 1])
  })
})
