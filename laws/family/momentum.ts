import fc from "fast-check"
import { add, mul, sum, Tree, type Tensor } from "thalweg"
import type { momentum, nag, noisySgd, optimisticGradientDescent, sgd, AnyOptimizer } from "thalweg/optimizer"
import { key } from "thalweg/random"
import { fixed } from "../arbitrary/hyperparameter.js"
import { moderate, pool } from "../arbitrary/numbers.js"
import { run, type Run, wide } from "../arbitrary/run.js"
import { filledLike } from "../arbitrary/tensor.js"
import { amplified, exact, rounded } from "../equality.js"
import { law, type Law } from "../law.js"
import { plus, stepsOf, stepOf, type AnyState } from "../sides.js"
import { atConstantGradient, beta, movesOf, rate, samePath } from "./agree.js"
import type { FunctionOf } from "../callable.js"

/** Gradient descent and its kin, which are linear in the gradients. */
export interface MomentumFamily {
  readonly sgd: FunctionOf<typeof sgd>
  readonly momentum: FunctionOf<typeof momentum>
  readonly nag: FunctionOf<typeof nag>
  readonly optimisticGradientDescent: FunctionOf<typeof optimisticGradientDescent>
  readonly noisySgd: FunctionOf<typeof noisySgd>
}

const degenerate = ({ sgd, momentum, nag, optimisticGradientDescent, noisySgd }: MomentumFamily): readonly Law[] => [
  law("momentum of 0 is sgd", exact, fc.tuple(rate, run), ([learningRate, r]) =>
    samePath(r, momentum({ learningRate, momentum: 0 }), sgd({ learningRate }))
  ),
  law("nag of momentum 0 is sgd", exact, fc.tuple(rate, run), ([learningRate, r]) =>
    samePath(r, nag({ learningRate, momentum: 0 }), sgd({ learningRate }))
  ),
  law("optimistic descent that does not look at changes is sgd", exact, fc.tuple(rate, run), ([learningRate, r]) =>
    samePath(r, optimisticGradientDescent({ learningRate, alpha: 1, beta: 0 }), sgd({ learningRate }))
  ),
  law("optimistic descent at a constant gradient is sgd", exact, fc.tuple(rate, rate, run), ([eta, weight, r]) =>
    samePath(
      atConstantGradient(r),
      optimisticGradientDescent({ learningRate: eta, beta: weight }),
      sgd({ learningRate: eta })
    )
  ),
  law("noisy descent without variance is sgd", exact, fc.tuple(fc.nat(99), rate, run), ([seed, learningRate, r]) =>
    samePath(r, noisySgd({ seed: key(seed), learningRate, eta: 0 }), sgd({ learningRate }))
  )
]

const atGivenGradients = ({ sgd, momentum, nag, optimisticGradientDescent }: MomentumFamily): readonly Law[] => [
  law("momentum at a constant rate is sgd with momentum", rounded, fc.tuple(rate, beta, wide), ([eta, mu, r]) =>
    samePath(r, momentum({ learningRate: eta, momentum: mu }), sgd({ learningRate: eta, momentum: mu }))
  ),
  law("nag, its gradients taken at the parameters, is momentum", exact, fc.tuple(rate, beta, run), ([eta, mu, r]) => {
    const options = { learningRate: eta, momentum: mu }
    return [stepsOf(nag(options), r), stepsOf(momentum(options), r)]
  }),
  law("sgd at rate η(1-μ) is sgd on the average at rate η", rounded, fc.tuple(rate, beta, wide), ([eta, mu, r]) =>
    samePath(
      r,
      sgd({ learningRate: eta * (1 - mu), momentum: mu }),
      sgd({ learningRate: eta, momentum: mu, dampening: mu })
    )
  ),
  law(
    "optimistic descent is linear in the gradients",
    rounded,
    fc.tuple(fc.record({ learningRate: rate, alpha: rate, beta: rate }), pool(moderate), wide),
    ([options, numbers, r]) => {
      const ahead = (gradients: readonly Tree[]) => movesOf(optimisticGradientDescent(options), { ...r, gradients })
      const others = r.gradients.map((grads, i) => filledLike(grads, numbers, i))
      return [ahead(plus<Tree>(r.gradients, others) as readonly Tree[]), plus<Tree>(ahead(r.gradients), ahead(others))]
    }
  )
]

/** The gradient of a quadratic: of its own curvature in each coordinate, and of the square of each leaf's sum. */
type Field = (params: Tree) => Tree

const slope = Tree.zipWith((p: Tensor, curvature: Tensor) => add(mul(p, curvature), mul(sum(p), 0.1)))

/** The points at which an optimizer takes gradients when these depend on the point, from first to last. */
const pointsOf = (optimizer: AnyOptimizer, gradient: Field, { params, gradients }: Run) => {
  const { init, gradientPoint } = optimizer
  return gradients.reduce<readonly (readonly [at: Tree, params: Tree, state: AnyState])[]>(
    made => {
      const [, p, s] = made.at(-1) ?? [params, params, init(params)]
      const [next, after] = stepOf(optimizer)(p, s, gradient(gradientPoint(p, s)))
      return [...made, [gradientPoint(next, after), next, after]]
    },
    [[params, params, init(params)]]
  )
}

/**
 * Lists the laws that relate gradient descent, momentum, Nesterov's and optimistic descent. Exact where nothing but
 * zeros is added. Rate inside or outside the velocity, and rate or average (`η(1-μ)` for `η`): within 1e-12 in f64, for
 * products are taken in another order. On a quadratic, whose gradients depend on where they are taken, the gradient
 * points of `nag` are the parameters of `sgd` with `nesterov`: within 1e-9.
 *
 * @example
 * import assert from "node:assert"
 * import { momentum, nag, noisySgd, optimisticGradientDescent, sgd } from "thalweg/optimizer"
 * import { checkAll, momentumFamilyLaws } from "thalweg/laws"
 *
 * const suite = momentumFamilyLaws({ sgd, momentum, nag, optimisticGradientDescent, noisySgd })
 * assert(checkAll(suite, { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const momentumFamilyLaws = (family: MomentumFamily): readonly Law[] => [
  ...degenerate(family),
  ...atGivenGradients(family),
  law(
    "the gradient points of nag are the parameters of sgd with nesterov",
    amplified,
    fc.tuple(fixed(0.5), beta, pool(fixed(1)), wide),
    ([learningRate, mu, curvatures, r]) => {
      const gradient: Field = params => slope(params, filledLike(params, curvatures, 0))
      const points = pointsOf(family.nag({ learningRate, momentum: mu }), gradient, r)
      const parameters = pointsOf(family.sgd({ learningRate, momentum: mu, nesterov: true }), gradient, r)
      return [points.map(([at]) => at), parameters.map(([, params]) => params)]
    }
  )
]
