import { fail } from "../dataflow/error.js"
import { isSymbolic } from "../dataflow/scope.js"
import { compile } from "../engine/index.js"
import { Tree } from "../tree/index.js"

/** A function whose results are read. */
export interface Read {
  readonly operation: string
  /** What does the same without reading. */
  readonly instead: string
  readonly fusedMultiplyAdd: boolean
}

/**
 * Compiles a function whose results are read. Inside a function that is being traced, whose arguments or what it closes over these
 * depend on, they are an `UnboundInputError`: there may be no values yet, and where there are (inside `grad` and `jvp`), to read one
 * would cut its derivative off.
 */
export const compileRead = <A extends readonly Tree[], B extends Tree>(
  { operation, instead, fusedMultiplyAdd }: Read,
  f: (...args: A) => B
): ((...args: A) => B) => {
  const run = compile(f as unknown as (...args: readonly Tree[]) => Tree, { fusedMultiplyAdd })
  return (...args) => {
    const result = run(...args)
    return isSymbolic(Tree.leaves(result))
      ? fail(
          "UnboundInputError",
          operation,
          `values that it can read (as a graph, with derivatives: ${instead})`,
          "some that depend on the arguments of a function that is being traced, by grad, jvp, compile or vmap, say"
        )
      : (result as B)
  }
}
