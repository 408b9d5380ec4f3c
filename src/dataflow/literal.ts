import type { Data, DType } from "./dtype.js"
import type { Literal, OpOf, Vertex } from "./primitive.js"
import type { Shape } from "./shape.js"
import type { Value } from "./value.js"

/** The key of a literal's value: no name reaches it, and other copies of the library read it. */
const VALUE = Symbol.for("thalweg/value")

/** A class, since objects with a computed key are slow to make. */
class LiteralOp {
  readonly kind = "literal"
  readonly shape: Shape
  readonly dtype: DType
  declare readonly [VALUE]: Value

  constructor(value: Value) {
    this.shape = value.type.shape
    this.dtype = value.type.dtype
    ;(this as { [VALUE]: Value })[VALUE] = value
  }
}

/** The primitive of a literal. */
export const literalOp = (value: Value): OpOf<"literal"> => new LiteralOp(value)

export const isLiteral = (vertex: Vertex): vertex is Literal => vertex._tag === "Tensor" && vertex.op.kind === "literal"

export const valueIn = (literal: Literal): Value => (literal.op as LiteralOp)[VALUE]

/** The elements of a literal; nobody writes to them, and they do not leave the library. */
export const dataOf = (literal: Literal): Data => valueIn(literal).read()
