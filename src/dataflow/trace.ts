import type { DType } from "./dtype.js"
import { dependsOn } from "./order.js"
import type { Tensor } from "./primitive.js"
import type { Shape } from "./shape.js"
import { apply } from "./tensor.js"

/** A symbol: a value that is bound later, by a compiled call or by an iteration of a loop. */
export const input = (name: string, shape: Shape, dtype: DType): Tensor => apply({ kind: "input", name, shape, dtype })

/** A symbol that stands for another tensor. */
export const inputLike = (name: string, t: Tensor): Tensor => input(name, t.shape, t.dtype)

/** A node of its own with the value of `t`, by which one can differentiate. */
export const variable = (t: Tensor): Tensor => apply({ kind: "variable" }, [t])

/** The symbols of the functions that are being traced at this moment, innermost last. */
const open = new Set<Tensor>()

/** Traces: runs `body` while `symbols` are open. Those that were open already stay so. */
export const tracing = <A>(symbols: readonly Tensor[], body: () => A): A => {
  const opened = symbols.filter(t => !open.has(t))
  for (const t of opened) open.add(t)
  try {
    return body()
  } finally {
    for (const t of opened) open.delete(t)
  }
}

/** Whether any of these is computed from a symbol of a function that is still being traced. */
export const isSymbolic = (tensors: readonly Tensor[]): boolean => open.size > 0 && dependsOn(tensors, t => open.has(t))
