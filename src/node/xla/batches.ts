import { describeValue } from "../../dataflow/describe.js"
import { fail } from "../../dataflow/error.js"
import { encodeTree } from "../../spec/checkpoint.js"
import type { TreeLike } from "../../tree/index.js"
import { MAX_BYTES } from "../trees.js"

/** Batches, at once or by and by. */
export type Batches<B> = Iterable<B> | AsyncIterable<B>

/** Refuses what makes no batches, by a `DataError`. */
export const checkBatches = (operation: string, batches: unknown): void => {
  const given = Object(batches) as Partial<Iterable<unknown> & AsyncIterable<unknown>>
  if (typeof (given[Symbol.asyncIterator] ?? given[Symbol.iterator]) !== "function")
    fail("DataError", operation, "an iterable of batches, or an asynchronous one", describeValue(batches))
}

/** Who makes the batches. */
export const iteratorOf = <B>(operation: string, batches: Batches<B>): Iterator<B> | AsyncIterator<B> => {
  checkBatches(operation, batches)
  return Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]()
}

/** A state as a file that can be read again in the end, or a `DataError`. */
export const encodedState = <S extends TreeLike<S>>(operation: string, state: S): Uint8Array => {
  const bytes = encodeTree(state)
  return bytes.length <= MAX_BYTES
    ? bytes
    : fail("DataError", operation, `a state of at most ${MAX_BYTES} bytes`, `${bytes.length}`)
}
