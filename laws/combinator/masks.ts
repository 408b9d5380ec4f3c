import fc from "fast-check"
import { isTensor, maximum, Tree, type Tensor } from "thalweg"
import { type AnyOptimizer, sgd, type DecayOptions, type freeze, type masked } from "thalweg/optimizer"
import type { Labels, Mask } from "thalweg/transform"
import { fixed } from "../arbitrary/hyperparameter.js"
import { inner, leafwise } from "../arbitrary/optimizer.js"
import { arbRun, type Run } from "../arbitrary/run.js"
import { exact } from "../equality.js"
import { keepsRate } from "./keeps-rate.js"
import { law, type Law } from "../law.js"
import { pathOf, stepsOf, streamOf } from "../sides.js"
import { changesNothing, innerOf, sightsOf } from "./probe.js"
import type { FunctionOf, Wrap } from "../callable.js"

/** Runs with a leaf at least, and none at the root: its path could not be told from no path. */
const run = arbRun()
  .filter(({ params }) => Tree.leaves(params).length > 0)
  .map(({ params, gradients }): Run => ({ params: { all: params }, gradients: gradients.map(all => ({ all })) }))

/** A choice for each leaf, in order; over and over, if there are more leaves. */
const choices = fc.array(fc.boolean(), { minLength: 1, maxLength: 4 })

type Chooses = (path: string) => boolean

const chooser = (tree: Tree, chosen: readonly boolean[]): Chooses => {
  const means = new Map(Tree.paths(tree).map((path, i) => [path, chosen[i % chosen.length] ?? false]))
  return path => means.get(path) ?? false
}

type Annotated<A> = A | readonly Annotated<A>[] | { readonly [key: string]: Annotated<A> }

/** A value for every leaf, in the structure of a tree. */
const annotated = <A>(tree: Tree, valueAt: (path: string) => A, path: readonly string[] = []): Annotated<A> => {
  if (isTensor(tree)) return valueAt(path.join("/"))
  const under = (child: Tree, key: string): Annotated<A> => annotated(child, valueAt, [...path, key])
  if (Array.isArray(tree)) return tree.map((child: Tree, i) => under(child, String(i)))
  return Object.fromEntries(Object.entries(tree as Readonly<Record<string, Tree>>).map(([k, t]) => [k, under(t, k)]))
}

/** How the leaves of which a function says so can be meant; patterns only where there is one. */
const spellings = (tree: Tree, means: Chooses): readonly Mask[] => {
  const paths = Tree.paths(tree).filter(means)
  return [means, annotated(tree, means), ...(paths.length === 0 ? [] : [paths])]
}

/** The leaves of a tree that are meant, in order, alone. */
const only = (tree: Tree, means: Chooses): readonly Tensor[] => {
  const paths = Tree.paths(tree)
  return Tree.leaves(tree).filter((_, i) => means(paths[i] ?? ""))
}

const runOf = ({ params, gradients }: Run, means: Chooses): Run => ({
  params: only(params, means),
  gradients: gradients.map(grads => only(grads, means))
})

/** Parameters, gradient points and weights to deploy, of the leaves that are meant. */
const partsOf = (optimizer: AnyOptimizer, r: Run, means: Chooses): readonly Tree[] =>
  stepsOf(optimizer, r).map(([params, state]) => [
    only(params, means),
    only(optimizer.gradientPoint(params, state), means),
    only(optimizer.evalParams(params, state), means)
  ])

const every: Chooses = () => true
const sample = fc.tuple(choices, inner, run)

/** All leaves, or some of them. */
const some = fc.constantFrom<Chooses>(every, path => path.length % 2 === 0)

const everywhere = fc.constantFrom<Mask>("**", ["all/**"], every)

