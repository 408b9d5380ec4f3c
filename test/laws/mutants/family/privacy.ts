import { abs, add, div, mean, mul, sliceAxis, Tree, type Tensor } from "thalweg"
import { privacyLaws, type AnyTransform, type PrivacyFamily } from "thalweg/laws"
import { altered, dpSgd, maximize, onDisplacement, withDifferentialPrivacy, type AnyOptimizer } from "thalweg/optimizer"
import { trainStep } from "thalweg/train"
import {
  addGaussianNoise,
  aggregatePrivately,
  clipByGlobalNorm,
  clockAt,
  globalNorm,
  type PrivacyOptions
} from "thalweg/transform"
import { rateless } from "../combinator/wrap.js"
import { mutant, type Mutants } from "../mutant.js"
import { tampered } from "./family.js"

export const judged: PrivacyFamily = {
  aggregatePrivately,
  withDifferentialPrivacy: withDifferentialPrivacy,
  dpSgd,
  maximize: maximize.make,
  trainStep
}

const suite = (wrong: Partial<PrivacyFamily>) => privacyLaws({ ...judged, ...wrong })

type Aggregating = (options: PrivacyOptions) => AnyTransform
const aggregate = aggregatePrivately as unknown as Aggregating
const aggregating = (wrong: Aggregating) => suite({ aggregatePrivately: wrong })

/** What is made of the gradients of examples, before or after the right thing. */
const changing = (
  options: PrivacyOptions,
  {
    before = tree => tree,
    after = tree => tree
  }: Partial<Record<"before" | "after", (tree: Tree, examples: Tree) => Tree>>
): AnyTransform => {
  const right = aggregate(options)
  return {
    ...right,
    update: (updates, state, params, now) => {
      const examples = now.exampleGradients as Tree
      const told = { ...now, exampleGradients: before(examples, examples) }
      const [made, next] = right.update(updates, state, params, told)
      return [after(made, examples) as typeof updates, next]
    }
  }
}

const unclipped = 1e12
const countOf = (examples: Tree): number => Tree.leaves(examples)[0]?.shape[0] ?? 1
const meanOf = Tree.map((t: Tensor) => mean(t, { axes: 0 }))

/** Each leaf on its own. */
const leafByLeaf: Aggregating = options => ({
  ...aggregate(options),
  update: (updates, state, params, now) => {
    const each = Tree.leaves(now.exampleGradients as Tree).map((t, i) => {
      const like = Tree.leaves(params)[i] as Tensor
      return aggregate(options).update(like, state, like, { ...clockAt(0), exampleGradients: t })[0]
    })
    return [Tree.unflatten<typeof updates>(Tree.flatten(updates).structure)(each), state]
  }
})

/** Noise of another size. */
const louder =
  (factor: (options: PrivacyOptions, examples: Tree) => number | Tensor): Aggregating =>
  options => {
    const [right, quiet] = [aggregate(options), aggregate({ ...options, noiseMultiplier: 0 })]
    return {
      ...right,
      update: (updates, state, params, now) => {
        const [noisy, next] = right.update(updates, state, params, now)
        const [still] = quiet.update(updates, state, params, now)
        const by = factor(options, now.exampleGradients as Tree)
        const mixed = Tree.zipWith((a: Tensor, b: Tensor) => add(b, mul(add(a, mul(b, -1)), by)))(noisy, still)
        return [mixed, next]
      }
    }
  }

/** Training that looks at all examples but the last where it takes the gradient of each. */
const forgetting = (task: Parameters<typeof trainStep>[0], metrics: Parameters<typeof trainStep>[1]) => {
  const step = trainStep(task, metrics)
  const some = Tree.map((t: Tensor) => sliceAxis(t, 0, 0, Math.max(1, (t.shape[0] ?? 0) - 1)))
  return (state: Parameters<typeof step>[0], batch: Parameters<typeof step>[1]) =>
    step(state, task.optimizer.needs.includes("exampleGradients") ? some(batch as never) : batch)
}

let runs = 0

