import type { DType } from "./dtype.js"
import type { Scope, Tensor } from "./primitive.js"
import * as shapes from "./rules.js"
import type { Shape } from "./shape.js"
import { apply } from "./tensor.js"

/** A symbol of a scope: a value that is bound later, by a compiled call or by an iteration of a loop. */
export const input = (scope: Scope, name: string, shape: Shape, dtype: DType): Tensor =>
  apply(shapes.input, { kind: "input", name, shape, dtype }, [], scope)

/** A symbol that stands for another tensor. */
export const inputLike = (scope: Scope, name: string, t: Tensor): Tensor => input(scope, name, t.shape, t.dtype)

/** A node of its own with the value of `t`; a symbol of `scope`, if one differentiates by it. */
export const variable = (t: Tensor, scope?: Scope): Tensor => apply(shapes.variable, { kind: "variable" }, [t], scope)