/**
 * Lists the laws of an optimizer on some of the leaves: it moves those as it would move them alone, also where gradients
 * are taken and what is deployed, and the others stay; a mask that is true everywhere is the optimizer inside, one
 * that is false everywhere moves nothing; patterns, functions and trees mean the same. All of them exact.
 *
 * @example
 * import assert from "node:assert"
 * import { masked } from "thalweg/optimizer"
 * import { checkAll, maskedLaws } from "thalweg/laws"
 *
 * assert(checkAll(maskedLaws(masked), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const maskedLaws = (mask: FunctionOf<typeof masked>): readonly Law[] => {
  const wrap =
    (meant: Mask): Wrap =>
    optimizer =>
      mask(meant)(optimizer)
  return [
    changesNothing("a mask that is true everywhere changes nothing", everywhere.map(wrap), inner, run),
    law("a mask that is false everywhere moves nothing", exact, fc.tuple(inner, run), ([optimizer, r]) => [
      pathOf(wrap(() => false)(optimizer), r),
      r.gradients.map(() => r.params)
    ]),
    law("masked moves leaves as the optimizer alone would", exact, sample, ([chosen, optimizer, r]) => {
      const means = chooser(r.params, chosen)
      return [partsOf(wrap(means)(optimizer), r, means), partsOf(optimizer, runOf(r, means), every)]
    }),
    law("masked leaves the others where they are", exact, sample, ([chosen, optimizer, r]) => {
      const means = chooser(r.params, chosen)
      const others = only(r.params, path => !means(path))
      return [partsOf(wrap(means)(optimizer), r, path => !means(path)), r.gradients.map(() => [others, others, others])]
    }),
    law("patterns, functions and trees mean the same leaves", exact, sample, ([chosen, optimizer, r]) => {
      const [first = every, ...others] = spellings(r.params, chooser(r.params, chosen))
      return [
        others.map(other => pathOf(wrap(other)(optimizer), r)),
        others.map(() => pathOf(wrap(first)(optimizer), r))
      ]
    }),
    law("masked keeps no state for the others", exact, sample, ([chosen, optimizer, r]) => {
      const means = chooser(r.params, chosen)
      return [
        Tree.leaves(innerOf(wrap(means)(optimizer).init(r.params))),
        Tree.leaves(optimizer.init(runOf(r, means).params))
      ]
    }),
    keepsRate("masked", some.map(wrap))
  ]
}

/**
 * Lists the laws of keeping leaves as they are: it is the mask of the others; to freeze nothing changes nothing. All of
 * them exact.
 *
 * @example
 * import assert from "node:assert"
 * import { freeze } from "thalweg/optimizer"
 * import { checkAll, freezeLaws } from "thalweg/laws"
 *
 * assert(checkAll(freezeLaws(freeze), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const freezeLaws = (freezing: FunctionOf<typeof freeze>): readonly Law[] => {
  const wrap =
    (meant: Mask): Wrap =>
    optimizer =>
      freezing(meant)(optimizer)
  return [
    changesNothing("to freeze nothing changes nothing", fc.constant(wrap(() => false))),
    law("frozen parameters never change", exact, sample, ([chosen, optimizer, r]) => {
      const means = chooser(r.params, chosen)
      return [
        pathOf(wrap(means)(optimizer), r).map(params => only(params, means)),
        r.gradients.map(() => only(r.params, means))
      ]
    }),
    law("to freeze is to mask the others", exact, sample, ([chosen, optimizer, r]) => {
      const means = chooser(r.params, chosen)
      const others: Chooses = path => !means(path)
      return [partsOf(wrap(means)(optimizer), r, others), partsOf(optimizer, runOf(r, others), every)]
    }),
    keepsRate("freeze", some.map(wrap))
  ]
}

type Named = "a" | "b"

const labelsOf =
  (means: Chooses): ((path: string) => Named) =>
  path =>
    means(path) ? "a" : "b"

/** Gives the leaves of each label to one of two optimizers. */
export type Parting = (
  optimizers: { readonly a: AnyOptimizer; readonly b: AnyOptimizer },
  labels: Labels<Named>
) => AnyOptimizer

const everyLabel = fc.constantFrom<Labels<Named>>(
  new Map([["**", "a"]]),
  new Map([["all/**", "a"], ["**", "b"]]), // prettier-ignore
  () => "a"
)

