import type { Type } from "../dataflow/type.js"
import type { RowOfMany } from "./row.js"
import { listText } from "./text.js"
import type { Named, Writer } from "./writer.js"

const count: Type = { shape: [], dtype: "i32" }
const truth: Type = { shape: [], dtype: "bool" }

/** The slice at a place of the leading axis. */
const sliceAt = (w: Writer, x: Named, at: Named, zero: Named): Named => {
  const inner = x.shape.slice(1)
  const one: Type = { shape: [1, ...inner], dtype: x.dtype }
  const places = [at, ...inner.map(() => zero)]
  return w.reshape(w.call("dynamic_slice", [x, ...places], one, `, sizes = ${listText(one.shape)}`), inner)
}

/** `all` with a slice in place of that at `at`. */
const withSliceAt = (w: Writer, all: Named, slice: Named, at: Named, zero: Named): Named => {
  const places = [at, ...slice.shape.map(() => zero)]
  return w.call("dynamic_update_slice", [all, w.reshape(slice, [1, ...slice.shape]), ...places], all)
}

/** How many iterations there are at most. */
const mostOf = (w: Writer, length: number, given: Named | undefined): Named => {
  const most = w.constant(count, length)
  return given === undefined ? most : w.same("maximum", w.same("minimum", given, most), w.constant(count, 0))
}

/**
 * One `while` that carries the number of the iteration, whether another follows (if the body says so), the carry, and what is
 * stacked, filled in place. What the body uses from outside it uses by its name.
 */
export const scan: RowOfMany<"scan"> = (op, { args, outs, w }) => {
  const { body, captured, carried, length, reverse, counted, exits } = op
  const [outside, carry] = [args.slice(0, captured), args.slice(captured, captured + carried)]
  const stacked = outs.slice(carried).map(type => w.constant(type, 0))
  if (length === 0) return [...carry, ...stacked]
  const sliced = args.slice(captured + carried, body.inputs.length)
  const most = mostOf(w, length, counted ? args.at(-1) : undefined)
  const start = w.constant(count, 0)
  const inits = [start, ...(exits ? [w.constant(truth, 1)] : []), ...carry, ...stacked]
  const first = inits.length - outs.length
  const again = (params: readonly Named[]): readonly Named[] => {
    const [step, goesOn] = params as [Named, Named]
    const isWithin = w.compare("lt", step, most)
    return [exits ? w.same("and", isWithin, goesOn) : isWithin]
  }
  const next = (params: readonly Named[]): readonly Named[] => {
    const [step] = params as [Named]
    const one = w.constant(count, 1)
    const after = w.same("add", step, one)
    const at = reverse ? w.same("subtract", most, after) : step
    const slices = sliced.map(x => sliceAt(w, x, at, start))
    const results = w.inline(body, [...outside, ...params.slice(first, first + carried), ...slices])
    const filled = params
      .slice(first + carried)
      .map((all, i) => withSliceAt(w, all, results[carried + i] as Named, at, start))
    return [after, ...(exits ? [results.at(-1) as Named] : []), ...results.slice(0, carried), ...filled]
  }
  const regions = [again, next].map(region => ({ params: inits, body: region }))
  return w.generic("while", inits, "", regions, inits).slice(first)
}