export const privacyMutants: Mutants = {
  "another example in the place of one changes the sum by 2C at most": [
    mutant("clips each leaf on its own", aggregating(leafByLeaf)),
    mutant(
      "clips nothing",
      aggregating(options => aggregate({ ...options, maxNorm: unclipped }))
    ),
    mutant(
      "clips the mean, and no example",
      aggregating(options => ({
        ...aggregate(options),
        update: (_, state, params, now) => {
          const clip = clipByGlobalNorm(options.maxNorm)
          return [clip.update(meanOf(now.exampleGradients as Tree), [], params, now)[0] as typeof params, state]
        }
      }))
    )
  ],
  "private descent without noise that clips nothing goes by the mean": [
    mutant(
      "gives the sum",
      aggregating(options =>
        changing(options, { after: (made, examples) => Tree.map((t: Tensor) => mul(t, countOf(examples)))(made) })
      )
    ),
    mutant(
      "scales every example to the norm",
      aggregating(options =>
        changing(options, {
          after: made => Tree.map((t: Tensor) => mul(t, div(options.maxNorm as number, globalNorm(made))))(made)
        })
      )
    )
  ],
  "the same seed makes the same private noise": [
    mutant(
      "keeps a hidden count",
      aggregating(options => aggregate({ ...options, seed: Number(options.seed) + runs++ }))
    )
  ],
  "seeds, steps and leaves have their own private noise": [
    mutant(
      "uses its key again",
      aggregating(options => ({
        ...aggregate(options),
        update: (updates, state, params, now) => [aggregate(options).update(updates, state, params, now)[0], state]
      }))
    )
  ],
  "private noise is added, whatever the examples": [
    mutant("takes the norm of the examples for C", aggregating(louder((_, examples) => add(1, globalNorm(examples)))))
  ],
  "private noise has the standard deviation σC/n": [
    mutant("does not divide by n", aggregating(louder((_, examples) => countOf(examples)))),
    mutant("forgets C", aggregating(louder(({ maxNorm }) => 1 / Number(maxNorm)))),
    mutant("takes σ for a variance", aggregating(louder(({ noiseMultiplier }) => Number(noiseMultiplier) ** -0.5)))
  ],
  "private noise has mean 0": [
    mutant(
      "is never negative",
      aggregating(options => changing(options, { after: Tree.map((t: Tensor) => abs(t)) }))
    )
  ],
  "dpSgd without noise that clips nothing is sgd": [
    mutant("has no momentum", suite({ dpSgd: tampered(dpSgd, () => ({ momentum: 0 })) })),
    mutant("does not look ahead", suite({ dpSgd: tampered(dpSgd, () => ({ nesterov: false })) }))
  ],
  "dpSgd is sgd under withDifferentialPrivacy": [
    mutant("has another seed", suite({ dpSgd: tampered(dpSgd, ({ seed = 0 }) => ({ seed: seed + 1 })) })),
    mutant("clips at another norm", suite({ dpSgd: tampered(dpSgd, ({ maxNorm = 1 }) => ({ maxNorm: maxNorm / 2 })) }))
  ],
  "what stands around does to examples what it does to gradients": [
    mutant(
      "climbs by the gradient, and not by those of examples",
      suite({
        maximize: () => (inner: AnyOptimizer) =>
          altered(inner, {
            move: (grads, state, params, now) =>
              inner.motion.move(Tree.map((g: Tensor) => mul(g, -1))(grads), state, params, now)
          })
      })
    )
  ],
  "training by examples that clips nothing is training by batches": [
    mutant("leaves out the last example", suite({ trainStep: forgetting as typeof trainStep }))
  ],
  "withDifferentialPrivacy acts on the gradient alone": [
    mutant(
      "shakes displacements",
      suite({
        withDifferentialPrivacy: ({ seed }) => onDisplacement(addGaussianNoise({ seed, eta: 1 }))
      })
    )
  ],
  "withDifferentialPrivacy keeps the rate": [
    mutant(
      "says a rate of its own",
      suite({ withDifferentialPrivacy: options => rateless(judged.withDifferentialPrivacy(options)) })
    )
  ]
}
