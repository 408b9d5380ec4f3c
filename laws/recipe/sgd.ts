import fc from "fast-check"
import { add, mul, pow, scalar, sub, Tree, type Tensor } from "thalweg"
import type { AnyOptimizer, sgd, SgdOptions } from "thalweg/optimizer"
import { constant } from "thalweg/schedule"
import { fixed, options, plain } from "../arbitrary/hyperparameter.js"
import { moderate, pool } from "../arbitrary/numbers.js"
import { run, type Run, wide } from "../arbitrary/run.js"
import { printed } from "../arbitrary/transform.js"
import { filledLike } from "../arbitrary/tensor.js"
import { exact, rounded } from "../equality.js"
import { law, type Law } from "../law.js"
import { pathOf, streamOf, times } from "../sides.js"
import { optimizerLawsOver } from "../optimizer.js"
import { traitLawsOver } from "../traits.js"
import type { FunctionOf } from "../callable.js"

const rate = fixed(1)

const momentum = options<SgdOptions>({
  learningRate: plain(rate),
  momentum: plain(fixed(0.95)),
  dampening: plain(rate),
  dampenFirst: plain(fc.boolean()),
  nesterov: plain(fc.boolean())
})

const descents = (descent: FunctionOf<typeof sgd>): fc.Arbitrary<AnyOptimizer> =>
  fc.oneof(
    rate.map(learningRate => printed({ value: descent({ learningRate }), text: `{ learningRate: ${learningRate} }` })),
    momentum.map(({ value, text }) => printed({ value: descent(value), text }))
  )

/** `p - η·g`, step after step. */
const descended = (learningRates: readonly number[], { params, gradients }: Run): readonly Tree[] =>
  gradients.reduce<readonly Tree[]>((made, grads, step) => {
    const down = Tree.zipWith((p: Tensor, g: Tensor) => sub(p, mul(g, learningRates[step] ?? 0)))
    return [...made, down<Tree>(made.at(-1) ?? params, grads)]
  }, [])

const plainLaws = (descent: FunctionOf<typeof sgd>): readonly Law[] => [
  law("plain sgd is p - η·g", exact, fc.tuple(rate, run), ([learningRate, r]) => [
    pathOf(descent({ learningRate }), r),
    descended(
      r.gradients.map(() => learningRate),
      r
    )
  ]),
  law("sgd reads a schedule from step 0", exact, fc.tuple(rate, wide), ([a, r]) => [
    pathOf(descent({ learningRate: step => add(step, a) }), r),
    descended(
      r.gradients.map((_, step) => step + a),
      r
    )
  ]),
  law("sgd of a constant schedule is sgd of the number", exact, fc.tuple(momentum, run), ([{ value }, r]) => {
    const { learningRate, momentum: mu, ...rest } = value
    const scheduled = { learningRate: constant(Number(learningRate)), momentum: constant(Number(mu)) }
    return [pathOf(descent({ ...rest, ...scheduled }), r), pathOf(descent(value), r)]
  })
]

const momentumLaws = (descent: FunctionOf<typeof sgd>): readonly Law[] => [
  law("sgd of momentum 0 is plain sgd", exact, fc.tuple(rate, fc.boolean(), run), ([learningRate, nesterov, r]) => [
    pathOf(descent({ learningRate, momentum: 0, nesterov }), r),
    pathOf(descent({ learningRate }), r)
  ]),
  law(
    "sgd multiplies its velocity by the rate of the step",
    exact,
    fc.tuple(rate, momentum, wide),
    ([a, { value }, r]) => [
      streamOf(descent({ ...value, learningRate: step => add(step, a) }), r),
      streamOf(descent({ ...value, learningRate: 1 }), r).map((velocity, step) => times(step + a)(velocity))
    ]
  ),
  law(
    "sgd is linear in the gradients",
    rounded,
    fc.tuple(descents(descent), moderate, moderate, pool(moderate), wide),
    ([optimizer, a, b, numbers, r]) => {
      const others = r.gradients.map((grads, i) => filledLike(grads, numbers, i))
      const mix = Tree.zipWith((x: Tensor, y: Tensor) => add(mul(x, a), mul(y, b)))
      const mixed = r.gradients.map((grads, i) => mix<Tree>(grads, others[i] ?? grads))
      return [
        streamOf(optimizer, { ...r, gradients: mixed }),
        mix<Tree>(streamOf(optimizer, r), streamOf(optimizer, { ...r, gradients: others }))
      ]
    }
  ),
  law(
    "sgd at a constant gradient steps by a geometric series",
    rounded,
    fc.tuple(rate, fixed(0.95), wide),
    ([eta, mu, r]) => {
      const [first = []] = r.gradients
      const gradients = r.gradients.map(() => first)
      const share = (steps: number): Tensor =>
        Array.from({ length: steps }, (_, i) => mul(pow(scalar(mu, "f64"), i), -eta)).reduce(add)
      return [
        streamOf(descent({ learningRate: eta, momentum: mu }), { ...r, gradients }),
        gradients.map((grads, i) => Tree.map(g => mul(g, share(i + 1)))(grads))
      ]
    }
  ),
  law(
    "Nesterov's momentum looks one step ahead",
    rounded,
    fc.tuple(rate, fixed(0.95), wide),
    ([learningRate, mu, r]) => {
      const ahead = streamOf(descent({ learningRate, momentum: mu, nesterov: true }), r)
      const heavy = streamOf(descent({ learningRate, momentum: mu }), r)
      const step = Tree.zipWith((g: Tensor, v: Tensor) => sub(mul(v, mu), mul(g, learningRate)))
      return [ahead, step<Tree>(r.gradients, heavy)]
    }
  )
]

/**
 * Lists the laws of gradient descent: those of every optimizer, of elementwise ones and of those that look at
 * gradients alone; `p - η·g` and momentum 0 exactly; linear in the gradients (within 1e-12 in f64, the rounding of
 * another order).
 *
 * @example
 * import assert from "node:assert"
 * import { sgd } from "thalweg/optimizer"
 * import { checkAll, sgdLaws } from "thalweg/laws"
 *
 * assert(checkAll(sgdLaws(sgd), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const sgdLaws = (descent: FunctionOf<typeof sgd>): readonly Law[] => [
  ...optimizerLawsOver(descents(descent)),
  ...(["additive", "elementwise", "blind", "odd", "still"] as const).flatMap(trait =>
    traitLawsOver(trait, descents(descent))
  ),
  ...plainLaws(descent),
  ...momentumLaws(descent)
]
