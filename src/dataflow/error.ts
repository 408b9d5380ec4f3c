/**
 * Errors as values with a printer: every mistake says the operation, where (a path in a tree), what was expected and
 * what came. A programming mistake throws one at the call that made it; a decoder returns one in a `Left`.
 */

/**
 * What kind of mistake it was: shapes that do not fit, axes that are not there, dtypes that are not taken or cannot hold
 * a value, trees that differ or are none, malformed data, indices outside, hyperparameters out of range, functions that
 * cannot be differentiated, values asked for while a function is being traced, keys that are none, matrices that are
 * singular or not positive definite where they must not be, memory that the host does not give, another process that was to run
 * a program and did not. The tag is also the `name` of the error.
 */
export type ErrorTag =
  | "ShapeError"
  | "AxisError"
  | "DTypeError"
  | "TreeError"
  | "DataError"
  | "IndexError"
  | "HyperparameterError"
  | "GradientError"
  | "UnboundInputError"
  | "KeyError"
  | "MatrixError"
  | "MemoryError"
  | "RunnerError"

/** The parts of a mistake, before it is printed. */
export interface Mistake {
  /** The operation, as the user called it: `"matmul"`. */
  readonly operation: string
  /** Where in a tree, `"encoder/0/kernel"`; absent when there is no tree. */
  readonly path?: string
  /** What would have been right: `"inner sizes to agree"`. */
  readonly expected: string
  /** What came: `"[2, 3] and [2, 3]"`. */
  readonly received: string
}

/** A text; of what is none, as JavaScript may give for one, what it is. */
const text = (value: unknown): string => (typeof value === "string" ? value : `(${typeof value})`)

/** The path of a tree that is one leaf, as it is shown. */
export const ROOT = "(root)"

const render = ({ operation, path, expected, received }: Mistake): string =>
  `${text(operation)}${path === undefined ? "" : ` at "${path === "" ? ROOT : path}"`}: expected ${text(expected)}; got ${text(received)}`

/**
 * A named error. Its parts stand beside its message, so that programs need not parse text.
 *
 * @example
 * import assert from "node:assert"
 * import { ThalwegError, matmul, zeros } from "thalweg"
 *
 * assert.throws(
 *   () => matmul(zeros([2, 3]), zeros([2, 3])),
 *   (error: unknown) => error instanceof ThalwegError && error.name === "ShapeError" && error.mistake.operation === "matmul"
 * )
 */
export class ThalwegError extends Error {
  override readonly name: ErrorTag
  readonly mistake: Mistake

  constructor(tag: ErrorTag, mistake: Mistake) {
    super(render(mistake))
    this.name = tag
    this.mistake = mistake
  }
}

/** Throws a named error: `fail("ShapeError", "matmul", "inner sizes to agree", "[2, 3] and [2, 3]")`. */
export const fail = (tag: ErrorTag, operation: string, expected: string, received: string, path?: string): never => {
  throw new ThalwegError(tag, { operation, expected, received, ...(path === undefined ? {} : { path }) })
}

/** Runs `thunk`; a mistake made inside it is said to be below `path`, with the path that it has. */
export const underPath = <A>(path: string, thunk: () => A): A => {
  try {
    return thunk()
  } catch (error) {
    if (!(error instanceof ThalwegError)) throw error
    const { path: below } = error.mistake
    throw new ThalwegError(error.name, { ...error.mistake, path: below && below !== ROOT ? `${path}/${below}` : path })
  }
}

/** Runs `thunk`; a mistake made inside it that has no path yet is said to be at `path`, which is asked for only then. */
export const withPath = <A>(path: string | (() => string), thunk: () => A): A => {
  try {
    return thunk()
  } catch (error) {
    if (!(error instanceof ThalwegError) || error.mistake.path !== undefined) throw error
    const at = typeof path === "string" ? path : path()
    if (at === "") throw error
    throw new ThalwegError(error.name, { ...error.mistake, path: at })
  }
}
