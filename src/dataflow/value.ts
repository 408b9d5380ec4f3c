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

/** Such a value whose data are read when they are asked for. */
class WhenRead {
  readonly type: Type
  readonly #read: () => Data

  /** One for all, so that they are objects of one shape. */
  static readonly #data: PropertyDescriptor & ThisType<WhenRead> = {
    enumerable: true,
    get() {
      return this.#read()
    }
  }

  constructor(type: Type, read: () => Data) {
    this.type = type
    this.#read = read
    Object.defineProperty(this, DATA, WhenRead.#data)
    Object.setPrototypeOf(this, Buffered.prototype)
  }
}

/** A value that is read when it is asked for; to assertions it is like any other. */
export const valueWhenRead = (type: Type, read: () => Data): Value => new WhenRead(type, read) as unknown as Value
