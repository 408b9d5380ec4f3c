import { checkOptions } from "../dataflow/check.js"
import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import type { Failing } from "../dataflow/primitive.js"

/** What becomes of a matrix that has no result. */
export interface FailureOptions {
  /**
   * `"throw"` (the default) is a `MatrixError` when the value is computed, which says which matrix of the batch and which
   * pivot. `"nan"` gives NaN for that matrix alone, and the program goes on: a search that tries several, or a step that
   * tells by `isNaN` whether it was one too far. (A matrix that holds NaN gives NaN either way: `locate` says whence.)
   */
  readonly onFailure?: "throw" | "nan"
}

const known: readonly unknown[] = ["throw", "nan"]

/** How an operation fails, as its options say. */
export const failing = (operation: string, options: FailureOptions): Failing => {
  const { onFailure = "throw" } = checkOptions(operation, options, ["onFailure"])
  return known.includes(onFailure)
    ? { operation, onFailure }
    : fail("HyperparameterError", operation, 'onFailure to be "throw" or "nan"', describeValue(onFailure))
}
