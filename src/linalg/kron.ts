import { mul } from "../dataflow/arithmetic.js"
import { checkTensor } from "../dataflow/check.js"
import type { Tensor } from "../dataflow/primitive.js"
import * as shapes from "../dataflow/rules.js"
import { broadcastShapes } from "../dataflow/shape.js"
import { expandDims, reshape } from "../dataflow/structure.js"

/**
 * Multiplies every element of a matrix with every element of another (Kronecker): in place of `aᵢⱼ` stands the block `aᵢⱼ·B`.
 *
 * Shapes: `[..., m, n] ⊗ [..., p, q] → [..., m·p, n·q]`; batch axes broadcast. One dtype, `f32` or `f64`, else a `DTypeError`; what is
 * no matrix is a `ShapeError`.
 *
 * Law: `(A ⊗ B)·(C ⊗ D) ≡ (A·C) ⊗ (B·D)`. Source: `numpy.kron`, of matrices.
 *
 * @example
 * import assert from "node:assert"
 * import { eye, kron, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(kron(eye(2), tensor([[1, 2]]))), [[1, 2, 0, 0], [0, 0, 1, 2]])
 */
export const kron = (a: Tensor, b: Tensor): Tensor => {
  shapes.matrices("kron", checkTensor("kron", a))
  shapes.matrices("kron", checkTensor("kron", b))
  shapes.productDType("kron", a, b)
  const [m = 0, n = 0, p = 0, q = 0] = [...a.shape.slice(-2), ...b.shape.slice(-2)]
  const batch = broadcastShapes("kron", a.shape.slice(0, -2), b.shape.slice(0, -2))
  const blocks = mul(expandDims(expandDims(a, -2), -1), expandDims(expandDims(b, -2), -4))
  return reshape(blocks, [...batch, m * p, n * q])
}
