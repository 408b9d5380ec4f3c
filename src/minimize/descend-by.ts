import { valueAndGrad } from "../autodiff/grad.js"
import type { Tensor } from "../dataflow/primitive.js"
import { checkOptimizer, given, type Optimizer } from "../optimizer/optimizer.js"
import type { AnyF, StateFamily } from "../transform/transform.js"
import { Tree } from "../tree/index.js"
import { beginAt, counted, type Method } from "./method.js"

/** What it remembers: the parameters of the optimizer, a tree like the start, and its state. */
export interface DescendByMemory extends Readonly<Record<string, Tree>> {
  readonly params: Tree
  readonly state: Tree
}

const isSame = (a: Tree, b: Tree): boolean => {
  const others = Tree.leaves(b)
  return Tree.leaves(a).every((t, i) => t === others[i])
}

/**
 * Makes a method of an optimizer, of `thalweg/optimizer` or one's own: each iteration is a step of it. Such a method does not ask
 * whether the function falls: its rate has to suit the function.
 *
 * It sees the tree, not the vector, so that masks and layerwise rates mean what they mean elsewhere. Gradients are taken at its
 * `gradientPoint`, and what counts is its `evalParams`: an iteration takes one evaluation where both are the parameters, else two.
 * What a step needs, the loss or the objective, it gets; what it evaluates of the objective itself is not counted.
 *
 * Throws a `DataError` for what is no optimizer. Law: as many steps of the optimizer lead where it does.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, square, sub, type Tensor } from "thalweg"
 * import { descendBy, minimize } from "thalweg/minimize"
 * import { adam } from "thalweg/optimizer"
 *
 * const method = descendBy(adam({ learningRate: 0.1 }))
 * const { reason, iterations } = minimize((x: Tensor) => square(sub(x, 3)), { method })(scalar(0, "f64"))
 * assert.ok(reason === "converged" && iterations > 100)
 */
export const descendBy = <F extends StateFamily>(optimizer: Optimizer<F>): Method<DescendByMemory> => {
  const own = checkOptimizer("descendBy", optimizer) as unknown as Optimizer<AnyF>
  return Object.freeze({
    name: "descendBy",
    init: ({ treeOf, vectorOf, ...rest }, start) => {
      const params = treeOf(start)
      const state = own.init(params)
      return beginAt({ treeOf, vectorOf, ...rest }, vectorOf(own.evalParams(params, state)), { params, state })
    },
    step: (problem, { value, gradient, evaluations, status, memory: { params, state } }) => {
      const kept = state as Parameters<typeof own.step>[1]
      const point = own.gradientPoint(params, kept)
      const isKnown = isSame(point, own.evalParams(params, kept))
      const [loss, grads]: readonly [Tensor, Tree] = isKnown
        ? [value, problem.treeOf(gradient)]
        : valueAndGrad(problem.objective)(point)
      const [to, after] = own.step(params, kept, grads, ...given(own, { loss, objective: problem.objective }))
      const begun = beginAt(problem, problem.vectorOf(own.evalParams(to, after)), { params: to, state: after })
      const more = isKnown ? 1 : 2
      return { ...begun, status, evaluations: counted(evaluations, { values: more, gradients: more }) }
    }
  } satisfies Method<DescendByMemory>)
}
