import { evaluate, ThalwegError, toTyped, Tree, type Tensor } from "thalweg"

/**
 * What a law claims of its two sides, besides the same structure, shapes and dtypes: `exact`, within some units in the
 * last place, or within a relative tolerance.
 */
export type Equality =
  | { readonly kind: "exact" }
  | { readonly kind: "ulps"; readonly distance: number }
  | { readonly kind: "relative"; readonly tolerance: number; readonly floor: number }

/**
 * Claims the same bits. `+0` and `-0` differ; a NaN equals a NaN of any payload, which JavaScript does not keep.
 *
 * It is claimed where both sides round the same operations in the same order.
 */
export const exact: Equality = { kind: "exact" }

/** What asks compiled functions for the bits of `evaluate` on every host. */
export const unfused = { fusedMultiplyAdd: false } as const

/**
 * Claims that floats lie at most `distance` representable numbers apart; `+0` and `-0` are one number, other dtypes are
 * compared exactly. `ulps(0)` claims the same numbers: it is for laws that lose nothing but the sign of a zero.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor } from "thalweg"
 * import { difference, ulps } from "thalweg/laws"
 *
 * assert.strictEqual(difference(ulps(0), tensor([0]), tensor([-0])), undefined)
 * assert.strictEqual(difference(ulps(1), tensor([1]), tensor([1 + 2 ** -23])), undefined)
 */
export const ulps = (distance: number): Equality => ({ kind: "ulps", distance })

/**
 * Claims `|a - b| ≤ tolerance · max(|a|, |b|, floor)` for every two floats; other dtypes are compared exactly.
 *
 * For laws that hold over the reals: the tolerance is the rounding that is granted. The `floor` (default 0) is the size
 * below which a value is the rest of a cancellation, so that the error counts as absolute.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor } from "thalweg"
 * import { difference, relative } from "thalweg/laws"
 *
 * assert.strictEqual(difference(relative(1e-3), tensor([1]), tensor([1.0005])), undefined)
 * assert.strictEqual(difference(relative(1e-3), tensor([1e-9]), tensor([0])), "at [0]: 9.999999717180685e-10 and 0")
 */
export const relative = (tolerance: number, floor = 0): Equality => ({ kind: "relative", tolerance, floor })

/** Some roundings in f64 of what is of size 1. */
export const rounded = relative(1e-12, 1)
/** As `rounded`, where roundings are amplified: by bias corrections, quotients, or parameters that act on later steps. */
export const amplified = relative(1e-9, 1)
/** Generously equal: what is refuted up to this is not off by rounding. */
export const roughly = relative(1e-3, 1)

const bits32 = (x: number): bigint => BigInt(new Int32Array(Float32Array.of(x).buffer)[0] ?? 0)
const bits64 = (x: number): bigint => new BigInt64Array(Float64Array.of(x).buffer)[0] ?? 0n

/** The place of a float among all floats of its width; both zeros are at 0. */
const place = (x: number, dtype: Tensor["dtype"]): bigint => {
  const [bits, lowest] = dtype === "f32" ? [bits32(x), -(2n ** 31n)] : [bits64(x), -(2n ** 63n)]
  return bits < 0n ? lowest - bits : bits
}

type Agrees = (a: number, b: number, dtype: Tensor["dtype"]) => boolean

const closeness = (equality: Exclude<Equality, { readonly kind: "exact" }>): Agrees => {
  if (equality.kind === "relative")
    return (a, b) => {
      const scale = Math.max(Math.abs(a), Math.abs(b), equality.floor)
      return Number.isFinite(scale) && Math.abs(a - b) <= equality.tolerance * scale
    }
  return (a, b, dtype) => {
    const apart = place(a, dtype) - place(b, dtype)
    return (apart < 0n ? -apart : apart) <= BigInt(equality.distance)
  }
}

const agreement = (equality: Equality): Agrees => {
  if (equality.kind === "exact") return Object.is
  const close = closeness(equality)
  const isFloat = (dtype: Tensor["dtype"]): boolean => dtype === "f32" || dtype === "f64"
  return (a, b, dtype) =>
    a === b || (isFloat(dtype) && (Number.isNaN(a) || Number.isNaN(b) ? Object.is(a, b) : close(a, b, dtype)))
}

const typeOf = (t: Tensor): string => `${t.dtype}[${t.shape.join(", ")}]`
const show = (x: number): string => (Object.is(x, -0) ? "-0" : String(x))

const leafDifference = (agrees: Agrees, a: Tensor, b: Tensor, path: string): string | undefined => {
  if (typeOf(a) !== typeOf(b)) return `at ${path === "" ? "(root)" : path}: ${typeOf(a)} and ${typeOf(b)}`
  const [left, right] = [toTyped(a), toTyped(b)]
  const found = left.findIndex((x, i) => !agrees(x, right[i] ?? NaN, a.dtype))
  return found < 0 ? undefined : `at ${path}[${found}]: ${show(left[found] ?? NaN)} and ${show(right[found] ?? NaN)}`
}

const structureDifference = (a: Tree, b: Tree): string | undefined => {
  try {
    Tree.requireSameStructure("structure", a, b)
    return undefined
  } catch (error) {
    if (error instanceof ThalwegError) return error.message
    throw error
  }
}

/**
 * Says where two trees first differ under an equality: a structure, a shape or dtype, or a row-major index; `undefined`
 * where they agree. Both trees are evaluated, together.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor } from "thalweg"
 * import { difference, exact } from "thalweg/laws"
 *
 * const [a, b] = [{ w: tensor([1, 2]) }, { w: tensor([1, 3]) }]
 * assert.strictEqual(difference(exact, a, a), undefined)
 * assert.strictEqual(difference(exact, a, b), "at w[1]: 2 and 3")
 */
export const difference = (equality: Equality, a: Tree, b: Tree): string | undefined => {
  const structure = structureDifference(a, b)
  if (structure !== undefined) return structure
  const [left, right] = evaluate([a, b] as const)
  const others = Tree.leaves(right)
  const names = Tree.paths(left)
  const agrees = agreement(equality)
  const found = Tree.leaves(left).map((t, i) => leafDifference(agrees, t, others[i] ?? t, names[i] ?? ""))
  return found.find(text => text !== undefined)
}