/**
 * Lists the laws of giving leaves to several optimizers: each moves its own as it would alone; with one label for all
 * it is that optimizer; for optimizers that treat leaves apart, two of a kind are one; labels may be given in any way;
 * its rate is the largest. All of them exact.
 *
 * @example
 * import assert from "node:assert"
 * import { partition } from "thalweg/optimizer"
 * import { checkAll, partitionLaws } from "thalweg/laws"
 *
 * assert(checkAll(partitionLaws(partition), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const partitionLaws = (parted: Parting): readonly Law[] => {
  const both = (a: AnyOptimizer, b: AnyOptimizer, labels: Labels<Named>): AnyOptimizer => parted({ a, b }, labels)
  const two = fc.tuple(choices, inner, inner, run)
  // labels are read anew at every step
  const short = two.map(([chosen, a, b, r]) => [chosen, a, b, { ...r, gradients: r.gradients.slice(0, 2) }] as const)
  return [
    law("a partition with one label is that optimizer", exact, fc.tuple(everyLabel, inner, run), ([labels, a, r]) => [
      partsOf(both(a, a, labels), r, every),
      partsOf(a, r, every)
    ]),
    law("each optimizer of a partition moves its leaves as alone", exact, two, ([chosen, a, b, r]) => {
      const means = chooser(r.params, chosen)
      const others: Chooses = path => !means(path)
      const together = both(a, b, labelsOf(means))
      return [
        [partsOf(together, r, means), partsOf(together, r, others)],
        [partsOf(a, runOf(r, means), every), partsOf(b, runOf(r, others), every)]
      ]
    }),
    law(
      "two alike that treat leaves apart are one",
      exact,
      fc.tuple(choices, leafwise, run),
      ([chosen, optimizer, r]) => {
        const labels = labelsOf(chooser(r.params, chosen))
        return [sightsOf(both(optimizer, optimizer, labels), r), sightsOf(optimizer, r)]
      }
    ),
    law("patterns, functions and trees give the same labels", exact, short, ([chosen, a, b, r]) => {
      const means = chooser(r.params, chosen)
      const label = labelsOf(means)
      const spelled: readonly Labels<Named>[] = [
        annotated(r.params, label),
        new Map(Tree.paths(r.params).map(path => [path, label(path)]))
      ]
      return [spelled.map(labels => pathOf(both(a, b, labels), r)), spelled.map(() => pathOf(both(a, b, label), r))]
    }),
    law("the first pattern that matches counts", exact, fc.tuple(inner, inner, run), ([a, b, r]) => [
      pathOf(both(a, b, new Map([["all/**", "a"], ["**", "b"]])), r), // prettier-ignore
      pathOf(a, r)
    ]),
    law("the rate of a partition is the largest", exact, two, ([chosen, a, b, r]) => {
      const means = chooser(r.params, chosen)
      const together = both(a, b, labelsOf(means))
      const rates = (optimizer: AnyOptimizer, some: Run): readonly Tensor[] =>
        stepsOf(optimizer, some).map(([, state]) => optimizer.rate(state))
      const [ofA, ofB] = [
        rates(a, runOf(r, means)),
        rates(
          b,
          runOf(r, path => !means(path))
        )
      ]
      return [rates(together, r), ofA.map((rate, i) => maximum(rate, ofB[i] ?? rate))]
    })
  ]
}

/** A combinator that decays all leaves, or those that a mask means. */
export type Decaying = (weightDecay: number, options?: DecayOptions) => Wrap

/**
 * Lists the laws of restricting decay to some leaves: those decay as without a mask, the others not at all. All of them
 * exact.
 *
 * @example
 * import assert from "node:assert"
 * import { withL2, withWeightDecay } from "thalweg/optimizer"
 * import { checkAll, maskedDecayLaws } from "thalweg/laws"
 *
 * const suite = [...maskedDecayLaws(withL2), ...maskedDecayLaws(withWeightDecay)]
 * assert(checkAll(suite, { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const maskedDecayLaws = (decaying: Decaying): readonly Law[] => {
  const decay =
    (weightDecay: number, options?: DecayOptions): Wrap =>
    optimizer =>
      decaying(weightDecay, options)(optimizer)
  const [lambda, rate] = [fixed(1), fixed(1)]
  return [
    law("a mask that is true everywhere is none", exact, fc.tuple(lambda, everywhere, inner, run), s => {
      const [most, mask, optimizer, r] = s
      return [sightsOf(decay(most, { mask })(optimizer), r), sightsOf(decay(most)(optimizer), r)]
    }),
    law("decay with a mask that is false everywhere is none", exact, fc.tuple(lambda, inner, run), s => {
      const [most, optimizer, r] = s
      return [streamOf(decay(most, { mask: () => false })(optimizer), r), streamOf(optimizer, r)]
    }),
    law("only what a mask means decays", exact, fc.tuple(lambda, rate, choices, run), ([most, eta, chosen, r]) => {
      const means = chooser(r.params, chosen)
      const descent = sgd({ learningRate: eta })
      const [all, none] = [pathOf(decay(most)(descent), r), pathOf(descent, r)]
      return [
        pathOf(decay(most, { mask: means })(descent), r).map(p => [only(p, means), only(p, path => !means(path))]),
        all.map((params, i) => [only(params, means), only(none[i] ?? [], path => !means(path))])
      ]
    })
  ]
}
