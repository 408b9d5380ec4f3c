import { fail } from "./error.js"
import { isLiteral } from "./literal.js"
import { borderOf, orderWithin } from "./order.js"
import type { Loop, Scope, Tensor, Vertex } from "./primitive.js"
import * as shapes from "./rules.js"
import { newScope, openScopes } from "./scope.js"
import { range } from "./shape.js"
import { input, inputLike } from "./symbol.js"
import { apply } from "./tensor.js"
import { sameType, showType } from "./type.js"

/** A body to trace in a scope, and over what to run it. */
export interface Body {
  readonly scope: Scope
  /** Nodes of the scope, mostly symbols: the carry, then one slice of every `xs`. */
  readonly symbols: readonly Tensor[]
  /** Computes, from the symbols, the next carry, then one slice of every stacked result. */
  readonly body: () => readonly Tensor[]
  readonly init: readonly Tensor[]
  readonly xs: readonly Tensor[]
  readonly length: number
  readonly reverse: boolean
}

/**
 * Traces a body, makes a loop of it and takes that apart: the final carry, then the stacked results. What the body uses
 * from outside its scope is computed once, outside, and becomes an argument. An `xs` that the body does not read is left
 * out. Linear in the body.
 */
export const closeLoop = ({ scope, symbols, body, init, xs, length, reverse }: Body): readonly Tensor[] => {
  const outputs = scope.trace(body)
  const given = new Set<Vertex>(symbols)
  const order = orderWithin(scope, outputs, given)
  const computed = order.filter(vertex => !given.has(vertex))
  const captured = borderOf(scope, outputs, computed).filter(t => !isLiteral(t))
  const reached = new Set<Vertex>(order)
  const slices = symbols.slice(init.length)
  const read = range(xs.length).filter(i => reached.has(slices[i] as Tensor))
  return partsOf({
    bodyScope: scope,
    inputs: [...captured, ...symbols.slice(0, init.length), ...read.map(i => slices[i] as Tensor)],
    outputs,
    captured: captured.length,
    carried: init.length,
    length,
    reverse,
    args: [...captured, ...init, ...read.map(i => xs[i] as Tensor)]
  })
}

/** Makes a loop and takes it apart: the final carry, then the stacked results. */
export const partsOf = (fields: Omit<Loop, "_tag" | "scopes" | "parts">): readonly Tensor[] => {
  const { inputs, outputs, args } = fields
  const parts: Tensor[] = []
  const loop: Loop = Object.freeze({
    ...fields,
    _tag: "Loop",
    inputs: Object.freeze(inputs),
    outputs: Object.freeze(outputs),
    args: Object.freeze(args),
    scopes: openScopes(args),
    parts
  })
  outputs.forEach((_, index) => parts.push(apply(shapes.part, { kind: "part", index }, [loop])))
  return Object.freeze(parts)
}

/** The next carry, which has the shape and dtype of the one before. */
export const sameCarry = (before: Tensor, next: Tensor): Tensor =>
  sameType(before, next) ? next : fail("ShapeError", "scan", `a carry of ${showType(before)}`, showType(next))

/** A loop over the leading axis of `xs`, on flat lists of tensors. The body gives one `sameCarry` for each it is given. */
export const loop = (
  body: (carry: readonly Tensor[], x: readonly Tensor[]) => readonly [carry: readonly Tensor[], y: readonly Tensor[]],
  init: readonly Tensor[],
  xs: readonly Tensor[],
  length: number,
  reverse: boolean
): readonly Tensor[] => {
  const scope = newScope()
  const carry = init.map((t, i) => inputLike(scope, `carry${i}`, t))
  const x = xs.map((t, i) => input(scope, `x${i}`, t.shape.slice(1), t.dtype))
  return closeLoop({ scope, symbols: [...carry, ...x], body: () => body(carry, x).flat(), init, xs, length, reverse })
}
