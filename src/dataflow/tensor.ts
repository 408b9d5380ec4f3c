import type { DType } from "./dtype.js"
import {
  ARGS,
  CALL,
  nameOf,
  type Call,
  type Kind,
  type Op,
  type OpOf,
  type Scope,
  type Scopes,
  type Tensor,
  type Vertex
} from "./primitive.js"
import * as attributes from "./attributes.js"
import { BRAND, isBranded } from "./brand.js"
import { literalOp } from "./literal.js"
import { checkSize, type Shape } from "./shape.js"
import { print } from "./print.js"
import { openScopes, symbolScopes } from "./scope.js"
import type { ArgsOf, Rule } from "./rules.js"
import type { Value } from "./value.js"

/** Freezes a list and the lists in it. */
const freezeLists = (value: unknown): void => {
  if (Array.isArray(value)) Object.freeze(value).forEach(freezeLists)
}

/**
 * Freezes a primitive and the lists in it. Those of one function of their arguments are shared, and frozen already, as is
 * the shape of a literal.
 */
const freezeOp = (op: Op): Op => {
  if (op.kind === "unary" || op.kind === "binary" || op.kind === "compare") return op
  if (op.kind !== "literal") for (const value of Object.values(op)) freezeLists(value)
  return Object.freeze(op)
}

const NODE = Symbol("node")
const SHAPE = Symbol("shape")
const DTYPE = Symbol("dtype")
const SCOPES = Symbol("scopes")

const none: readonly Vertex[] = Object.freeze([])

/** The primitive, what is said of it, and the arguments, in place of which a literal comes when the value was computed. */
interface Cell {
  op: Op
  says: (op: Op) => string
  args: readonly Vertex[]
}

/**
 * What a node holds is under symbols, and read through getters, so that nothing can be assigned. To freeze lists costs as
 * much as to build the node, so the arguments and the primitive are frozen when somebody first looks: until then nobody
 * outside has them. (Private fields would do as well, but then any two nodes would be equal to the assertions of tests.)
 */
class Node implements Tensor {
  readonly _tag = "Tensor"
  declare readonly [NODE]: Cell
  declare readonly [SHAPE]: Shape
  declare readonly [DTYPE]: DType
  declare readonly [SCOPES]: Scopes
  #seen: Op | undefined

  static {
    Object.freeze(this.prototype)
  }

  constructor(cell: Cell, shape: Shape, dtype: DType, scopes: Scopes) {
    this[NODE] = cell
    this[SHAPE] = shape
    this[DTYPE] = dtype
    this[SCOPES] = scopes
    Object.freeze(this)
  }

  get op(): Op {
    const { op } = this[NODE]
    if (this.#seen === op) return op
    this.#seen = op
    return freezeOp(op)
  }

  get [ARGS](): readonly Vertex[] {
    return this[NODE].args
  }

  get args(): readonly Vertex[] {
    return Object.freeze(this[NODE].args)
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

  [CALL](): Call {
    const { op, says } = this[NODE]
    return [nameOf(op), says(op)]
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

const hasShape = (vertex: Vertex | undefined, shape: Shape): boolean => (vertex as Tensor | undefined)?.shape === shape

/**
 * Applies a primitive: checks the shapes by the rule of its kind (and that the result is not too large to exist) and makes
 * the node, in the open scopes of its arguments; a symbol is also in the `scope` whose symbol it is. The primitive and the
 * list of arguments become the node's and may be frozen: they must not be a user's. The rule, with what is said of the
 * primitive, is handed over, and not looked up in a table, so that a bundle has those of the primitives that it uses.
 */
export const apply = <K extends Kind>(
  rule: Rule<K>,
  op: OpOf<K>,
  args: readonly Vertex[] = none,
  scope?: Scope
): Tensor => {
  const { shape, dtype } = rule.type(op, args as ArgsOf<K>)
  const scopes = scope === undefined ? openScopes(args) : symbolScopes(scope, args)
  // A shape that is shared with an argument was checked and frozen when that was made.
  const isKnown = hasShape(args[0], shape) || hasShape(args[1], shape)
  // The rule is that of the primitive.
  const cell = { op, says: rule.says as Cell["says"], args }
  return new Node(cell, isKnown ? shape : Object.freeze(checkSize(nameOf(op), shape)), dtype, scopes)
}

/**
 * Makes a literal of a node whose value was computed: nobody asks again what that was computed from. (A node of another
 * copy of the library stays as it is.)
 */
export const settle = (t: Tensor, value: Value): void => {
  if (!(t instanceof Node)) return
  const cell = t[NODE]
  cell.op = literalOp(value)
  cell.says = attributes.literal as Cell["says"]
  cell.args = none
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
export const isTensor = (value: unknown): value is Tensor => isBranded(value)
