import { full, zeros } from "../dataflow/create.js"
import type { FloatDType } from "../dataflow/dtype.js"
import { mul } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { showShape, sizeOf, type Shape } from "../dataflow/shape.js"
import { normal, uniform } from "../random/index.js"

/** Draws initial parameters of a shape from a key. */
export type Initializer = (key: Tensor, shape: Shape, dtype?: FloatDType) => Tensor

/** Connections into and out of a unit, of a kernel `[…window, inputs, outputs]`. */
const fans = (shape: Shape): readonly [fanIn: number, fanOut: number] => {
  const [inputs, outputs] = shape.slice(-2)
  if (inputs === undefined || outputs === undefined)
    return fail("ShapeError", "initializer", "a kernel […window, inputs, outputs]", showShape(shape))
  const window = sizeOf(shape.slice(0, -2))
  return [inputs * window, outputs * window]
}

/** From -bound to bound, where the variance `bound²/3` is the wanted one. */
const uniformWith =
  (variance: (fanIn: number, fanOut: number) => number): Initializer =>
  (key, shape, dtype = "f32") => {
    const bound = Math.sqrt(3 * variance(...fans(shape)))
    return uniform(key, shape, { min: -bound, max: bound, dtype })
  }

const normalWith =
  (variance: (fanIn: number, fanOut: number) => number): Initializer =>
  (key, shape, dtype = "f32") =>
    mul(normal(key, shape, { dtype }), Math.sqrt(variance(...fans(shape))))

const glorot = (fanIn: number, fanOut: number): number => 2 / (fanIn + fanOut)
const he = (fanIn: number): number => 2 / fanIn

/** Uniform with variance `2 / (fanIn + fanOut)`: within `±√(6 / (fanIn + fanOut))`. For sigmoid and tanh. Source: Glorot & Bengio 2010. */
export const glorotUniform: Initializer = uniformWith(glorot)
/** Normal with variance `2 / (fanIn + fanOut)`. For sigmoid and tanh. Source: Glorot & Bengio 2010. */
export const glorotNormal: Initializer = normalWith(glorot)
/** Uniform with variance `2 / fanIn`: within `±√(6 / fanIn)`. For relu. Source: He et al. 2015, arXiv 1502.01852. */
export const heUniform: Initializer = uniformWith(he)
/** Normal with variance `2 / fanIn`. For relu. Source: He et al. 2015, arXiv 1502.01852. */
export const heNormal: Initializer = normalWith(he)
/** Zeros, as for biases. */
export const zerosInitializer: Initializer = (_, shape, dtype) => zeros(shape, dtype)
/** One value everywhere. */
export const constantInitializer =
  (value: number): Initializer =>
  (_, shape, dtype = "f32") =>
    full(shape, value, dtype)
