import { describeValue, hasMethods, isRecord } from "../../dataflow/describe.js"
import { isFloat, type DType } from "../../dataflow/dtype.js"
import { cast } from "../../dataflow/elementwise.js"
import { fail, withPath } from "../../dataflow/error.js"
import { concat } from "../../dataflow/concat.js"
import { full } from "../../dataflow/create.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { sizeOf } from "../../dataflow/shape.js"
import { reshape } from "../../dataflow/structure.js"
import { isTensor } from "../../dataflow/tensor.js"
import { sqrt } from "../../dataflow/transcendental.js"
import { toTyped } from "../../engine/index.js"
import {
  beside,
  choice,
  codeField,
  fixed,
  flag,
  ownedField,
  type OptionsOf,
  type Resolved
} from "../../options/fields.js"
import { nonNegative, positive, positiveI32 } from "../../options/range.js"
import { resolve } from "../../options/resolve.js"
import { Tree, type Tree as AnyTree } from "../../tree/index.js"
import { flattenAs } from "../../tree/tree.js"
import { boundField, type Bound } from "../limits.js"
import { spread } from "../../search/vector.js"
import { levenbergMarquardt, type LevenbergMarquardtMemory } from "./levenberg-marquardt.js"
import { lossNames, type RobustLoss } from "./loss.js"
import type { AnyLeastSquaresMethod, LeastSquaresMethod } from "./method.js"

const isMethod = (value: unknown): value is AnyLeastSquaresMethod =>
  hasMethods(value, ["init", "step"]) && "bounded" in (value as object)

/** Weights of residuals: one for all, or a tree like them, whose leaves broadcast to theirs. */
export type Weights = number | AnyTree

const isWeights = (value: unknown): value is Weights =>
  typeof value === "number" || isTensor(value) || Array.isArray(value) || isRecord(value)

const fields = {
  /** How to go about it: `levenbergMarquardt()` (the default) or `gaussNewton()`. */
  method: codeField<AnyLeastSquaresMethod, AnyLeastSquaresMethod>(
    "a method of least squares, such as levenbergMarquardt()",
    isMethod,
    /* @__PURE__ */ levenbergMarquardt()
  ),
  /** ρ, how a residual counts: `"linear"` (the default: its square), or less than that where it is large. */
  loss: choice<RobustLoss>(lossNames, "linear"),
  /** C > 0: how large residuals are that are still counted like squares. Default 1. Not beside `"linear"`. */
  scale: beside("loss", fixed(positive, 1), ...lossNames.filter(name => name !== "linear")),
  /** wᵢ ≥ 0, what the square of a residual is multiplied by: 1/σ² of its error; 0 leaves it out, NaN too. Default 1 for all. */
  weights: ownedField(codeField<Weights, "none">("a number ≥ 0, or a tree like the residuals", isWeights, "none")),
  /** Least values of the variables: a number, or a tree like the start of tensors and numbers (`Bound`). Default none. */
  lower: boundField,
  /** Greatest values of the variables. Default none. */
  upper: boundField,
  /** Whether weights are 1/σ² as they are, and not up to a factor that the residuals tell. Default false. */
  absoluteSigma: flag(false),
  /**
   * ≥ 0: it has converged where the residuals are orthogonal to all that variables do to them, but for a cosine of this:
   * ‖Qᵀr‖ ≤ gradientTolerance · ‖r‖ with J = Q R, over the columns of variables that no bound holds. The linear model then
   * promises to lower the cost by the square of this, as a share of it. Units of variables and residuals do not matter. Default
   * 1e-10, if all leaves are f32 1e-4.
   */
  gradientTolerance: fixed(nonNegative, "none"),
  /**
   * ≥ 0: it has converged where the step p that is left, to the minimum of the linear model, is as short as this:
   * ‖D p‖ ≤ stepTolerance · ‖D x‖, each variable in units of what it does to the residuals: D holds the lengths of the columns of J.
   * Default 1e-14, if all leaves are f32 1e-6.
   */
  stepTolerance: fixed(nonNegative, "none"),
  /**
   * ≥ 0: it has converged where a step lowered the cost by at most this share of it, and that was what the linear model promised, or at
   * least a quarter. Default 0: it does not end by this.
   */
  costTolerance: fixed(nonNegative, 0),
  /** How many iterations it makes at most, a whole number from 1. Default 1000. */
  maxSteps: fixed(positiveI32, 1000),
  /** Whether products are added before they are rounded, where the host can (`EngineOptions`). Default true. */
  fusedMultiplyAdd: flag(true)
}

/** How to fit, what counts, and when to stop. */
export interface LeastSquaresOptions<M extends AnyTree = LevenbergMarquardtMemory> extends Omit<
  OptionsOf<typeof fields>,
  "method" | "lower" | "upper"
> {
  /** How to go about it: `levenbergMarquardt()` (the default) or `gaussNewton()`. */
  readonly method?: LeastSquaresMethod<M> | undefined
  /** Least values of the variables: a number, or a tree like the start of tensors and numbers. Default none. */
  readonly lower?: Bound | undefined
  /** Greatest values of the variables. Default none. */
  readonly upper?: Bound | undefined
}

/** Options, checked and complete. */
export type Checked = Resolved<typeof fields>

const checkWeights = (operation: string, weights: Weights): void => {
  const refuse = (got: string, path?: string): never =>
    fail("HyperparameterError", operation, "weights that are finite and ≥ 0", got, path)
  const holds = (w: number): boolean => w >= 0 && w < Infinity
  if (typeof weights === "number") return holds(weights) ? undefined : refuse(describeValue(weights))
  const { leaves } = flattenAs(operation, { weights })
  const paths = Tree.paths(weights)
  leaves.forEach((leaf, i) => {
    if (!isFloat(leaf.dtype))
      fail(
        "DTypeError",
        operation,
        "weights of f32 or f64",
        describeValue(leaf),
        paths[i] === "" ? undefined : paths[i]
      )
    const wrong = [...toTyped(leaf)].find(w => !holds(w))
    if (wrong !== undefined) refuse(String(wrong), paths[i] === "" ? undefined : paths[i])
  })
}

/** Options, checked and complete. */
export const checkFitOptions = (operation: string, options: LeastSquaresOptions<AnyTree>): Checked => {
  const checked = resolve(operation, fields, options)
  const { method, lower, upper, weights } = checked
  if (weights !== undefined) checkWeights(operation, weights)
  if (!method.bounded && (lower !== undefined || upper !== undefined))
    fail("HyperparameterError", operation, "a method that keeps bounds, such as levenbergMarquardt()", method.name)
  return checked
}

/** The weights of some residuals, as one vector. */
export const weightsOf = (operation: string, weights: Weights, residuals: AnyTree, dtype: DType): Tensor => {
  const leaves = Tree.leaves(residuals)
  if (typeof weights !== "number") Tree.requireSameStructure(operation, { weights: residuals }, { weights })
  const own = typeof weights === "number" ? leaves.map(() => full([], weights, dtype)) : Tree.leaves(weights)
  const paths = Tree.paths(residuals)
  return concat(
    leaves.map((r, i) =>
      withPath(`weights${paths[i] === "" ? "" : `/${paths[i] ?? ""}`}`, () =>
        reshape(spread(operation, cast(own[i] as Tensor, dtype), r.shape), [sizeOf(r.shape)])
      )
    )
  )
}

/** Their roots. */
export const rootsOf =
  (operation: string, weights: Weights) =>
  (residuals: AnyTree, dtype: DType): Tensor =>
    sqrt(weightsOf(operation, weights, residuals, dtype))
