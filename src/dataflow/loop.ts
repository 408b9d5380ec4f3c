import { add } from "./arithmetic.js"
import { loopCall } from "./attributes.js"
import { scalar } from "./create.js"
import { fail } from "./error.js"
import { isLiteral } from "./literal.js"
import { where } from "./logic.js"
import { borderOf, orderWithin } from "./order.js"
import { CALL, type Loop, type Scope, type Tensor, type Vertex } from "./primitive.js"
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
  /** Computes, from what the body computed, whether another iteration follows. */
  readonly again?: ((outputs: readonly Tensor[]) => Tensor | undefined) | undefined
  readonly init: readonly Tensor[]
  readonly xs: readonly Tensor[]
  readonly length: number
  /** How many iterations there are, at most `length`; that many if absent. */
  readonly count?: Tensor | undefined
  readonly reverse: boolean
}

/**
 * Traces a body, makes a loop of it and takes that apart: the final carry, then the stacked results. What the body uses
 * from outside its scope is computed once, outside, and becomes an argument. An `xs` that the body does not read is left
 * out. Linear in the body.
 */
export const closeLoop = (given: Body): readonly Tensor[] => {
  const { scope, symbols, init, xs, length, count, reverse } = given
  const outputs = scope.trace(given.body)
  const again = scope.trace(() => given.again?.(outputs))
  const roots = again === undefined ? outputs : [...outputs, again]
  const ends = new Set<Vertex>(symbols)
  const order = orderWithin(scope, roots, ends)
  const computed = order.filter(vertex => !ends.has(vertex))
  const captured = borderOf(scope, roots, computed).filter(t => !isLiteral(t))
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
    counted: count !== undefined,
    again,
    args: [...captured, ...init, ...read.map(i => xs[i] as Tensor), ...(count === undefined ? [] : [count])]
  })
}

/** Makes a loop and takes it apart: the final carry, then the stacked results. */
export const partsOf = (fields: Omit<Loop, "_tag" | "scopes" | "parts">): readonly Tensor[] => {
  const { inputs, outputs, args } = fields
  const parts: Tensor[] = []
  const loop: Loop = Object.freeze({
    ...fields,
    _tag: "Loop",
    [CALL]: loopCall,
    inputs: Object.freeze(inputs),
    outputs: Object.freeze(outputs),
    args: Object.freeze(args),
    scopes: openScopes(args),
    parts
  })
  outputs.forEach((_, index) => parts.push(apply(shapes.part, { kind: "part", index }, [loop])))
  return Object.freeze(parts)
}

/** Throws: a derivative in reverse mode goes through a loop that may take any number of iterations. */
export const failWithoutMax = (): never =>
  fail(
    "GradientError",
    "whileLoop",
    "max, the most iterations that there can be, for a derivative in reverse mode (that of jvp needs none)",
    "a loop without it"
  )

/** What takes the place of a tensor, and has its shape and dtype: `what`, in an error. */
export const sameAs =
  (operation: string, what: string) =>
  (before: Tensor, next: Tensor): Tensor =>
    sameType(before, next) ? next : fail("ShapeError", operation, `${what} of ${showType(before)}`, showType(next))

/** A loop over the leading axis of `xs`, on flat lists of tensors. The body gives a carry of the types that it is given. */
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

/**
 * A loop over no slices, for as long as a condition holds, at most `length` times, on flat lists of tensors: the final
 * carry, then what `watch` says of the carry after each iteration, stacked. The body gives a carry of the types that it is
 * given. How many iterations it makes is part of what it carries, for the derivative.
 */
export const loopWhile = (
  condition: (carry: readonly Tensor[]) => Tensor,
  body: (carry: readonly Tensor[]) => readonly Tensor[],
  init: readonly Tensor[],
  length: number,
  watch: (carry: readonly Tensor[]) => readonly Tensor[] = () => []
): readonly Tensor[] => {
  const scope = newScope()
  const made = input(scope, "made", [], "i32")
  const carry = init.map((t, i) => inputLike(scope, `carry${i}`, t))
  const parts = closeLoop({
    scope,
    symbols: [made, ...carry],
    body: () => {
      const after = body(carry)
      return [add(made, 1), ...after, ...watch(after)]
    },
    again: outputs => condition(outputs.slice(1, 1 + init.length)),
    init: [scalar(0, "i32"), ...init],
    xs: [],
    length,
    count: where(condition(init), scalar(length, "i32"), scalar(0, "i32")),
    reverse: false
  })
  return parts.slice(1)
}
