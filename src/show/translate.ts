import { isFloat } from "../dataflow/dtype.js"
import { dependents, topological } from "../dataflow/order.js"
import { dataOf, isLiteral } from "../dataflow/literal.js"
import { argOf, callOf, isLoop, nameOf, type Op, type OpOf, type Tensor, type Vertex } from "../dataflow/primitive.js"
import { showShape, sizeOf } from "../dataflow/shape.js"
import { evaluate } from "../engine/index.js"
import { fail } from "../dataflow/error.js"
import type { Mark, Marks } from "./objective.js"
import { simplifying } from "./simplify.js"
import type { Head, Make, Term } from "./term.js"

const MAX_SHOWN = 4
const zero: Head = { kind: "number", value: 0 }
const one: Head = { kind: "number", value: 1 }
const call = (name: string, attributes = ""): Head => ({ kind: "call", name, attributes })

const elementwise: ReadonlySet<string> = new Set(["unary", "binary", "compare", "select"])
const isElementwise = (op: Op): op is OpOf<"unary" | "binary" | "compare" | "select"> => elementwise.has(op.kind)
const logical: ReadonlySet<string> = new Set(["not", "and", "or", "xor"])

/** Of the same values as the (first) argument. */
const same: ReadonlySet<string> = new Set(["variable", "stopGradient", "customVjp", "broadcast"])

/** A constant: its number if all elements are equal, else its first values. */
const constant = (make: Make, t: Tensor): Term => {
  const values = isLiteral(t) ? Array.from(dataOf(t)) : []
  const [first = 0] = values
  if (values.every(value => Object.is(value, first) || value === first)) return make({ kind: "number", value: first })
  const rest = values.length > MAX_SHOWN ? `… ${values.length} in all` : ""
  const shown = values.slice(0, MAX_SHOWN).map(value => make({ kind: "number", value }))
  return make(call("values", rest), shown, t.shape, "opaque")
}

const withoutOnes = (t: Tensor): string => t.shape.filter(size => size !== 1).join()

/** Whether a reader may take the result for the argument. */
const isTransparent = (t: Tensor): boolean =>
  same.has(t.op.kind) ||
  (t.op.kind === "cast" && isFloat(t.dtype) && argOf(t, 0).dtype !== "bool") ||
  (t.op.kind === "reshape" && withoutOnes(t) === withoutOnes(argOf(t, 0)))

const isInteger = (t: Tensor): boolean => t.dtype === "i32" || t.dtype === "u32"

const transposed = (make: Make, x: Term): Term => {
  const [rows = 1, columns = 1] = x.shape
  const [inner] = x.args
  return x.head.kind === "transpose" && inner !== undefined ? inner : make({ kind: "transpose" }, [x], [columns, rows])
}

/** A product of two matrices, over any axis of each, or a matrix with its axes exchanged. */
const ofMatrices = (make: Make, t: Tensor, [a, b]: readonly Term[]): Term | undefined => {
  if (t.shape.length !== 2 || a?.shape.length !== 2) return undefined
  if (t.op.kind === "transpose") return t.op.permutation[0] === 1 ? transposed(make, a) : a
  if (t.op.kind !== "dot" || t.op.batch[0].length > 0 || b?.shape.length !== 2) return undefined
  const [[left], [right]] = t.op.contract
  const factors = [left === 0 ? transposed(make, a) : a, right === 1 ? transposed(make, b) : b]
  return make({ kind: "product" }, factors, t.shape)
}

/** The root of the sum of all squares, or of those of the parts of what is put together of scalars. */
const wholeNorm = (make: Make, simple: Make, t: Tensor, [x = make(zero)]: readonly Term[]): Term => {
  const { op, shape } = argOf(t, 0)
  const square = (part: Term): Term => simple({ kind: "binary", fn: "mul" }, [part, part])
  const total =
    op.kind === "concat" && x.args.every(part => sizeOf(part.shape) === 1)
      ? x.args.map(square).reduce((a, b) => simple({ kind: "binary", fn: "add" }, [a, b]))
      : make({ kind: "reduce", fn: "sum", axes: "", size: sizeOf(shape) }, [square(x)], t.shape)
  return simple({ kind: "unary", fn: "sqrt" }, [total])
}

