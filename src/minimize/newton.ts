import { jacobian } from "../autodiff/jacobian.js"
import { mul, neg, square } from "../dataflow/arithmetic.js"
import { matmul } from "../dataflow/contract.js"
import { scalar } from "../dataflow/create.js"
import { isFinite, not, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { all, sum } from "../dataflow/reduce.js"
import { transpose } from "../dataflow/structure.js"
import { solve } from "../linalg/solve.js"
import type { Tree } from "../tree/index.js"
import type { LineSearch } from "../search/line-search.js"
import { counted, type Iterate, type Method } from "./method.js"
import type { Equations } from "./equations.js"
import { GOING, LINE_SEARCH_FAILED, NOT_FINITE, SINGULAR_JACOBIAN } from "./status.js"
import { count, largest } from "../search/vector.js"

/** What Newton's method for equations remembers of where it is. */
export interface NewtonMemory extends Readonly<Record<string, Tree>> {
  /** r, `[n]`. */
  readonly residuals: Tensor
  /** J = ∂r/∂x, `[n, n]`. */
  readonly jacobian: Tensor
}

const whether = (fails: Tensor, status: number, otherwise: Tensor): Tensor => where(fails, count(status), otherwise)

type Known = Pick<Iterate<NewtonMemory>, "point" | "value" | "gradient" | "memory">

const knownAt = ({ residuals }: Equations, point: Tensor): Known => {
  const [r, J] = [residuals(point), jacobian(residuals)(point)]
  const value = mul(0.5, sum(square(r)))
  return { point, value, gradient: matmul(transpose(J), r), memory: { residuals: r, jacobian: J } }
}

/**
 * Newton's method for equations r(x) = 0: along p with J p = -r, for which a line search makes ½ ‖r‖² less. Its problem has to be
 * `Equations`.
 */
export const newton = (lineSearch: LineSearch): Method<NewtonMemory> => ({
  name: "newton",
  measure: { name: "the largest absolute residual", of: ({ memory }) => largest(memory.residuals) },
  init: (problem, start) => {
    const known = knownAt(problem as Equations, start)
    return {
      ...known,
      evaluations: { values: count(1), gradients: count(1), hessianProducts: count(0) },
      status: whether(not(all(isFinite(known.memory.jacobian))), NOT_FINITE, count(GOING))
    }
  },
  step: (problem, iterate) => {
    const { memory, evaluations } = iterate
    const direction = solve(memory.jacobian, neg(memory.residuals), { onFailure: "nan" })
    const isSolved = all(isFinite(direction))
    const along = where(isSolved, direction, neg(iterate.gradient))
    const made = lineSearch.search(problem, iterate, along, scalar(1, problem.dtype))
    const known = knownAt(problem as Equations, where(isSolved, made.point, iterate.point))
    const isSound = all(isFinite(known.memory.jacobian))
    const status = whether(not(made.found), LINE_SEARCH_FAILED, whether(not(isSound), NOT_FINITE, count(GOING)))
    return {
      ...known,
      evaluations: counted(evaluations, { values: made.evaluations.values, gradients: 1 }),
      status: whether(not(isSolved), SINGULAR_JACOBIAN, status)
    }
  }
})
