import { full, zeros } from "../dataflow/create.js"
import { fixed } from "../options/fields.js"
import { functionRecipeAs } from "../options/function-recipe.js"
import type { Recipe } from "../options/recipe.js"
import { identityInitializer, orthogonal } from "./orthogonal.js"
import {
  normalInitializer,
  truncatedNormalInitializer,
  uniformInitializer,
  varianceScaling,
  type Initializer
} from "./random-initializer.js"

export type { Initializer } from "./random-initializer.js"

/**
 * Draws a kernel for sigmoid and tanh: uniform within `±√(6 / (fanIn + fanOut))`, whose variance is
 * `2 / (fanIn + fanOut)`.
 *
 * Shape: `[…window, inputs, outputs]`, with `fanIn = inputs · |window|`, `fanOut = outputs · |window|`; others are a
 * `ShapeError`.
 *
 * Source: Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks",
 * equation 16.
 *
 * @example
 * import assert from "node:assert"
 * import { abs, item, max } from "thalweg"
 * import { glorotUniform } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const kernel = glorotUniform(key(0), [50, 100]) // within √(6 / 150) = 0.2
 * const largest = item(max(abs(kernel)))
 * assert.ok(largest > 0.199 && largest <= 0.2)
 */
export const glorotUniform: Initializer = /* @__PURE__ */ varianceScaling({
  mode: "fanAverage",
  distribution: "uniform"
})
/**
 * Draws a kernel for sigmoid and tanh: normal with mean 0 and variance `2 / (fanIn + fanOut)`.
 *
 * Shape: `[…window, inputs, outputs]`, with `fanIn = inputs · |window|`, `fanOut = outputs · |window|`; others are a
 * `ShapeError`.
 *
 * Source: Glorot & Bengio 2010, equation 12. We deviate from Keras and jax in not truncating the tails.
 *
 * @example
 * import assert from "node:assert"
 * import { item, standardDeviation } from "thalweg"
 * import { glorotNormal } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const kernel = glorotNormal(key(0), [100, 100]) // √(2 / 200) = 0.1
 * assert.ok(Math.abs(item(standardDeviation(kernel)) - 0.1) < 0.002)
 */
export const glorotNormal: Initializer = /* @__PURE__ */ varianceScaling({ mode: "fanAverage" })
/**
 * Draws a kernel for relu: uniform within `±√(6 / fanIn)`, whose variance is `2 / fanIn`.
 *
 * Shape: `[…window, inputs, outputs]`, with `fanIn = inputs · |window|`; others are a `ShapeError`.
 *
 * Source: He et al. 2015, arXiv 1502.01852, equation 10, which has normal kernels; here the variance is the same.
 *
 * @example
 * import assert from "node:assert"
 * import { abs, item, max } from "thalweg"
 * import { heUniform } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const kernel = heUniform(key(0), [24, 200]) // within √(6 / 24) = 0.5
 * const largest = item(max(abs(kernel)))
 * assert.ok(largest > 0.499 && largest <= 0.5)
 */
export const heUniform: Initializer = /* @__PURE__ */ varianceScaling({ scale: 2, distribution: "uniform" })
/**
 * Draws a kernel for relu: normal with mean 0 and variance `2 / fanIn`, so that activations neither grow nor fade.
 *
 * Shape: `[…window, inputs, outputs]`, with `fanIn = inputs · |window|`; others are a `ShapeError`.
 *
 * Source: He et al. 2015, arXiv 1502.01852, equation 10. We deviate from Keras and jax in not truncating the tails.
 *
 * @example
 * import assert from "node:assert"
 * import { item, standardDeviation } from "thalweg"
 * import { heNormal } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const kernel = heNormal(key(0), [50, 200]) // √(2 / 50) = 0.2
 * assert.ok(Math.abs(item(standardDeviation(kernel)) - 0.2) < 0.004)
 */
