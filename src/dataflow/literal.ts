import type { Data, DType } from "./dtype.js"
import type { Literal, OpOf, Vertex } from "./primitive.js"
import type { Shape } from "./shape.js"

/** The key of a literal's buffer: no name reaches it, and other copies of the library read it. */
const DATA = Symbol.for("thalweg/data")

interface Holder {
  readonly [DATA]: Data
}

/** The primitive of a literal around a buffer that nobody else holds. */
export const literalOp = (data: Data, shape: Shape, dtype: DType): OpOf<"literal"> => {
  const op: OpOf<"literal"> & Holder = { kind: "literal", shape, dtype, [DATA]: data }
  return op
}

export const isLiteral = (vertex: Vertex): vertex is Literal => vertex._tag === "Tensor" && vertex.op.kind === "literal"

/** The buffer behind a literal; nobody writes to it, and it does not leave the library. */
export const dataOf = (tensor: Literal): Data => (tensor.op as OpOf<"literal"> & Holder)[DATA]
