import { describeValue } from "../../dataflow/describe.js"
import { fail } from "../../dataflow/error.js"

/** A frame for the runner, which says what each is: the letter, and what follows. */
export type Frame = readonly [kind: "V" | "P" | "U" | "S" | "B" | "G" | "E" | "A", data: Uint8Array]

/** A frame as it is sent: the letter, the length of what follows, and that. */
export const headOf = ([kind, { length }]: Frame): Uint8Array => {
  const view = new DataView(new ArrayBuffer(9))
  view.setUint8(0, kind.charCodeAt(0))
  view.setBigUint64(1, BigInt(length), true)
  return new Uint8Array(view.buffer)
}

/** Batches, at once or by and by. */
export type Batches<B> = Iterable<B> | AsyncIterable<B>

/** Who makes the batches, or a `DataError`. */
export const iteratorOf = <B>(operation: string, batches: Batches<B>): Iterator<B> | AsyncIterator<B> => {
  const given = Object(batches) as Partial<Iterable<B> & AsyncIterable<B>>
  return (
    given[Symbol.asyncIterator]?.() ??
    given[Symbol.iterator]?.() ??
    fail("DataError", operation, "an iterable of batches, or an asynchronous one", describeValue(batches))
  )
}
