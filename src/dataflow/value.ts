import type { Data } from "./dtype.js"
import type { Type } from "./type.js"

/** A value that is known. It may live inside an engine until it is read. */
export interface Value {
  readonly type: Type
  /** The elements in row-major order; nobody writes to them, and they do not leave the library. */
  read(): Data
}

const DATA = Symbol("data")

/** A class, so that two of them with the same elements are equal to assertions of tests. */
class Buffered implements Value {
  readonly type: Type
  declare readonly [DATA]: Data

  constructor(type: Type, data: Data) {
    this.type = type
    ;(this as { [DATA]: Data })[DATA] = data
  }

  read(): Data {
    return this[DATA]
  }
}

/** A value in a buffer that nobody writes to any more. */
export const valueOf = (type: Type, data: Data): Value => new Buffered(type, data)

/** A value that is read when it is asked for; to assertions it is like any other. */
export const valueWhenRead = (type: Type, read: () => Data): Value => {
  const value: Buffered = Object.create(Buffered.prototype) as Buffered
  Object.defineProperty(value, "type", { value: type, enumerable: true })
  Object.defineProperty(value, DATA, { get: read, enumerable: true })
  return value
}
