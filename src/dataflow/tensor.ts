import type { Data, DType } from "./dtype.js"
import { nameOf, type Literal, type Op, type Scope, type Scopes, type Tensor } from "./primitive.js"
import { checkSize, type Shape } from "./shape.js"
import { print } from "./print.js"
import { openScopes, symbolScopes } from "./scope.js"
import { shapeRule } from "./rules.js"

/** What marks a tensor of any copy of the library; no JSON can hold it. */
const BRAND = Symbol.for("thalweg/Tensor")

class Node implements Tensor {
  readonly _tag = "Tensor"
  constructor(
    readonly op: Op,
    readonly args: readonly Tensor[],
    readonly shape: Shape,
    readonly dtype: DType,
    readonly scopes: Scopes
  ) {}

  get [BRAND](): true {
    return true
  }

  toString(): string {
    return print(this)
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return print(this)
  }
}

const none: readonly Tensor[] = []

/**
 * Applies a primitive: checks the shapes (and that the result is not too large to exist) and makes the node, in the open
 * scopes of its arguments; a symbol is also in the `scope` whose symbol it is.
 */
export const apply = (op: Op, args: readonly Tensor[] = none, scope?: Scope): Tensor => {
  const { shape, dtype } = shapeRule(op, args)
  const scopes = scope === undefined ? openScopes(args) : symbolScopes(scope, args)
  return new Node(op, args, checkSize(nameOf(op), shape), dtype, scopes)
}

/**
 * Tells whether a value is a tensor, of this or of another copy of the library.
 *
 * @example
 * import assert from "node:assert"
 * import { isTensor, scalar, type Tensor } from "thalweg"
 *
 * const isNumber = (x: Tensor | number): x is number => !isTensor(x)
 * assert.ok(isTensor(scalar(1)))
 * assert.ok(isNumber(1))
 */
export const isTensor = (value: unknown): value is Tensor =>
  typeof value === "object" && value !== null && (value as { readonly [BRAND]?: unknown })[BRAND] === true

/** The buffer behind a literal, for engines; nobody writes to it. */
export const dataOf = (tensor: Literal): Data => tensor.op.data as Data

export const isLiteral = (tensor: Tensor): tensor is Literal => tensor.op.kind === "literal"
