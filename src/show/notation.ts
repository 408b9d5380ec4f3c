import type { BinaryFn, CompareFn, UnaryFn } from "../dataflow/primitive.js"
import type { Doc } from "./doc.js"
import { isMatrix, type Term } from "./term.js"

/** A way to write terms: complete, so that a primitive without a form does not compile. */
export interface Notation {
  /** A name, with indices after `_` and a prime or none at the end. */
  readonly symbol: (name: string) => Doc
  /** A number that is not negative. */
  readonly number: (value: number) => Doc
  readonly unary: { readonly [F in UnaryFn]: (x: Doc) => Doc }
  readonly binary: { readonly [F in BinaryFn]: (a: Doc, b: Doc) => Doc }
  readonly compare: { readonly [F in CompareFn]: (a: Doc, b: Doc) => Doc }
  readonly select: (condition: Doc, a: Doc, b: Doc) => Doc
  /** The product of two matrices, that of their elements, and a matrix with its axes exchanged. */
  readonly product: (a: Doc, b: Doc) => Doc
  readonly elementwise: (a: Doc, b: Doc) => Doc
  readonly transpose: (x: Doc) => Doc
  /** The gradient at a point. */
  readonly gradient: (x: Doc) => Doc
  /** The Hessian at a point. */
  readonly hessian: (x: Doc) => Doc
  /** A sum over all elements. */
  readonly sum: (x: Doc) => Doc
  readonly call: (name: string, args: readonly Doc[], attributes?: string) => Doc
  readonly show: (x: Doc) => string
  readonly equations: (lines: readonly (readonly [name: Doc, value: Doc])[]) => string
}

/** Writes a term, given what its arguments look like. */
export const write = (notation: Notation, { head, args: terms }: Term, args: readonly Doc[]): Doc => {
  const [a = [], b = [], c = []] = args
  switch (head.kind) {
    case "symbol":
      return notation.symbol(head.name)
    case "number":
      return head.value < 0 ? notation.unary.neg(notation.number(-head.value)) : notation.number(head.value)
    case "unary":
      return notation.unary[head.fn](a)
    case "binary":
      return (head.fn === "mul" && terms.every(isMatrix) ? notation.elementwise : notation.binary[head.fn])(a, b)
    case "compare":
      return notation.compare[head.fn](a, b)
    case "select":
      return notation.select(a, b, c)
    case "product":
      return notation.product(a, b)
    case "transpose":
      return notation.transpose(a)
    case "gradient":
      return notation.gradient(a)
    case "hessianProduct":
      return notation.product(notation.hessian(a), b)
    case "reduce":
      return head.fn === "sum" && head.axes === "" ? notation.sum(a) : notation.call(head.fn, [a], head.axes)
    case "call":
      return notation.call(head.name, args, head.attributes)
  }
}
