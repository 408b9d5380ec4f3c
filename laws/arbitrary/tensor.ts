import fc from "fast-check"
import { tensor, toTyped, Tree, type DType, type Shape, type Tensor } from "thalweg"
import { anyFloat, arbShape, cycle, pool, sizeOf } from "./numbers.js"

/** Which tensors are made. */
export interface TensorChoice {
  /** The dtypes to choose from. Default all. */
  readonly dtypes?: readonly DType[]
  /** Default up to three axes of sizes 0 to 3. */
  readonly shape?: fc.Arbitrary<Shape>
  /** The values of float tensors. Default any, also those that are not finite. */
  readonly floats?: fc.Arbitrary<number>
}

const everyDType: readonly DType[] = ["f32", "f64", "i32", "u32", "bool"]

const numbersOf = (dtype: DType, floats: fc.Arbitrary<number>): fc.Arbitrary<number> => {
  const [small, ends] = [fc.integer({ min: -9, max: 9 }), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1)]
  const numbers: Record<DType, fc.Arbitrary<number>> = {
    f32: floats,
    f64: floats,
    i32: fc.oneof({ weight: 8, arbitrary: small }, { weight: 1, arbitrary: ends }),
    u32: fc.oneof({ weight: 8, arbitrary: fc.nat(9) }, { weight: 1, arbitrary: fc.constant(2 ** 32 - 1) }),
    bool: fc.nat(1)
  }
  return numbers[dtype]
}

/**
 * Makes literals of random shapes (axes of size 0 and 1 among them), dtypes and values. Shrinks to one scalar 0.
 *
 * @example
 * import assert from "node:assert"
 * import fc from "fast-check"
 * import { arbTensor } from "thalweg/laws"
 *
 * const [t] = fc.sample(arbTensor({ dtypes: ["f64"], shape: fc.constant([2, 3]) }), { seed: 1, numRuns: 1 })
 * assert(t?.dtype === "f64" && t.shape.length === 2)
 */
export const arbTensor = (choice: TensorChoice = {}): fc.Arbitrary<Tensor> => {
  const { dtypes = everyDType, shape = arbShape(), floats = anyFloat } = choice
  const filled = dtypes.map(dtype => fc.tuple(shape, fc.constant(dtype), pool(numbersOf(dtype, floats))))
  return fc
    .oneof(...filled)
    .map(([sizes, dtype, numbers]) => tensor(cycle(numbers, sizeOf(sizes)), { dtype, shape: sizes }))
}

/** A tree like another, its leaves filled from a pool; other salts and other leaves begin at other numbers. */
export const filledLike = <T extends Tree>(tree: T, numbers: readonly number[], salt: number): T => {
  const places = new Map(Tree.paths(tree).map((path, i) => [path, 5 * i]))
  return Tree.map((t, path) => {
    const values = cycle(numbers, sizeOf(t.shape), salt + (places.get(path) ?? 0))
    return tensor(values, { dtype: t.dtype, shape: t.shape })
  })(tree)
}

/** The same values in literals of their own, as a state has them that was saved and restored. */
export const copyOf: <T extends Tree>(tree: T) => T = Tree.map(t =>
  tensor(toTyped(t), { dtype: t.dtype, shape: t.shape })
)
