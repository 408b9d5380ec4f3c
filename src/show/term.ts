import type { BinaryFn, CompareFn, ReduceFn, UnaryFn } from "../dataflow/primitive.js"
import { sizeOf, type Shape } from "../dataflow/shape.js"
import { COUNT } from "./names.js"

/**
 * What stands at the top of a term. Reductions without `axes` are over all; `product` and `transpose` are those of
 * matrices; `gradient` is that of the objective at the argument, `hessianProduct` that of its
 * Hessian at the first with the second; a call is any other primitive.
 */
export type Head =
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "unary"; readonly fn: UnaryFn }
  | { readonly kind: "binary"; readonly fn: BinaryFn }
  | { readonly kind: "compare"; readonly fn: CompareFn }
  | { readonly kind: "select" }
  | { readonly kind: "product" }
  | { readonly kind: "transpose" }
  | { readonly kind: "gradient" }
  | { readonly kind: "hessianProduct" }
  | {
      readonly kind: "reduce"
      readonly fn: ReduceFn | "mean" | "all" | "any"
      readonly axes: string
      readonly size: number
    }
  | { readonly kind: "call"; readonly name: string; readonly attributes: string }

/** What is known of the sign, wherever the value is not NaN: from nothing to `x > 0`. */
const Sign = { any: 0, nonNegative: 1, positive: 2 }

/** An expression to be read: no casts, no broadcasts, constants as numbers. Equal terms of one builder are one object. */
export interface Term {
  /** Larger than those of the arguments. */
  readonly id: number
  readonly head: Head
  readonly args: readonly Term[]
  readonly sign: number
  /** What `t`, or a sum of it and numbers, is never below; of others nothing is said. */
  readonly least: number | undefined
  /** Before it is broadcast. */
  readonly shape: Shape
}

/** Functions that are never negative; `exp` underflows to 0. */
const NON_NEGATIVE: ReadonlySet<string> = new Set<UnaryFn>(["abs", "sqrt", "exp", "sigmoid"])

/** A product of positive numbers may underflow to 0; a sum, a maximum or a root of them not. */
const signOf = (head: Head, args: readonly Term[]): number => {
  const signs = args.map(({ sign }) => sign)
  const [least, most] = [Math.min(...signs), Math.max(...signs)]
  const atMostNonNegative = Math.min(least, Sign.nonNegative)
  switch (head.kind) {
    case "number":
      return head.value > 0 ? Sign.positive : head.value === 0 ? Sign.nonNegative : Sign.any
    case "unary":
      return NON_NEGATIVE.has(head.fn)
        ? head.fn === "sqrt"
          ? Math.max(least, Sign.nonNegative)
          : Sign.nonNegative
        : Sign.any
    case "reduce":
      return atMostNonNegative
    case "select":
      return Math.min(...signs.slice(1))
    case "binary":
      if (head.fn === "add") return least === Sign.any ? Sign.any : most
      if (head.fn === "max") return most
      if (head.fn === "min") return least
      if (head.fn === "pow") return numberOf(args[1]) === 2 ? Sign.nonNegative : atMostNonNegative
      return head.fn === "mul" || head.fn === "div" ? atMostNonNegative : Sign.any
    default:
      return Sign.any
  }
}

const leastOf = (head: Head, [a, b]: readonly Term[]): number | undefined => {
  if (head.kind === "number") return head.value
  if (head.kind === "symbol") return head.name === COUNT ? 0 : undefined
  const isSum = head.kind === "binary" && head.fn === "add"
  return isSum && a?.least !== undefined && b?.least !== undefined ? a.least + b.least : undefined
}

/** Terms and those that they are computed from. */
export const within = (roots: readonly Term[]): ReadonlySet<Term> => {
  const found = new Set(roots)
  for (const t of found) t.args.forEach(a => found.add(a)) // what is added is visited too
  return found
}

export const numberOf = (t: Term | undefined): number | undefined =>
  t?.head.kind === "number" ? t.head.value : undefined

/** Whether a product with it may be taken for one of matrices. */
export const isMatrix = ({ shape }: Term): boolean => shape.filter(size => size !== 1).length > 1

export const isPositive = (t: Term | undefined): boolean => t?.sign === Sign.positive
export const isNonNegative = (t: Term): boolean => t.sign >= Sign.nonNegative

/** Whether it is known never to be less than a number. */
export const isAtLeast = ({ least }: Term, bound: Term): boolean => {
  const number = numberOf(bound)
  return least !== undefined && number !== undefined && least >= number
}

/**
 * Makes a term, or finds the equal one. The shape is that of the largest argument if it is not given. An `opaque` term,
 * whose head does not say all, equals no other.
 */
export type Make = (head: Head, args?: readonly Term[], shape?: Shape, opaque?: "opaque") => Term

const widest = (args: readonly Term[]): Shape =>
  args.reduce<Shape>((most, { shape }) => (sizeOf(shape) > sizeOf(most) ? shape : most), [])

/** Keeps equal terms as one. Of some symbols it is known that they are not negative. */
export const terms = (nonNegative: ReadonlySet<string>): Make => {
  const made = new Map<string, Term>()
  return (head, args = [], shape = widest(args), opaque) => {
    const said = head.kind === "number" ? `number ${head.value}` : JSON.stringify(head)
    const key = `${said} ${opaque === undefined ? "" : made.size} ${args.map(({ id }) => id).join(" ")}`
    const known = head.kind === "symbol" && nonNegative.has(head.name)
    const sign = known ? Sign.nonNegative : signOf(head, args)
    const term = made.get(key) ?? { id: made.size, head, args, sign, least: leastOf(head, args), shape }
    made.set(key, term)
    return term
  }
}
