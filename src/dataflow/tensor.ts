import type { DType } from "./dtype.js"
import { nameOf, type Op, type Scope, type Scopes, type Tensor, type Vertex } from "./primitive.js"
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
    readonly args: readonly Vertex[],
    readonly shape: Shape,
    readonly dtype: DType,
    readonly scopes: Scopes
  ) {
    Object.freeze(this)
  }

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

const none: readonly Vertex[] = []

/** Freezes a list and the lists in it. */
const freezeLists = (value: unknown): void => {
  if (Array.isArray(value)) Object.freeze(value).forEach(freezeLists)
}

/** Freezes a primitive and the lists in it; they must not be the user's. */
const freezeOp = (op: Op): Op => {
  for (const value of Object.values(op)) freezeLists(value)
  return Object.freeze(op)
}

/**
 * Applies a primitive: checks the shapes (and that the result is not too large to exist) and makes the node, in the open
 * scopes of its arguments; a symbol is also in the `scope` whose symbol it is. The primitive and the arguments are frozen.
 */
export const apply = (op: Op, args: readonly Vertex[] = none, scope?: Scope): Tensor => {
  const { shape, dtype } = shapeRule(op, args)
  const scopes = scope === undefined ? openScopes(args) : symbolScopes(scope, args)
  const sizes = Object.freeze(checkSize(nameOf(op), shape))
  return new Node(freezeOp(op), Object.freeze(args), sizes, dtype, scopes)
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
