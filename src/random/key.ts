import { describeValue } from "../dataflow/describe.js"
import { iota } from "../dataflow/sequence.js"
import { lift, tensor } from "../dataflow/create.js"
import { cast } from "../dataflow/elementwise.js"
import { xor } from "../dataflow/logic.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { checkShape, range, showShape, sizeOf, type Shape } from "../dataflow/shape.js"
import { at } from "../dataflow/indexing.js"
import * as shapes from "../dataflow/rules.js"
import { reshape } from "../dataflow/structure.js"
import { apply, isTensor } from "../dataflow/tensor.js"

/**
 * The blocks of Threefry-2x32 of some counters: two words each, along a new last axis. What is no key is left to the
 * primitive's rule (a number, which only untyped code can pass, too).
 */
const blocks = (operation: string, key: Tensor, counter: Tensor): Tensor =>
  apply(shapes.threefry, { kind: "threefry" }, [checkKey(operation, key), counter])

/** A key; a number is told how to become one. */
const checkKey = (operation: string, key: Tensor): Tensor => {
  if (isTensor(key)) return key
  const given = typeof key === "number" ? `${String(key)} (write key(${String(key)}))` : describeValue(key)
  return fail("KeyError", operation, "a key, two u32 words that key, split or foldIn made", given)
}

/** The first and the second word of the block of every element's row-major index. */
export const words = (operation: string, key: Tensor, shape: Shape): readonly [Tensor, Tensor] => {
  const counter = iota([sizeOf(checkShape(operation, shape))], 0, "u32")
  const block = blocks(operation, key, reshape(counter, shape))
  return [at(block, 0, -1), at(block, 1, -1)]
}

/**
 * Makes a key from a seed: `[⌊seed / 2³²⌋, seed mod 2³²]`, a `u32` tensor of shape `[2]`.
 *
 * A key is a value: the same key gives the same bits, whenever and wherever it is used, so use each key once and `split`
 * it before that. It can stand in trees and states, and be an argument of a compiled function.
 *
 * `seed`: an integer from 0 to 2⁵³ - 1; anything else is a `KeyError`.
 *
 * Source: `jax.random.key` of jax 0.10.2, whose seeds above 2³² - 1 mean this only in its 64-bit mode. We deviate in
 * refusing negative seeds.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray } from "thalweg"
 * import { key } from "thalweg/random"
 *
 * assert.deepStrictEqual(toArray(key(42)), [0, 42])
 */
export const key = (seed: number): Tensor =>
  Number.isSafeInteger(seed) && seed >= 0
    ? tensor([Math.floor(seed / 2 ** 32), seed % 2 ** 32], { dtype: "u32" })
    : fail("KeyError", "key", "an integer seed from 0 to 2^53 - 1", describeValue(seed))

/** `N` items of type `A`, of which the type names at most the first 16. */
type Repeat<A, N extends number, Named extends readonly A[] = readonly []> = number extends N
  ? readonly A[]
  : Named["length"] extends N
    ? Named
    : Named["length"] extends 16
      ? readonly [...Named, ...A[]]
      : Repeat<A, N, readonly [...Named, A]>

/**
 * Derives independent keys from one: the `i`-th is `Threefry(key, i)`. The key that was split should not be used again.
 *
 * `count`: a non-negative integer, else a `HyperparameterError`; a `KeyError` if `key` is not `u32` of shape `[2]`.
 *
 * `split(k, n)` begins with `split(k, m)` for `m ≤ n`, and `split(k, n)[i]` is `foldIn(k, i)`.
 *
 * Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"; the bits of `jax.random.split`.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray } from "thalweg"
 * import { key, split } from "thalweg/random"
 *
 * const [weights, noise] = split(key(0))
 * assert.deepStrictEqual(toArray(weights), [1797259609, 2579123966])
 * assert.deepStrictEqual(toArray(noise), [928981903, 3453687069])
 */
export const split = <N extends number = 2>(key: Tensor, count: N = 2 as N): Repeat<Tensor, N> => {
  const all = splitAll(key, count)
  return range(count).map(i => at(all, i)) as readonly Tensor[] as Repeat<Tensor, N>
}

/** The same keys in one tensor, `[count, 2]`, whose graph does not grow with their number. */
export const splitAll = (key: Tensor, count: number): Tensor =>
  Number.isInteger(count) && count >= 0
    ? blocks("split", key, iota([count], 0, "u32"))
    : fail("HyperparameterError", "split", "a count that is a non-negative integer", describeValue(count))

/**
 * Derives a key from a key and an integer, such as the count of steps: `Threefry(key, data)`.
 *
 * `data`: a number from 0 to 2³² - 1 (else a `DTypeError`), or a scalar `u32` or `i32` tensor, whose negative values
 * wrap around; other tensors are a `DTypeError` or a `ShapeError`. A `KeyError` if `key` is not `u32` of shape `[2]`.
 *
 * Source: Salmon et al. 2011; the bits of `jax.random.fold_in`.
 *
 * @example
 * import assert from "node:assert"
 * import { compile, scalar, toArray, type Tensor } from "thalweg"
 * import { foldIn, key } from "thalweg/random"
 *
 * const keyOfStep = compile((own: Tensor, step: Tensor) => foldIn(own, step))
 * assert.deepStrictEqual(toArray(keyOfStep(key(0), scalar(5, "i32"))), toArray(foldIn(key(0), 5)))
 */
export const foldIn = (key: Tensor, data: number | Tensor): Tensor => {
  const counter = lift("foldIn", data, "u32")
  if (counter.dtype !== "u32" && counter.dtype !== "i32") fail("DTypeError", "foldIn", "u32 or i32 data", counter.dtype)
  if (counter.shape.length > 0) fail("ShapeError", "foldIn", "scalar data", `shape ${showShape(counter.shape)}`)
  return blocks("foldIn", key, cast(counter, "u32"))
}

/**
 * Draws 32 random bits per element: `w₀ xor w₁` of the two words of `Threefry(key, i)`, `i` the row-major index.
 *
 * Shape: `shape`, dtype `u32`. A `KeyError` if `key` is not `u32` of shape `[2]`.
 *
 * The elements of a larger shape begin with those of a smaller one, in row-major order.
 *
 * Source: Salmon et al. 2011; the bits of `jax.random.bits` under `jax_threefry_partitionable`, its default.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray } from "thalweg"
 * import { bits, key } from "thalweg/random"
 *
 * assert.deepStrictEqual(toArray(bits(key(0), [3])), [4070199207, 4202968722, 1427181096])
 */
export const bits = (key: Tensor, shape: Shape): Tensor => xor(...words("bits", key, shape))
