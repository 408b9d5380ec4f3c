import { describeValue, isRecord } from "../dataflow/describe.js"
import { isFloat } from "../dataflow/dtype.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { range, sameShape, showShape, type Shape } from "../dataflow/shape.js"
import { evaluate } from "../engine/index.js"
import { choice } from "../options/fields.js"
import { Tree } from "../tree/index.js"
import { checkExamples, exampleCount } from "./dataset.js"

export const fields = {
  /**
   * What has figures of its own: each feature, the last axis of a leaf with two axes or more, as columns of a table and
   * channels of an image are; or each place of an example. Default `"feature"`.
   */
  per: choice(["feature", "place"], "feature")
}

export type Per = "feature" | "place"

/** Figures of examples: for each name, a tree like an example. */
export type Figures<K extends string> = { readonly [name in K]: Tree }

/** The axes over which figures are taken. */
export const axesOf = ({ shape }: Tensor, per: Per): readonly number[] =>
  per === "place" ? [0] : range(Math.max(1, shape.length - 1))

const shapeOf = (x: Tensor, per: Per): Shape => x.shape.filter((_, axis) => !axesOf(x, per).includes(axis))

const requireFloats = (operation: string, x: Tensor): Tensor =>
  isFloat(x.dtype) ? x : fail("DTypeError", operation, "f32 or f64 (cast it first)", x.dtype)

/** What takes figures of examples, over some axes of each leaf, one for each name. */
export const fitting =
  <K extends string>(
    operation: string,
    names: readonly K[],
    per: Per,
    measure: (x: Tensor, axes: readonly number[]) => readonly Tensor[]
  ) =>
  (x: Tree): Figures<K> => {
    exampleCount(operation, checkExamples(operation, x))
    const figure = (place: number): Tree =>
      Tree.map(leaf => measure(requireFloats(operation, leaf), axesOf(leaf, per))[place] as Tensor)(x)
    return evaluate(Object.fromEntries(names.map((name, place) => [name, figure(place)]))) as Figures<K>
  }

/** What changes every leaf by its figures, which must be of its dtype, and of its shape: others would be broadcast. */
export const changing =
  <K extends string>(
    operation: string,
    names: readonly K[],
    per: Per,
    change: (x: Tensor, figures: readonly Tensor[]) => Tensor
  ) =>
  (fitted: Figures<K>, x: Tree): Tree => {
    if (!isRecord(fitted) || !names.every(name => name in fitted))
      fail("DataError", operation, `what fit gave, { ${names.join(", ")} }`, describeValue(fitted))
    checkExamples(operation, x)
    return Tree.zipWith((leaf: Tensor, ...figures: readonly Tensor[]) => {
      const wanted = shapeOf(requireFloats(operation, leaf), per)
      const odd = figures.find(({ shape }) => leaf.shape.length === 0 || !sameShape(shape, wanted))
      if (odd !== undefined)
        fail(
          "ShapeError",
          operation,
          `examples like those that were fitted, figures ${showShape(odd.shape)}`,
          showShape(leaf.shape)
        )
      const other = figures.find(({ dtype }) => dtype !== leaf.dtype)
      if (other !== undefined)
        fail("DTypeError", operation, `examples of the dtype that was fitted, ${other.dtype} (cast them)`, leaf.dtype)
      return change(leaf, figures)
    })(x, ...names.map(name => fitted[name]))
  }
