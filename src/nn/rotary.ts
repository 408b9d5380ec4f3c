import { add, div, mul, pow, sub } from "../dataflow/arithmetic.js"
import { checkOptions, checkTensor } from "../dataflow/check.js"
import { concat } from "../dataflow/concat.js"
import { cast, requireFloat } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { arange } from "../dataflow/sequence.js"
import { sameShape } from "../dataflow/shape.js"
import { split } from "../dataflow/slice.js"
import { expandDims } from "../dataflow/structure.js"
import { cos, sin } from "../dataflow/transcendental.js"
import { showType } from "../dataflow/type.js"
import { checkNumber, positive } from "../options/range.js"
import { requireIntegers } from "./labels.js"

/** How fast rotary positions turn, and where they begin. */
export interface RotaryOptions {
  /** The base of the frequencies, a number > 0. Default 10 000. */
  readonly base?: number
  /** The number of each place, integers `[places]`. Default 0, 1, …. */
  readonly places?: Tensor
}

/**
 * The angles of places, `[places, pairs]` in f64: the i-th of `pairs` turns by `base^(-i / pairs)` from place to place. In f64,
 * since an f32 at place 10 000 is off by a thousandth.
 */
export const anglesOf = (places: Tensor, pairs: number, base: number): Tensor => {
  const frequencies = pow(base, div(arange(pairs, { dtype: "f64" }), -Math.max(1, pairs)))
  return mul(expandDims(cast(places, "f64"), -1), frequencies)
}

/** The numbers of places, or an error. */
const checkPlaces = (places: Tensor, count: number): Tensor => {
  const given = requireIntegers("rotary", checkTensor("rotary", places, "places as a tensor"), "places")
  return sameShape(given.shape, [count]) ? given : fail("ShapeError", "rotary", `places [${count}]`, showType(given))
}

/**
 * Turns pairs of features by angles that grow with the place, so that the product of two vectors depends on how far apart they
 * are: `[a, b] ↦ [a·cos θ - b·sin θ, b·cos θ + a·sin θ]`, `θ = place · base^(-2i / size)`, for `x = [a, b]` of two halves.
 *
 * Shapes do not change: `[…, places, size]`, `size` even, else a `ShapeError`. Options: `base > 0` (default 10 000), else a
 * `HyperparameterError`; `places`, `i32` or `u32`, else a `DTypeError`, `[places]`, else a `ShapeError` (default from 0).
 *
 * Law: the product of a query and a key that are turned depends on the difference of their places only.
 * Source: Su et al. 2021, "RoFormer", arXiv 2104.09864, equation 34. There neighbours are pairs; here, as in GPT-NeoX and in the
 * weights of Llama that Hugging Face has, feature `i` and feature `i + size/2`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { rotary } from "thalweg/nn"
 *
 * const turned = toArray(rotary(tensor([[1, 0], [1, 0]]))) // by 0, and by 1
 * assert.deepStrictEqual(turned, [[1, 0], [Math.cos(1), Math.sin(1)].map(Math.fround)])
 */
export const rotary = (x: Tensor, options: RotaryOptions = {}): Tensor => {
  const { base = 10_000, places } = checkOptions("rotary", options, ["base", "places"])
  checkNumber("rotary", "base", positive, base)
  const [count, size] = requireFloat("rotary", x).shape.slice(-2)
  if (count === undefined || size === undefined || size % 2 !== 0)
    return fail("ShapeError", "rotary", "vectors […, places, size] of even size", showType(x))
  const angles = anglesOf(
    places === undefined ? arange(count, { dtype: "i32" }) : checkPlaces(places, count),
    size / 2,
    base
  )
  const [c, s] = [cast(cos(angles), x.dtype), cast(sin(angles), x.dtype)]
  const [a, b] = split(x, [size / 2, size / 2], -1) as [Tensor, Tensor]
  return concat([sub(mul(a, c), mul(b, s)), add(mul(b, c), mul(a, s))], -1)
}
