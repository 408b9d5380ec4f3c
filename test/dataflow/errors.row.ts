import type { ErrorTag } from "thalweg"

/** A mistake: the call, and what its error must say. */
export type Row = readonly [
  call: () => unknown,
  name: ErrorTag,
  operation: string,
  expected: string,
  received: string,
  path?: string
]

/** What only a program without types can pass. */
export const untyped = <A>(value: unknown): A => value as A
