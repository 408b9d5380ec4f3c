import { describeValue, isRecord } from "../../dataflow/describe.js"
import { fail } from "../../dataflow/error.js"
import { maximum } from "../../dataflow/arithmetic.js"
import { scalar } from "../../dataflow/create.js"
import { combine, splitByLabel, hideNeeds, type HiddenState } from "../../transform/mask.js"
import { needsOfAll, type AnyF, type NeedsOf, type StateFamily } from "../../transform/transform.js"
import type { Tree } from "../../tree/index.js"
import { labelled, ownLabels, type Labels } from "../../tree/mask.js"
import { noMove, type Motion, type Move } from "../motion.js"
import { checkMoving, optimizerOf, type Optimizer } from "../optimizer.js"
import { combineMoves } from "./masked.js"

type Families = Readonly<Record<string, StateFamily>>
type PartitionState<Fs extends Families> = { readonly [K in keyof Fs]: HiddenState<Fs[K]> }

/** What is needed by all of several families: an intersection, by way of the argument of a function that takes any. */
type NeedsOfEach<Fs extends Families, P extends Tree> = {
  readonly [K in keyof Fs]: (needs: NeedsOf<Fs[K], P>) => void
}[keyof Fs] extends (needs: infer N extends object) => void
  ? N
  : object

/** The state of each optimizer, by its label. */
export interface PartitionF<Fs extends Families> extends StateFamily {
  readonly type: PartitionState<Fs>
  readonly needs: NeedsOfEach<Fs, this["params"]>
}

type Part = Motion<AnyF>

const stateOf = (state: Tree, name: string): Tree => (state as Readonly<Record<string, Tree>>)[name] as Tree

/** The motion of several optimizers, each on its own leaves; `labelsOf` parameters are the labels of their leaves, in order. */
export const together = (
  parts: Readonly<Record<string, Part>>,
  labelsOf: (params: Tree) => readonly string[]
): Part => {
  const names = Object.keys(parts).sort()
  const byName = <A>(f: (part: Part, name: string) => A): ReadonlyMap<string, A> =>
    new Map(names.map(name => [name, f(parts[name] as Part, name)]))
  /** What each makes of its leaves. */
  const each =
    (of: (part: Part) => Part["evalParams"]): Part["evalParams"] =>
    (params, state, now) => {
      const labels = labelsOf(params)
      const own = splitByLabel(labels, params)
      return combine(
        labels,
        params,
        byName((part, name) => of(part)(own(name), stateOf(state, name), now))
      )
    }
  /** The moves of all, each on its leaves, as one, and their states. */
  const joined = <P extends Tree>(
    labels: readonly string[],
    params: P,
    moveOf: (part: Part, name: string) => readonly [move: Move<Tree>, state: Tree]
  ): readonly [move: Move<P>, state: Tree] => {
    const moved = byName(moveOf)
    return [
      combineMoves(labels, noMove(params), new Map([...moved].map(([name, [move]]) => [name, move]))),
      Object.fromEntries([...moved].map(([name, [, after]]) => [name, after]))
    ]
  }
  return {
    needs: needsOfAll(Object.values(parts)),
    init: params => {
      const own = splitByLabel(labelsOf(params), params)
      return Object.fromEntries(byName((part, name) => part.init(own(name))))
    },
    move: (grads, state, params, now) => {
      const labels = labelsOf(params)
      const [ownGrads, own] = [splitByLabel(labels, grads), splitByLabel(labels, params)]
      return joined(labels, params, (part, name) => {
        const whole = (shown: Tree) => combine(labels, params, new Map([[name, shown]]))
        const seen = (tree: Tree) => splitByLabel(labels, tree)(name)
        const within = hideNeeds<AnyF, typeof params>(whole, seen, now)
        return part.move(ownGrads(name), stateOf(state, name), own(name), within)
      })
    },
    rate: (state, now) =>
      Object.entries(parts)
        .map(([name, part]) => part.rate(stateOf(state, name), now))
        .reduce((a, b) => maximum(a, b), scalar(0, "f64")),
    gradientPoint: each(part => part.gradientPoint),
    evalParams: each(part => part.evalParams),
    ...(Object.values(parts).some(({ finish }) => finish) && {
      finish: (params, state, now) => {
        const labels = labelsOf(params)
        const own = splitByLabel(labels, params)
        return joined(labels, params, (part, name) => {
          const [shown, before] = [own(name), stateOf(state, name)]
          return part.finish?.(shown, before, now) ?? [noMove(shown), before]
        })
      }
    }),
    ...(Object.values(parts).some(({ endEpoch }) => endEpoch) && {
      endEpoch: (state, monitored, now) =>
        Object.fromEntries(
          byName((part, name) => {
            const before = stateOf(state, name)
            return part.endEpoch?.(before, monitored, now) ?? before
          })
        )
    })
  }
}

/**
 * Gives each parameter to one of several optimizers, by its label.
 *
 * Each optimizer sees a tree of its own parameters only, at their paths: it keeps no state for the others, and a norm
 * over all leaves is one over its own. The state is the record of their states. It needs what any of them needs.
 *
 * `labels`: a `Map` from patterns of paths (`Mask` has their syntax) to labels, of which the first that matches counts, a
 * function of the path and the leaf, or a tree of labels like the parameters. A label without an optimizer, a parameter
 * without a label, a pattern that matches none (with the nearest paths), and labels of another structure are a `TreeError`
 * at `init` and `step`.
 * `rate` is the largest of the rates; decay, which multiplies by it, belongs within.
 *
 * Laws: equal to independent optimizers on the parameters of each label, exactly; with one label for all, that
 * optimizer; hence not to one optimizer where that looks across leaves (`clipByNorm` within and around differ).
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { partition, sgd } from "thalweg/optimizer"
 *
 * const [slow, fast] = [sgd({ learningRate: 0.25 }), sgd({ learningRate: 1 })]
 * const opt = partition({ slow, fast }, new Map([["encoder/**", "slow"], ["**", "fast"]]))
 * const params = { encoder: [tensor([1])], head: tensor([1]) } as const
 * const [{ encoder, head }] = opt.step(params, opt.init(params), params)
 * assert.deepStrictEqual([encoder[0], head].map(toArray), [[0.75], [0]])
 */
export const partition = <Fs extends Families, L extends Extract<keyof Fs, string>>(
  optimizers: { readonly [K in keyof Fs]: Optimizer<Fs[K]> },
  labels: Labels<L> // of a parameter of its own, or labels of a Map are strings where a type is wanted of the result
): Optimizer<PartitionF<Fs>> => {
  if (!isRecord(optimizers))
    fail("DataError", "partition", "a record of optimizers, by label", describeValue(optimizers))
  const parts: Readonly<Record<string, { readonly motion: Part }>> = optimizers
  for (const [name, optimizer] of Object.entries(parts)) checkMoving("partition", optimizer, name)
  const named = ownLabels("partition", labels)
  const names: readonly string[] = Object.keys(parts).sort()
  const motions = Object.fromEntries(Object.entries(parts).map(([name, { motion }]) => [name, motion]))
  const labelsOf = (params: Tree): readonly string[] => labelled("partition", names, named, params)
  return optimizerOf(together(motions, labelsOf) as Motion<PartitionF<Fs>>)
}