export const heNormal: Initializer = /* @__PURE__ */ varianceScaling({ scale: 2 })
/**
 * Draws a kernel for selu and for layers without activation: uniform within `±√(3 / fanIn)`, whose variance is `1 / fanIn`.
 *
 * Shape: `[…window, inputs, outputs]`, with `fanIn = inputs · |window|`; others are a `ShapeError`.
 *
 * Source: LeCun et al. 1998, "Efficient backprop", section 4.6, which has the variance.
 *
 * @example
 * import assert from "node:assert"
 * import { abs, item, max } from "thalweg"
 * import { lecunUniform } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const largest = item(max(abs(lecunUniform(key(0), [12, 200])))) // within √(3 / 12) = 0.5
 * assert.ok(largest > 0.499 && largest <= 0.5)
 */
export const lecunUniform: Initializer = /* @__PURE__ */ varianceScaling({ distribution: "uniform" })
/**
 * Draws a kernel for selu and for layers without activation: normal with mean 0 and variance `1 / fanIn`.
 *
 * Shape: `[…window, inputs, outputs]`, with `fanIn = inputs · |window|`; others are a `ShapeError`.
 *
 * Source: LeCun et al. 1998, section 4.6. We deviate from Keras and jax in not truncating the tails.
 *
 * @example
 * import assert from "node:assert"
 * import { item, standardDeviation } from "thalweg"
 * import { lecunNormal } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const kernel = lecunNormal(key(0), [25, 400]) // √(1 / 25) = 0.2
 * assert.ok(Math.abs(item(standardDeviation(kernel)) - 0.2) < 0.004)
 */
export const lecunNormal: Initializer = /* @__PURE__ */ varianceScaling({})
/**
 * Gives zeros of any shape, as for biases; the key does not matter.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray } from "thalweg"
 * import { zerosInitializer } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * assert.deepStrictEqual(toArray(zerosInitializer(key(0), [3])), [0, 0, 0])
 */
export const zerosInitializer: Initializer = (_, shape, dtype) => zeros(shape, dtype)
const constantFields = {
  /** What is everywhere, any number. */
  value: fixed({ expected: "a number", holds: () => true })
}

/**
 * Makes an initializer that gives one value everywhere, in any shape; the key does not matter.
 *
 * `value`: any number, rounded to the dtype.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray, zeros } from "thalweg"
 * import { constantInitializer, dense } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const { params } = dense({ units: 2, bias: constantInitializer(0.5) }).init(key(0), zeros([1, 3]))
 * assert.deepStrictEqual(toArray(params.bias), [0.5, 0.5])
 */
export const constantInitializer: Recipe<typeof constantFields, (value: number) => Initializer> = functionRecipeAs(
  "constantInitializer",
  constantFields,
  ({ value }): Initializer =>
    (_, shape, dtype = "f32") =>
      full(shape, value, dtype),
  make => value => make({ value })
)

/** Small normal numbers, as tables begin. */
export const smallNormal: Initializer = /* @__PURE__ */ normalInitializer({ standardDeviation: 0.02 })

/** The initializers that have names as data. */
export const initializers = /* @__PURE__ */ Object.freeze({
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  smallNormal,
  identity: /* @__PURE__ */ identityInitializer(),
  lecunNormal,
  lecunUniform,
  orthogonal: /* @__PURE__ */ orthogonal(),
  zeros: zerosInitializer,
  ones: /* @__PURE__ */ constantInitializer(1)
})

/** The recipes of initializers that are data by their options. */
export const madeInitializers = /* @__PURE__ */ Object.freeze({
  constant: constantInitializer,
  identity: identityInitializer,
  normal: normalInitializer,
  orthogonal,
  truncatedNormal: truncatedNormalInitializer,
  uniform: uniformInitializer,
  varianceScaling
})

/** What initializers are data by. */
export const initializerTable = /* @__PURE__ */ Object.freeze({
  names: initializers,
  tag: "initializer",
  recipes: madeInitializers
})
