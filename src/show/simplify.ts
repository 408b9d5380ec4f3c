import { smallestNormal } from "../dataflow/dtype.js"
import type { BinaryFn, UnaryFn } from "../dataflow/primitive.js"
import { isAtLeast, isNonNegative, isPositive, numberOf, type Head, type Make, type Term } from "./term.js"

/** The arguments of this function, if that is what stands at the top. */
const parts = (t: Term | undefined, fn: BinaryFn): readonly [a: Term, b: Term] | undefined => {
  const [a, b] = t?.args ?? []
  return t?.head.kind === "binary" && t.head.fn === fn && a !== undefined && b !== undefined ? [a, b] : undefined
}

const inner = (t: Term, fn: UnaryFn): Term | undefined =>
  t.head.kind === "unary" && t.head.fn === fn ? t.args[0] : undefined

const folds: { readonly [F in BinaryFn]?: (a: number, b: number) => number } = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b
}

type Rule = (a: Term, b: Term) => Term | undefined

/** Makes terms, or such as are equal as mathematics and shorter to read. Arguments are simple already. */
export const simplifying = (make: Make): Make => {
  const number = (value: number): Term => make({ kind: "number", value })
  const binary = (fn: BinaryFn, a: Term, b: Term): Term => simplified({ kind: "binary", fn }, [a, b])
  const negated = (x: Term): Term => simplified({ kind: "unary", fn: "neg" }, [x])

  /** Numbers to the front: `n·(m·x)`, `x·(n·y)` and `x·(n/d)`. */
  const scaled: Rule = (x, y) => {
    const [[n, rest], [top, d]] = [parts(y, "mul") ?? [], parts(y, "div") ?? []]
    if (n !== undefined && rest !== undefined && numberOf(n) !== undefined)
      return numberOf(x) === undefined
        ? binary("mul", n, binary("mul", x, rest))
        : binary("mul", binary("mul", x, n), rest)
    if (top === undefined || d === undefined || numberOf(top) === undefined || numberOf(x) !== undefined)
      return undefined
    return binary("div", binary("mul", top, x), d)
  }
  const squared = (x: Term): Term => {
    const root = inner(x, "sqrt")
    return root !== undefined && isNonNegative(root) ? root : binary("pow", x, number(2))
  }
  const product: Rule = (a, b) => {
    const n = numberOf(a)
    if (n === 0) return a
    if (n === 1) return b
    if (n === -1) return negated(b)
    if (n !== undefined) return scaled(a, b)
    if (numberOf(b) !== undefined) return binary("mul", b, a)
    if (a === b) return squared(a)
    const [x, y] = [inner(a, "neg"), inner(b, "neg")]
    if (x !== undefined || y !== undefined) {
      const size = binary("mul", x ?? a, y ?? b)
      return x !== undefined && y !== undefined ? size : negated(size)
    }
    return scaled(a, b) ?? scaled(b, a)
  }
  /** Logic with a constant: what changes nothing is dropped, the other constant is the result. */
  const unlessDecided = (neutral: number, a: Term, b: Term): Term | undefined => {
    const [n, m] = [numberOf(a), numberOf(b)]
    return n !== undefined ? (n === neutral ? b : a) : m !== undefined ? (m === neutral ? a : b) : undefined
  }
  const rules: { readonly [F in BinaryFn]?: Rule } = {
    add: (a, b) => (numberOf(b) === 0 ? a : numberOf(a) === 0 ? b : undefined),
    sub: (a, b) => (numberOf(b) === 0 ? a : numberOf(a) === 0 ? negated(b) : undefined),
    mul: product,
    div: (a, b) => {
      const mean = a.head.kind === "reduce" && a.head.fn === "sum" && a.head.size === numberOf(b)
      return numberOf(b) === 1 ? a : mean ? make({ ...a.head, fn: "mean" }, a.args, a.shape) : undefined
    },
    pow: (a, b) => (numberOf(b) === 1 ? a : undefined),
    max: (a, b) => (a === b || isAtLeast(a, b) || (numberOf(b) === 0 && isNonNegative(a)) ? a : undefined),
    and: (a, b) => unlessDecided(1, a, b),
    or: (a, b) => unlessDecided(0, a, b)
  }
  const ofTwo = (fn: BinaryFn, a: Term, b: Term): Term | undefined => {
    const [n, m] = [numberOf(a), numberOf(b)]
    const folded = n === undefined || m === undefined ? undefined : folds[fn]?.(n, m)
    return folded === undefined ? rules[fn]?.(a, b) : number(folded)
  }

  /** What is chosen when a condition is false: there, element by element, it need not be asked again. */
  const otherwise = (condition: Term, x: Term): Term => {
    const again = (a: Term): Term => (a.head.kind === "select" && a.args[0] === condition ? (a.args[2] ?? a) : a)
    const elementwise = x.head.kind === "unary" || x.head.kind === "binary"
    return elementwise && x.args.some(a => again(a) !== a) ? simplified(x.head, x.args.map(again)) : x
  }
  /** Whether 0 is chosen for what is smaller than any normal number: that is rounding. */
  const isFlush = ({ head, args: [x, bound] }: Term, a: Term, b: Term): boolean =>
    head.kind === "compare" &&
    head.fn === "lt" &&
    (numberOf(bound) ?? 1) <= smallestNormal.f32 &&
    numberOf(a) === 0 &&
    x !== undefined &&
    (x === b || inner(x, "abs") === b)
  /** Also: a condition that asks whether something positive is 0. */
  const chosen = (condition: Term, a: Term, b: Term): Term | undefined => {
    const [answer, opposite] = [numberOf(condition), inner(condition, "not")]
    const { head, args } = condition
    if (answer !== undefined) return answer === 0 ? b : a
    if (a === b) return a
    if (isFlush(condition, a, b)) return b
    if (opposite !== undefined) return simplified({ kind: "select" }, [opposite, b, a])
    if (head.kind === "compare" && head.fn === "eq" && numberOf(args[1]) === 0 && isPositive(args[0])) return b
    const second = otherwise(condition, b)
    return second === b ? undefined : simplified({ kind: "select" }, [condition, a, second])
  }
  const opposite = (x: Term): Term | undefined => {
    const [n = x, rest] = parts(x, "mul") ?? []
    const factor = numberOf(n)
    return factor === undefined
      ? inner(x, "neg")
      : rest === undefined
        ? number(-factor)
        : binary("mul", number(-factor), rest)
  }
  const denied = (x: Term): Term | undefined => {
    const answer = numberOf(x)
    return answer === undefined ? undefined : number(answer === 0 ? 1 : 0)
  }
  const shorter = (head: Head, [a, b, c]: readonly Term[]): Term | undefined => {
    if (a === undefined) return undefined
    if (head.kind === "unary" && head.fn === "neg") return opposite(a)
    if (head.kind === "unary" && head.fn === "not") return denied(a)
    if (b === undefined) return undefined
    if (head.kind === "binary") return ofTwo(head.fn, a, b)
    if (head.kind === "compare" && head.fn === "ge" && isAtLeast(a, b)) return number(1)
    return head.kind === "select" && c !== undefined ? chosen(a, b, c) : undefined
  }
  const simplified: Make = (head, args = []) => shorter(head, args) ?? make(head, args)
  return simplified
}
