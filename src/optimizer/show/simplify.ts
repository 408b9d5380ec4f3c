import type { BinaryFn } from "../../dataflow/primitive.js"
import { isPositive, numberOf, type Head, type Make, type Term } from "./term.js"

/** Whether a term is this function of two arguments. */
const is = (t: Term | undefined, fn: BinaryFn): t is Term => t?.head.kind === "binary" && t.head.fn === fn

type Rule = (make: Make, ...args: readonly Term[]) => Term | undefined

const number = (make: Make, value: number): Term => make({ kind: "number", value })
const negated = (make: Make, x: Term): Term => simplified(make, { kind: "unary", fn: "neg" }, [x])
const binary = (make: Make, fn: BinaryFn, ...args: readonly Term[]): Term =>
  simplified(make, { kind: "binary", fn }, args)

/** `x·(n/d)` as `n·x/d`, when `n` is a number. */
const ontoNumerator = (make: Make, x: Term, quotient: Term): Term | undefined => {
  const [n, d] = quotient.args
  if (n === undefined || d === undefined || !is(quotient, "div") || numberOf(n) === undefined) return undefined
  return binary(make, "div", binary(make, "mul", n, x), d)
}

const product = (make: Make, a: Term, b: Term): Term | undefined => {
  const [n, m] = [numberOf(a), numberOf(b)]
  if (n === undefined)
    return m === undefined
      ? a === b
        ? binary(make, "pow", a, number(make, 2))
        : (ontoNumerator(make, a, b) ?? ontoNumerator(make, b, a))
      : binary(make, "mul", b, a)
  if (m !== undefined) return number(make, n * m)
  if (n === 1) return b
  if (n === -1) return negated(make, b)
  const [inner, rest] = b.args
  const k = is(b, "mul") ? numberOf(inner) : undefined
  return k !== undefined && rest !== undefined ? binary(make, "mul", number(make, n * k), rest) : undefined
}

const rules: { readonly [F in BinaryFn]?: (make: Make, a: Term, b: Term) => Term | undefined } = {
  add: (_, a, b) => (numberOf(b) === 0 ? a : numberOf(a) === 0 ? b : undefined),
  sub: (make, a, b) => (numberOf(b) === 0 ? a : numberOf(a) === 0 ? negated(make, b) : undefined),
  mul: product,
  div: (make, a, b) => {
    const n = numberOf(b)
    const counted = a.head.kind === "reduce" && a.head.fn === "sum" && n !== undefined && a.head.size === n
    return n === 1 ? a : counted ? make({ ...(a.head as Head & { kind: "reduce" }), fn: "mean" }, a.args) : undefined
  },
  pow: (_, a, b) => (numberOf(b) === 1 ? a : undefined)
}

/** A branch that is always taken: the condition is a number, or asks whether something positive is 0. */
const chosen: Rule = (_, condition, a, b) => {
  const [x, zero] = condition?.args ?? []
  const answer = numberOf(condition)
  if (answer !== undefined) return answer === 0 ? b : a
  if (a === b) return a
  const asked = condition?.head.kind === "compare" && numberOf(zero) === 0 && isPositive(x)
  return asked && condition.head.fn === "eq" ? b : asked && condition.head.fn === "ne" ? a : undefined
}

const opposite: Rule = (make, x) => {
  const n = numberOf(x)
  if (n !== undefined) return number(make, -n)
  return x?.head.kind === "unary" && x.head.fn === "neg" ? x.args[0] : undefined
}

/** The term, or one that is equal as mathematics and shorter to read. Its arguments are simple already. */
export const simplified = (make: Make, head: Head, args: readonly Term[]): Term => {
  const [a, b] = args
  const shorter =
    head.kind === "select"
      ? chosen(make, ...args)
      : head.kind === "unary" && head.fn === "neg"
        ? opposite(make, ...args)
        : head.kind === "binary" && a !== undefined && b !== undefined
          ? rules[head.fn]?.(make, a, b)
          : undefined
  return shorter ?? make(head, args)
}
