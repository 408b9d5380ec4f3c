import type { Data } from "./dtype.js"
import type { Literal, OpOf, Vertex } from "./primitive.js"
import type { Value } from "./value.js"

/** The key of a literal's value: no name reaches it, and other copies of the library read it. */
const VALUE = Symbol.for("thalweg/value")

interface Holder {
  readonly [VALUE]: Value
}

/** The primitive of a literal. */
export const literalOp = (value: Value): OpOf<"literal"> => {
  const op: OpOf<"literal"> & Holder = {
    kind: "literal",
    shape: value.type.shape,
    dtype: value.type.dtype,
    [VALUE]: value
  }
  return op
}

export const isLiteral = (vertex: Vertex): vertex is Literal => vertex._tag === "Tensor" && vertex.op.kind === "literal"

export const valueIn = (literal: Literal): Value => (literal.op as OpOf<"literal"> & Holder)[VALUE]

/** The elements of a literal; nobody writes to them, and they do not leave the library. */
export const dataOf = (literal: Literal): Data => valueIn(literal).read()
