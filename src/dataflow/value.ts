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
  #read: (() => Data) | undefined

  /** One for all, so that values that are read when they are asked for are objects of one shape. */
  static readonly #whenRead: PropertyDescriptor & ThisType<Buffered> = {
    enumerable: true,
    get() {
      return (this.#read as () => Data)()
    }
  }

  constructor(type: Type, data: Data | (() => Data)) {
    this.type = type
    if (typeof data === "function") {
      this.#read = data
      Object.defineProperty(this, DATA, Buffered.#whenRead)
    } else (this as { [DATA]: Data })[DATA] = data
  }

  read(): Data {
    return this[DATA]
  }
}

/** A value in a buffer that nobody writes to any more. */
export const valueOf = (type: Type, data: Data): Value => new Buffered(type, data)

/** A value that is read when it is asked for; to assertions it is like any other. */
export const valueWhenRead = (type: Type, read: () => Data): Value => new Buffered(type, read)
