import { jacobian } from "../autodiff/jacobian.js"
import { abs, add, div, mul, neg, square } from "../dataflow/arithmetic.js"
import { matmul } from "../dataflow/contract.js"
import { scalar } from "../dataflow/create.js"
import { and, isFinite, le, lt, ne, not, or, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { all, any, sum } from "../dataflow/reduce.js"
import { transpose } from "../dataflow/structure.js"
import { solve } from "../linalg/solve.js"
import { Tree } from "../tree/index.js"
import type { LineSearch } from "../search/line-search.js"
import type { Place } from "../search/place.js"
import { counted, type Iterate, type Method } from "./method.js"
import type { Equations } from "./equations.js"
import { GOING, LINE_SEARCH_FAILED, NOT_FINITE, SETTLED, SINGULAR_JACOBIAN } from "./status.js"
import { count, epsilonOf, largest, unitOf } from "../search/vector.js"

/** What Newton's method for equations remembers of where it is. */
export interface NewtonMemory extends Readonly<Record<string, Tree>> {
  /** r, `[n]`. */
  readonly residuals: Tensor
  /** J = ∂r/∂x, `[n, n]`. */
  readonly jacobian: Tensor
}

const whether = (fails: Tensor, status: number, otherwise: Tensor): Tensor => where(fails, count(status), otherwise)

type Known = Pick<Iterate<NewtonMemory>, "point" | "value" | "gradient" | "memory">

const partsOf = ({ point, value, gradient, memory }: Known) => ({ point, value, gradient, memory })

/** ½ ‖r‖² and its gradient. */
const placeOf = (point: Tensor, r: Tensor, J: Tensor): Place => ({
  point,
  value: mul(0.5, sum(square(r))),
  gradient: matmul(transpose(J), r)
})

const knownAt = ({ residuals }: Equations, point: Tensor): Known => {
  const [r, J] = [residuals(point), jacobian(residuals)(point)]
  return { ...placeOf(point, r, J), memory: { residuals: r, jacobian: J } }
}

/** Of the residuals and their derivatives, not of ½ ‖r‖², which may overflow where they do not. */
const isSound = ({ memory: { residuals, jacobian: J } }: Known): Tensor =>
  and(all(isFinite(residuals)), all(isFinite(J)))

/** How many roundings of the point may hide a root. */
const ROUNDINGS = 4

/** A bool scalar: whether residuals are no larger than what roundings of the point change them by. */
const isHidden = ({ point, memory: { residuals, jacobian: J } }: Known): Tensor => {
  const unit = unitOf(residuals, J)
  const change = matmul(abs(div(J, unit)), mul(ROUNDINGS * epsilonOf(point.dtype), abs(point)))
  return all(le(abs(div(residuals, unit)), change))
}

const either = (which: Tensor, a: Known, b: Known): Known =>
  Tree.zipWith((x: Tensor, y: Tensor) => where(which, x, y))(partsOf(a), partsOf(b))

/**
 * Newton's method for equations r(x) = 0: along p with J p = -r, for which a line search makes ½ ‖r‖² less, in units of the residuals
 * where it stands. Where roundings of the point hide the root, it makes one last step without a search. Its problem has to be `Equations`.
 */
export const newton = (lineSearch: LineSearch): Method<NewtonMemory> => ({
  name: "newton",
  measure: { name: "the largest absolute residual", of: ({ memory }) => largest(memory.residuals) },
  init: (problem, start) => {
    const known = knownAt(problem as Equations, start)
    return {
      ...known,
      evaluations: { values: count(1), gradients: count(1), hessianProducts: count(0) },
      status: whether(not(isSound(known)), NOT_FINITE, count(GOING))
    }
  },
  step: (problem, iterate) => {
    const { point, memory, evaluations } = iterate
    const direction = solve(memory.jacobian, neg(memory.residuals), { onFailure: "nan" })
    const isSolved = all(isFinite(direction))
    const unit = unitOf(memory.residuals, memory.jacobian)
    const isLast = and(isSolved, isHidden(iterate))
    const along = where(and(isSolved, not(isLast)), direction, 0)
    const from = placeOf(point, div(memory.residuals, unit), div(memory.jacobian, unit))
    const made = lineSearch.search((problem as Equations).inUnits(unit), from, along, scalar(1, problem.dtype))
    const searched = where(made.found, made.point, point)
    const next = knownAt(problem as Equations, where(isLast, add(point, direction), searched))
    const isKept = or(not(isLast), lt(largest(next.memory.residuals), largest(memory.residuals)))
    const known = either(isKept, next, iterate)
    const hasMoved = and(made.found, any(ne(made.point, point)))
    const status = whether(not(hasMoved), LINE_SEARCH_FAILED, whether(not(isSound(known)), NOT_FINITE, count(GOING)))
    const last = whether(isHidden(known), SETTLED, count(GOING))
    return {
      ...known,
      evaluations: counted(evaluations, { values: made.evaluations.values, gradients: 1 }),
      status: whether(not(isSolved), SINGULAR_JACOBIAN, where(isLast, last, status))
    }
  }
})
