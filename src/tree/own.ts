import { isRecord } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { isTensor } from "../dataflow/tensor.js"
import { MAX_DEPTH } from "./tree.js"

/** A frozen copy of what a user may go on changing: of lists and records, down to what is in them. */
export const ownCopy = <A>(operation: string, value: A, depth = 0): A => {
  if (depth > MAX_DEPTH) fail("TreeError", operation, `at most ${MAX_DEPTH} levels`, "a deeper (perhaps cyclic) one")
  const copy = <B>(item: B): B => ownCopy(operation, item, depth + 1)
  if (Array.isArray(value)) return Object.freeze(value.map(copy)) as A
  if (!isRecord(value) || isTensor(value)) return value
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item)]))) as A
}
