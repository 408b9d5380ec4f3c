import type { DType } from "./dtype.js"
import { nameOf, type Op, type Scope, type Scopes, type Tensor, type Vertex } from "./primitive.js"
import { checkSize, type Shape } from "./shape.js"
import { print } from "./print.js"
import { openScopes, symbolScopes } from "./scope.js"
import { shapeRule } from "./rules.js"

/** What marks a tensor of any copy of the library; no JSON can hold it. */
const BRAND = Symbol.for("thalweg/Tensor")

/** Freezes a list and the lists in it. */
const freezeLists = (value: unknown): void => {
  if (Array.isArray(value)) Object.freeze(value).forEach(freezeLists)
}

const OP = Symbol("op")
const ARGS = Symbol("args")
const SHAPE = Symbol("shape")
const DTYPE = Symbol("dtype")
const SCOPES = Symbol("scopes")
const FROZEN = Symbol("frozen")

/**
 * What a node holds is under symbols, and read through getters, so that nothing can be assigned. To freeze the arguments
 * and the primitive costs as much as to build the node, so it is done when somebody first looks at one of them: until then
 * nobody else has them. (Private fields would do, but then two different nodes would be equal to assertions of tests.)
 */
class Node implements Tensor {
  declare readonly [OP]: Op
  declare readonly [ARGS]: readonly Vertex[]
  declare readonly [SHAPE]: Shape
  declare readonly [DTYPE]: DType
  declare readonly [SCOPES]: Scopes;
  declare [FROZEN]: boolean

  constructor(op: Op, args: readonly Vertex[], shape: Shape, dtype: DType, scopes: Scopes) {
    this[OP] = op
    this[ARGS] = args
    this[SHAPE] = shape
    this[DTYPE] = dtype
    this[SCOPES] = scopes
    this[FROZEN] = false
  }

  get _tag(): "Tensor" {
    return "Tensor"
  }

  get op(): Op {
    if (!this[FROZEN]) freezeNode(this)
    return this[OP]
  }

  get args(): readonly Vertex[] {
    if (!this[FROZEN]) freezeNode(this)
    return this[ARGS]
  }

  get shape(): Shape {
    return this[SHAPE]
  }

  get dtype(): DType {
    return this[DTYPE]
  }

  get scopes(): Scopes {
    return this[SCOPES]
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

const freezeNode = (node: Node): void => {
  const op = node[OP]
  node[FROZEN] = true
  Object.freeze(node[ARGS])
  if (op.kind === "unary" || op.kind === "binary" || op.kind === "compare") return // one for all, frozen when made
  Object.freeze(op)
  for (const value of Object.values(op)) freezeLists(value)
}

const none: readonly Vertex[] = Object.freeze([])

const hasShape = (vertex: Vertex | undefined, shape: Shape): boolean => (vertex as Tensor | undefined)?.shape === shape

/**
 * Applies a primitive: checks the shapes (and that the result is not too large to exist) and makes the node, in the open
 * scopes of its arguments; a symbol is also in the `scope` whose symbol it is. The lists in `op`, and `args`, become the
 * node's and are frozen: they must not be a user's.
 */
export const apply = (op: Op, args: readonly Vertex[] = none, scope?: Scope): Tensor => {
  const { shape, dtype } = shapeRule(op, args)
  const scopes = scope === undefined ? openScopes(args) : symbolScopes(scope, args)
  // A shape that is shared with an argument was checked and frozen when that was made.
  const isKnown = hasShape(args[0], shape) || hasShape(args[1], shape)
  return new Node(op, args, isKnown ? shape : Object.freeze(checkSize(nameOf(op), shape)), dtype, scopes)
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
