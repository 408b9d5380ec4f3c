import { element, isFloat } from "../dataflow/dtype.js"
import { fail, withPath } from "../dataflow/error.js"
import { checkKnown, takeFor } from "../dataflow/indexing.js"
import { dataOf, isLiteral } from "../dataflow/literal.js"
import { ne } from "../dataflow/logic.js"
import type { Indexing, Tensor } from "../dataflow/primitive.js"
import { arange } from "../dataflow/sequence.js"
import { sameShape } from "../dataflow/shape.js"
import { fixed } from "../options/fields.js"
import { integer } from "../options/range.js"

/** Says of indices that they are the labels of an operation. */
export const labelsOf = (operation: string): Pick<Indexing, "caller"> => ({ caller: { operation, indices: "labels" } })

/** Values as they came; of those known at the call, a `DataError` names the first that is not what it may be. */
export const checkValues = (
  operation: string,
  expected: string,
  holds: (value: number) => boolean,
  values: Tensor
): Tensor => {
  const data = isLiteral(values) ? dataOf(values) : []
  const place = data.findIndex(value => !holds(value))
  return place < 0 ? values : fail("DataError", operation, expected, `${data[place] ?? ""} at place ${place}`)
}

/** Whether labels are probabilities of the classes: a row for each example, as the logits have. */
export const isSoft = (logits: Tensor, labels: Tensor): boolean =>
  isFloat(labels.dtype) && logits.shape.length > 0 && sameShape(logits.shape, labels.shape)

/** Labels, or what else, that are integers, or a `DTypeError`. */
export const requireIntegers = (operation: string, labels: Tensor, what = "labels"): Tensor =>
  labels.dtype === "i32" || labels.dtype === "u32"
    ? labels
    : fail("DTypeError", operation, `${what} of i32 or u32`, labels.dtype)

/** An option of what looks at labels. */
export const ignoringFields = {
  /** The integer label of places that do not count, such as padding, one of the classes or not, that the labels' dtype holds. Default: none. */
  ignored: fixed(integer, "none")
}

/** Which labels count: if one is ignored, those that differ from it; a dtype that cannot hold it is a `DTypeError`. */
export const countingOf = (operation: string, labels: Tensor, ignored: number | undefined): Tensor | undefined =>
  ignored === undefined
    ? undefined
    : ne(
        labels,
        withPath("ignored", () => element(operation, labels.dtype, ignored))
      )

/** Integer labels; those known at the call lie within the classes, or an `IndexError` names the first that does not. */
export const requireClasses = (operation: string, labels: Tensor, classes: number): Tensor => {
  checkKnown(operation, classes, `labels from 0 to ${classes - 1} (${classes} classes)`, labels)
  return requireIntegers(operation, labels)
}

/** The same as i32, of which the others are refused when they are computed: each is taken from all classes. */
export const classesOf = (operation: string, labels: Tensor, classes: number): Tensor =>
  takeFor(labelsOf(operation), arange(classes, { dtype: "i32" }), requireClasses(operation, labels, classes))