/** A primitive applied to terms. Integers are cut off when divided, and have logic bit by bit. */
const applied = (make: Make, simple: Make, t: Tensor, args: readonly Term[]): Term => {
  const { op, dtype } = t
  const { shape, dtype: from } = argOf(t, 0)
  if (op.kind === "cast" && dtype === "bool") return simple({ kind: "compare", fn: "ne" }, [...args, make(zero)])
  if (op.kind === "cast" && from === "bool") return simple({ kind: "select" }, [...args, make(one), make(zero)])
  if (op.kind === "reduce" && op.fn === "norm" && op.axes.length === shape.length)
    return wholeNorm(make, simple, t, args)
  if (op.kind === "reduce") {
    const fn = dtype === "bool" ? (op.fn === "min" ? "all" : "any") : op.fn
    const axes = op.axes.length === shape.length ? "" : callOf(t)[1]
    return make({ kind: "reduce", fn, axes, size: sizeOf(op.axes.map(axis => shape[axis] ?? 1)) }, args, t.shape)
  }
  if (op.kind === "binary" && op.fn === "div" && isInteger(t)) return make(call("trunc"), [make(op, args)])
  if (isElementwise(op) && !(isInteger(t) && logical.has(nameOf(op)))) return simple(op, args)
  return ofMatrices(make, t, args) ?? make(call(...callOf(t)), args, t.shape)
}

/** What stands for the objective: its arguments come after a symbol. */
const ofObjective: { readonly [M in Exclude<Mark, "thirdDerivative">]: Head } = {
  value: call("f"),
  gradient: { kind: "gradient" },
  hessianProduct: { kind: "hessianProduct" }
}

const thirdDerivative = (operation: string): never =>
  fail("UnboundInputError", operation, "an optimizer of first and second derivatives", "one that takes third ones")

/** What is known of nodes besides themselves. */
interface Legend {
  /** Whose errors it bears. */
  readonly operation: string
  /** The names of symbols. */
  readonly symbols: ReadonlyMap<Tensor, string>
  readonly marks: Marks
  /** The numbers that stand in the place of symbols, by their names. */
  readonly numbers: ReadonlyMap<string, number>
}

/** The terms of `roots` and of what they are computed from. */
export const translate = (
  make: Make,
  roots: readonly Tensor[],
  { operation, symbols, marks, numbers }: Legend
): ReadonlyMap<Vertex, Term> => {
  const simple = simplifying(make)
  const order = topological(roots)
  const varying = dependents(order, new Set(order.filter(v => !isLoop(v) && v.op.kind === "input")))
  const steps = order.filter(t => varying.has(t))
  const constants = [...new Set([...roots, ...steps.flatMap(({ args }) => args)])].filter(
    (v): v is Tensor => !isLoop(v) && !varying.has(v)
  )
  const found = new Map<Vertex, Term>(
    evaluate(constants).map((value, i) => [constants[i] ?? value, constant(make, value)])
  )
  /** With all elements: what elementwise functions may broadcast by themselves, others may not. */
  const whole = (t: Vertex | undefined, term: Term): Term => {
    if (t === undefined || isLoop(t)) return term
    const isWhole = sizeOf(term.shape) === sizeOf(t.shape)
    return isWhole ? term : make(call("broadcast", showShape(t.shape)), [term], t.shape)
  }
  for (const t of steps) {
    const args = t.args.map(a => found.get(a) ?? make(zero))
    const [first] = args
    const mark = isLoop(t) ? undefined : marks.get(t)
    if (mark === "thirdDerivative") thirdDerivative(operation)
    else if (mark !== undefined) found.set(t, make(ofObjective[mark], args.slice(1), (t as Tensor).shape))
    else if (isLoop(t)) {
      const wholes = args.map((a, i) => whole(t.args[i], a))
      found.set(t, make(call(...callOf(t)), wholes, [], "opaque"))
    } else if (t.op.kind === "input") {
      const name = symbols.get(t) ?? t.op.name
      const value = numbers.get(name)
      found.set(t, value === undefined ? make({ kind: "symbol", name }, [], t.shape) : make({ kind: "number", value }))
    } else if (isTransparent(t) && first !== undefined) found.set(t, first)
    else {
      const elementwise = isElementwise(t.op) || t.op.kind === "cast"
      found.set(t, applied(make, simple, t, elementwise ? args : args.map((a, i) => whole(t.args[i], a))))
    }
  }
  return found
}
