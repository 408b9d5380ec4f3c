import fc from "fast-check"
import { abs, all, cast, eq, ge, le, or, Tree, type Tensor } from "thalweg"
import type { AnyOptimizer, adam, AdamOptions } from "thalweg/optimizer"
import { constant } from "thalweg/schedule"
import { fixed, options, plain } from "../arbitrary/hyperparameter.js"
import { arbRun, moving, run, wideMoving } from "../arbitrary/run.js"
import { printed } from "../arbitrary/transform.js"
import { amplified, exact, rounded } from "../equality.js"
import { allTrue, growingBy, movesOf, seesNoScale, signs } from "../family/agree.js"
import { law, type Law } from "../law.js"
import { pathOf, stepsOf, streamOf, times, truth } from "../sides.js"
import { optimizerLawsOver } from "../optimizer.js"
import { traitLawsOver } from "../traits.js"
import type { FunctionOf } from "../callable.js"

/** Betas, and no epsilon. */
const scaleFree = options<AdamOptions>({
  learningRate: plain(fixed(1)),
  b1: plain(fixed(0.95)),
  b2: plain(fixed(0.99)),
  eps: plain(fc.constant(0))
})

const numbered = options<AdamOptions>({
  learningRate: plain(fixed(1)),
  b1: plain(fixed(0.95)),
  b2: plain(fixed(0.99)),
  eps: plain(fixed(0.1, 0.01)),
  epsRoot: plain(fixed(0.1))
})

/** `(1-β₁)/c₁ · √(c₂/(1-β₂) · Σ_{j<t} (β₁²/β₂)ʲ)`: by Cauchy-Schwarz, the longest step `t` at rate 1. */
const longest = (b1: number, b2: number, t: number): number => {
  const terms = Array.from({ length: t }, (_, j) => (b1 ** 2 / b2) ** j).reduce((total, term) => total + term)
  return ((1 - b1) / (1 - b1 ** t)) * Math.sqrt(((1 - b2 ** t) / (1 - b2)) * terms)
}

const lengths = (make: (o?: AdamOptions) => AnyOptimizer): readonly Law[] => [
  seesNoScale(
    "adam",
    scaleFree.map(({ value, text }) => printed({ value: make(value), text }))
  ),
  law("the first step of adam has length η", rounded, fc.tuple(scaleFree, wideMoving), ([{ value }, r]) => [
    streamOf(make(value), r).slice(0, 1),
    r.gradients.slice(0, 1).map(signs(-Number(value.learningRate)))
  ]),
  law("adam at a constant gradient steps by η", rounded, fc.tuple(scaleFree, wideMoving), ([{ value }, r]) => {
    const gradients = r.gradients.map(() => r.gradients[0] ?? [])
    return [streamOf(make(value), { ...r, gradients }), gradients.map(signs(-Number(value.learningRate)))]
  }),
  law("adam of betas 0 is descent by signs", exact, fc.tuple(fixed(1), moving), ([learningRate, r]) => [
    streamOf(make({ learningRate, b1: 0, b2: 0, eps: 0 }), r),
    r.gradients.map(signs(-learningRate))
  ]),
  law(
    "no step of adam is longer than its bound",
    exact,
    fc.tuple(fixed(0.95), fixed(0.99, 0.01), wideMoving),
    ([b1, b2, r]) =>
      allTrue(
        movesOf(make({ learningRate: 1, b1, b2, eps: 0 }), r).map((step, i) =>
          Tree.map(u => le(abs(u), longest(b1, b2, i + 1) * (1 + 1e-9)))(step)
        )
      )
  ),
  law(
    "a step of adam can be as long as its bound",
    amplified,
    fc.tuple(fixed(0.95, 0.05), fixed(0.99, 0.05), wideMoving),
    ([b1, b2, r]) => {
      const growing = growingBy(b2 / b1, r)
      const steps = growing.gradients.length
      return [
        movesOf(make({ learningRate: 1, b1, b2, eps: 0 }), growing).at(-1) ?? [],
        signs(-longest(b1, b2, steps))(growing.gradients[0] ?? [])
      ]
    }
  )
]

/** Gradients of which one or both moments are near the smallest normal number of f32, or below it. */
const faint = fc
  .tuple(arbRun({ dtypes: ["f32"] }), fc.integer({ min: -130, max: -55 }))
  .map(([r, n]) => ({ ...r, gradients: r.gradients.map(times(2 ** n)) }))

const isNormal = (t: Tensor): Tensor => or(eq(t, 0), ge(abs(cast(t, "f64")), 2 ** -126))

const settings = (make: (o?: AdamOptions) => AnyOptimizer): readonly Law[] => [
  law("adam of constant schedules is adam of the numbers", exact, fc.tuple(numbered, run), ([{ value }, r]) => {
    const scheduled = Object.fromEntries(Object.entries(value).map(([name, n]) => [name, constant(Number(n))]))
    return [pathOf(make(scheduled), r), pathOf(make(value), r)]
  }),
  law("the defaults of adam are the paper's", exact, run, r => [
    pathOf(make(), r),
    pathOf(make({ learningRate: 1e-3, b1: 0.9, b2: 0.999, eps: 1e-8, epsRoot: 0 }), r)
  ]),
  law("no moment of adam is subnormal", exact, fc.tuple(numbered, faint), ([{ value }, r]) =>
    allTrue(stepsOf(make(value), r).map(([, state]) => Tree.map(isNormal)(state)))
  ),
  law(
    "epsilon shortens the steps of adam",
    exact,
    fc.tuple(scaleFree, fixed(1, 0.01), wideMoving),
    ([{ value }, eps, r]) => {
      const [free, held] = [make(value), make({ ...value, eps })].map(optimizer => streamOf(optimizer, r))
      const shorter = Tree.zipWith((a: Tensor, b: Tensor) => all(le(abs(a), abs(b))))
      return [shorter<Tree>(held ?? [], free ?? []), r.gradients.map(Tree.map(() => truth(true)))]
    }
  )
]

/**
 * Lists the laws of Adam: those of every optimizer, of elementwise ones and of those that look at gradients alone;
 * without ε it does not see the scale of gradients (exactly for powers of two, which round nothing), its first step
 * and all steps at a constant gradient have length η (within 1e-12 in f64), none is longer than a bound that some
 * reach, betas of 0 make it descent by signs (exactly); no element of a moment is subnormal.
 *
 * @example
 * import assert from "node:assert"
 * import { adam } from "thalweg/optimizer"
 * import { adamLaws, checkAll } from "thalweg/laws"
 *
 * assert(checkAll(adamLaws(adam), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const adamLaws = (recipe: FunctionOf<typeof adam>): readonly Law[] => {
  const make = (o?: AdamOptions): AnyOptimizer => recipe(o)
  const optimizers = numbered.map(({ value, text }) => printed({ value: make(value), text }))
  return [
    ...optimizerLawsOver(optimizers),
    ...(["additive", "elementwise", "blind", "odd", "still"] as const).flatMap(trait =>
      traitLawsOver(trait, optimizers)
    ),
    ...traitLawsOver(
      "scaleFree",
      scaleFree.map(({ value, text }) => printed({ value: make(value), text }))
    ),
    ...lengths(make),
    ...settings(make)
  ]
}
