import { hasMethods } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { codeField, fixed, flag, type OptionsOf, type Resolved } from "../options/fields.js"
import { nonNegative, positiveI32 } from "../options/range.js"
import { resolve } from "../options/resolve.js"
import type { Tree } from "../tree/index.js"
import { boundField } from "./limits.js"
import type { LbfgsMemory } from "../search/curvature.js"
import { lbfgs } from "./lbfgs.js"
import type { AnyMethod, Method } from "./method.js"

/** Those of least squares are told by `bounded`. */
const isMethod = (value: unknown): value is AnyMethod =>
  hasMethods(value, ["init", "step"]) && "name" in (value as object) && !("bounded" in (value as object))

/** What a loop of its own, and one within a graph, have alike. */
export const loopFields = {
  /** How to minimize, such as `bfgs()`. Default `lbfgs()`. */
  method: codeField<AnyMethod, AnyMethod>("a method, such as lbfgs()", isMethod, /* @__PURE__ */ lbfgs()),
  /**
   * ≥ 0: it has converged where no element of the gradient is larger than this, ‖∇f(x)‖∞ ≤ tolerance; with bounds, of the
   * projected gradient, ‖x - P(x - ∇f(x))‖∞. (Of `nelderMead`, which has no gradient: where the simplex and the values at its
   * corners are no wider.) Absolute, in units of f per unit of x.
   * Default 1e-6, if all leaves are f32 1e-3.
   */
  tolerance: fixed(nonNegative, "none"),
  /**
   * Lower bounds: one number for all variables, or a tree like the start, whose leaves are numbers or tensors. -Infinity is none;
   * their values have to be known. Of methods that take bounds (`lbfgs`, `gradientDescent`). Default none.
   */
  lower: boundField,
  /** Upper bounds: as `lower`. Infinity is none. Default none. */
  upper: boundField,
  /** How many iterations it makes at most, a whole number from 1; room for a history of so many is made first, 16 bytes each. Default 1000. */
  maxSteps: fixed(positiveI32, 1000)
}

const fields = {
  ...loopFields,
  /** Whether products are added before they are rounded, where the host can (`EngineOptions`). Default true. */
  fusedMultiplyAdd: flag(true)
}

/** How to minimize, and when to stop. */
export interface MinimizeOptions<M extends Tree = LbfgsMemory>
  extends Omit<OptionsOf<typeof loopFields>, "method">, Omit<OptionsOf<typeof fields>, "method"> {
  /** How to minimize, such as `bfgs()`. Default `lbfgs()`. */
  readonly method?: Method<M> | undefined
}

/** Throws a `HyperparameterError` for bounds beside a method that does not take them. */
export const requireTaken = (operation: string, { method, lower, upper }: Resolved<typeof loopFields>): void => {
  if ((lower !== undefined || upper !== undefined) && method.takesBounds !== true)
    fail(
      "HyperparameterError",
      operation,
      "a method that takes bounds (lbfgs, gradientDescent) beside them",
      method.name
    )
}

/** Options, checked and complete. */
export const checkOptions = <M extends Tree>(
  operation: string,
  options: MinimizeOptions<M>
): Resolved<typeof fields> => {
  const checked = resolve(operation, fields, options)
  requireTaken(operation, checked)
  return checked
}
