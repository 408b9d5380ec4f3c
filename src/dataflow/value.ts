import type { Data } from "./dtype.js"
import type { Type } from "./type.js"

/** A value that is known. It may live inside an engine until it is read. */
export interface Value {
  readonly type: Type
  /** The elements in row-major order; nobody writes to them, and they do not leave the library. */
  read(): Data
}

/** A value in a buffer that nobody writes to any more. */
export const valueOf = (type: Type, data: Data): Value => ({ type, read: () => data })
