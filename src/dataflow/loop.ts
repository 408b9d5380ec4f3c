import { fail } from "./error.js"
import { dependents, topological } from "./order.js"
import type { Loop, Tensor } from "./primitive.js"
import { range, sameShape, showShape } from "./shape.js"
import { apply, isLiteral } from "./tensor.js"
import { input, inputLike, tracing } from "./trace.js"

/** A traced body with its own symbols, and what they start from. */
export interface Body {
  /** Symbols: the carry, then one slice of every `xs`. */
  readonly symbols: readonly Tensor[]
  /** The next carry, then one slice of every stacked result. */
  readonly outputs: readonly Tensor[]
  readonly init: readonly Tensor[]
  readonly xs: readonly Tensor[]
  readonly length: number
  readonly reverse: boolean
}

/**
 * Makes a loop and its outputs: the final carry, then the stacked results. Nodes of the enclosing graph that the body
 * uses become arguments (whatever does not depend on the body's symbols is computed once, outside). An `xs` that the
 * body does not read is left out.
 */
export const closeLoop = ({ symbols, outputs, init, xs, length, reverse }: Body): readonly Tensor[] => {
  const own = new Set(symbols)
  const order = topological(outputs, own)
  const varying = dependents(order, own)
  const used = new Set(outputs)
  for (const t of varying) if (!own.has(t)) for (const a of t.args) used.add(a)
  const captured = order.filter(t => used.has(t) && !varying.has(t) && !isLiteral(t))
  const reached = new Set(order)
  const read = range(xs.length).filter(i => reached.has(symbols[init.length + i] as Tensor))
  const loop: Loop = {
    inputs: [...captured, ...symbols.slice(0, init.length), ...read.map(i => symbols[init.length + i] as Tensor)],
    outputs,
    captured: captured.length,
    carried: init.length,
    length,
    reverse,
    args: [...captured, ...init, ...read.map(i => xs[i] as Tensor)]
  }
  return outputs.map((_, index) => apply({ kind: "scan", loop, index }, loop.args))
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
  const carry = init.map((t, i) => inputLike(`carry${i}`, t))
  const x = xs.map((t, i) => input(`x${i}`, t.shape.slice(1), t.dtype))
  const symbols = [...carry, ...x]
  const [next, y] = tracing(symbols, () => body(carry, x))
  return closeLoop({ symbols, outputs: [...next, ...y], init, xs, length, reverse })
}
