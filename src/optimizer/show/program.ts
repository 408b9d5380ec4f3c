import { isFloat } from "../../dataflow/dtype.js"
import { dependents, topological } from "../../dataflow/order.js"
import { attributesOf } from "../../dataflow/print.js"
import { nameOf, type Op, type OpOf, type Tensor } from "../../dataflow/primitive.js"
import { showShape, sizeOf } from "../../dataflow/shape.js"
import { evaluate } from "../../engine/index.js"
import { simplifying } from "./simplify.js"
import { isNonNegative, terms, type Head, type Make, type Term } from "./term.js"
import { COUNT, type Traced } from "./trace.js"

/** A result: the next value of a symbol. */
export interface Equation {
  readonly name: string
  readonly term: Term
}

/** What a step computes, to be read. */
export interface Program {
  readonly equations: readonly Equation[]
  /** What the equations are computed from and they themselves, arguments first. */
  readonly terms: readonly Term[]
}

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
const constant = (make: Make, { op }: Tensor): Term => {
  const values = op.kind === "literal" ? Array.from(op.data) : []
  const numbers = values.map(value => make({ kind: "number", value }))
  if (numbers.every(n => n === numbers[0])) return numbers[0] ?? make(zero)
  const rest = values.length > MAX_SHOWN ? `… ${values.length} in all` : ""
  return make(call("values", rest), numbers.slice(0, MAX_SHOWN), values.length, "opaque")
}

const withoutOnes = (t: Tensor): string => t.shape.filter(size => size !== 1).join()

/** Whether a reader may take the result for the argument. */
const isTransparent = (t: Tensor): boolean =>
  same.has(t.op.kind) ||
  (t.op.kind === "cast" && isFloat(t.dtype) && t.args.every(({ dtype }) => dtype !== "bool")) ||
  (t.op.kind === "reshape" && t.args.every(x => withoutOnes(t) === withoutOnes(x)))

const isInteger = (t: Tensor): boolean => t.dtype === "i32" || t.dtype === "u32"

/** A primitive applied to terms. Integers are cut off when divided, and have logic bit by bit. */
const applied = (make: Make, t: Tensor, args: readonly Term[]): Term => {
  const { op, dtype } = t
  const [{ shape, dtype: from }] = t.args as readonly [Tensor]
  const simple = simplifying(make)
  if (op.kind === "cast" && dtype === "bool") return simple({ kind: "compare", fn: "ne" }, [...args, make(zero)])
  if (op.kind === "cast" && from === "bool") return simple({ kind: "select" }, [...args, make(one), make(zero)])
  if (op.kind === "reduce") {
    const fn = dtype === "bool" ? (op.fn === "min" ? "all" : "any") : op.fn
    const axes = op.axes.length === shape.length ? "" : attributesOf(op)
    return make(
      { kind: "reduce", fn, axes, size: sizeOf(op.axes.map(axis => shape[axis] ?? 1)) },
      args,
      sizeOf(t.shape)
    )
  }
  if (op.kind === "binary" && op.fn === "div" && isInteger(t)) return make(call("trunc"), [make(op, args)])
  if (isElementwise(op) && !(isInteger(t) && logical.has(nameOf(op)))) return simple(op, args)
  return make(call(nameOf(op), attributesOf(op)), args, sizeOf(t.shape), op.kind === "scan" ? "opaque" : undefined)
}

/** The terms of `roots` and of what they are computed from. */
const translate = (
  make: Make,
  roots: readonly Tensor[],
  symbols: ReadonlyMap<Tensor, string>
): ReadonlyMap<Tensor, Term> => {
  const order = topological(roots)
  const varying = dependents(order, new Set(order.filter(t => t.op.kind === "input")))
  const steps = order.filter(t => varying.has(t))
  const constants = [...new Set([...roots, ...steps.flatMap(t => t.args)])].filter(t => !varying.has(t))
  const found = new Map(evaluate(constants).map((value, i) => [constants[i] ?? value, constant(make, value)]))
  /** With all elements: what elementwise functions may broadcast by themselves, others may not. */
  const whole = (t: Tensor, term: Term): Term => {
    const size = sizeOf(t.shape)
    return term.size === size ? term : make(call("broadcast", showShape(t.shape)), [term], size)
  }
  for (const t of steps) {
    const args = t.args.map(a => found.get(a) ?? make(zero))
    const [first] = args
    if (t.op.kind === "input")
      found.set(t, make({ kind: "symbol", name: symbols.get(t) ?? t.op.name }, [], sizeOf(t.shape)))
    else if (isTransparent(t) && first !== undefined) found.set(t, first)
    else {
      const elementwise = isElementwise(t.op) || t.op.kind === "cast"
      found.set(t, applied(make, t, elementwise ? args : args.map((a, i) => whole(t.args[i] ?? t, a))))
    }
  }
  return found
}

/** Terms and those that they are computed from, arguments first. */
const needed = (roots: readonly Term[]): readonly Term[] => {
  const found = new Set(roots)
  for (const t of found) t.args.forEach(a => found.add(a)) // what is added is visited too
  return [...found].sort((a, b) => a.id - b.id)
}

/**
 * The results under an assumption of what is never negative, or under less: what starts so and stays so if all of it
 * does.
 */
const solve = ({ symbols, results }: Traced, assumed: ReadonlySet<string>): readonly [Make, readonly Equation[]] => {
  const make = terms(assumed)
  const found = translate(make, [...results.map(({ start }) => start), ...results.map(({ after }) => after)], symbols)
  const termOf = (t: Tensor): Term => found.get(t) ?? make(zero)
  const kept = results
    .filter(({ start, after }) => [start, after].map(termOf).every(isNonNegative))
    .map(({ name }) => name)
  const remaining = new Set([COUNT, ...kept.filter(name => assumed.has(name))])
  if (remaining.size < assumed.size) return solve({ symbols, results }, remaining)
  return [make, results.map(({ name, after }) => ({ name, term: termOf(after) }))]
}

/** The equations of a step; that of `t` comes first, if anything depends on it. */
export const programOf = (traced: Traced): Program => {
  const names = traced.results.map(({ name }) => name)
  const [make, own] = solve(traced, new Set([COUNT, ...names.filter(name => name !== "p")]))
  const t = make({ kind: "symbol", name: COUNT })
  const counted = needed(own.map(({ term }) => term)).includes(t)
  const next = counted ? [{ name: COUNT, term: make({ kind: "binary", fn: "add" }, [t, make(one)]) }] : []
  const equations = [...next, ...own]
  return { equations, terms: needed(equations.map(({ term }) => term)) }
}
