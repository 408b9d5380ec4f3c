import { fail } from "./error.js"
import { borderOf, orderWithin } from "./order.js"
import type { Loop, Scope, Tensor } from "./primitive.js"
import { newScope, tracing } from "./scope.js"
import { range, sameShape, showShape } from "./shape.js"
import { apply, isLiteral } from "./tensor.js"
import { input, inputLike } from "./trace.js"

/** A body to trace, its scope, the symbols of it, and what they start from. */
export interface Body {
  readonly scope: Scope
  /** Symbols: the carry, then one slice of every `xs`. */
  readonly symbols: readonly Tensor[]
  /** The next carry, then one slice of every stacked result, of the symbols. */
  readonly body: () => readonly Tensor[]
  readonly init: readonly Tensor[]
  readonly xs: readonly Tensor[]
  readonly length: number
  readonly reverse: boolean
}

/**
 * Traces a body, and makes a loop and its outputs: the final carry, then the stacked results. Nodes of the enclosing graph that the body
 * uses become arguments (whatever is not in the body's scope is computed once, outside). An `xs` that the body does not
 * read is left out. Linear in the body.
 */
export const closeLoop = ({ scope, symbols, body, init, xs, length, reverse }: Body): readonly Tensor[] => {
  const outputs = tracing(scope, body)
  const order = orderWithin(scope, outputs)
  const captured = borderOf(scope, outputs, order).filter(t => !isLiteral(t))
  const reached = new Set(order)
  const read = range(xs.length).filter(i => reached.has(symbols[init.length + i] as Tensor))
  const loop: Loop = {
    scope,
    inputs: [...captured, ...symbols.slice(0, init.length), ...read.map(i => symbols[init.length + i] as Tensor)],
    outputs,
    captured: captured.length,
    carried: init.length,
    length,
    reverse,
    args: [...captured, ...init, ...read.map(i => xs[i] as Tensor)]
  }
  return resultsOf(loop)
}

/** A node for a loop, and its parts: the final carry, then the stacked results. */
export const resultsOf = (loop: Loop): readonly Tensor[] => {
  const node = apply({ kind: "scan", loop }, loop.args)
  return loop.outputs.map((_, index) => apply({ kind: "part", index }, [node]))
}

/** The next carry, which has the shape and dtype of the one before. */
export const sameCarry = (before: Tensor, next: Tensor): Tensor =>
  sameShape(before.shape, next.shape) && before.dtype === next.dtype
    ? next
    : fail("ShapeError", "scan", `a carry of ${typeOf(before)}`, typeOf(next))

const typeOf = (t: Tensor): string => `${t.dtype}${showShape(t.shape)}`

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
