import { scalar } from "../../dataflow/create.js"
import { maximum } from "../../dataflow/arithmetic.js"
import { hide, labelled, merge, type HiddenState, type Labels } from "../../transform/mask.js"
import type { AnyF, AtLoss, Extra, StateFamily } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { byStep, byUpdate, checked, type Optimizer, type Way } from "../optimizer.js"

type Families = Readonly<Record<string, StateFamily>>
type PartitionState<Fs extends Families> = { readonly [K in keyof Fs]: HiddenState<Fs[K]> }

/** The state of each optimizer, by its label. */
export interface PartitionF<Fs extends Families> extends StateFamily {
  readonly type: PartitionState<Fs>
}

interface Partition {
  <Fs extends Families>(
    optimizers: { readonly [K in keyof Fs]: Optimizer<Fs[K]> },
    labels: Labels<NoInfer<Extract<keyof Fs, string>>>
  ): Optimizer<PartitionF<Fs>>
  <Fs extends Families>(
    optimizers: { readonly [K in keyof Fs]: Optimizer<Fs[K], readonly [AtLoss]> | Optimizer<Fs[K]> },
    labels: Labels<NoInfer<Extract<keyof Fs, string>>>
  ): Optimizer<PartitionF<Fs>, readonly [AtLoss]>
}

type Part = Optimizer<AnyF, Extra>
type Parts = Readonly<Record<string, Part>>

/** An optimizer, and for every leaf whether it is one of its own. */
interface Share {
  readonly name: string
  readonly inner: Part
  readonly keep: readonly boolean[]
}

type Shares = (params: Tree) => readonly Share[]

const sharing = (optimizers: Parts, labels: Labels<string>): Shares => {
  const names = Object.keys(optimizers).sort()
  return params => {
    const assigned = labelled("partition", names, labels, params)
    return names.map(name => ({
      name,
      inner: optimizers[name] as Part,
      keep: assigned.map(label => label === name)
    }))
  }
}

const stateOf = (state: Tree, name: string): Tree => (state as Readonly<Record<string, Tree>>)[name] as Tree

/** What each optimizer makes of its leaves, all together. */
const together =
  (shares: Shares, of: (inner: Part) => Part["evalParams"]): Part["evalParams"] =>
  (params, state) =>
    shares(params).reduce(
      (whole, { name, inner, keep }) => merge(keep, whole, of(inner)(hide(keep, params), stateOf(state, name))),
      params
    )

/** How each optimizer moves its leaves, all together. */
const moving =
  (shares: Shares, way: (inner: Part) => Way<AnyF, Extra>, still: <P extends Tree>(params: P) => P): Part["update"] =>
  (grads, state, params, ...extra) => {
    const moved = shares(params).map(({ name, inner, keep }) => {
      const [leaves, after] = way(inner).go(hide(keep, grads), stateOf(state, name), hide(keep, params), ...extra)
      return { name, keep, leaves, after }
    })
    const whole = moved.reduce((onto, { keep, leaves }) => merge(keep, onto, leaves), still(params))
    return [whole, Object.fromEntries(moved.map(({ name, after }) => [name, after]))]
  }

/**
 * Gives each parameter to one of several optimizers, by its label.
 *
 * Each optimizer sees a tree with empty tuples in the places of the others' parameters: it keeps no state for them, and
 * a norm over all leaves is one over its own. The state is the record of their states. It needs the loss if one of them
 * does.
 *
 * `labels`: a `Map` from patterns of paths to labels, of which the first that matches counts, a function of the path, or
 * a tree of labels like the parameters. A label without an optimizer, a parameter without a label, a pattern that
 * matches none (with the nearest paths), and labels of another structure are a `TreeError` at `init` and `step`.
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
export const partition = ((optimizers: Parts, labels: Labels<string>) => {
  const shares = sharing(optimizers, labels)
  const step = moving(shares, byStep, params => params)
  const init: Part["init"] = params =>
    Object.fromEntries(shares(params).map(({ name, inner, keep }) => [name, inner.init(hide(keep, params))]))
  const whole: Part = {
    init,
    update: moving(shares, byUpdate, Tree.zerosLike),
    step: checked(init, (params, state, grads, ...extra) => step(grads, state, params, ...extra)),
    rate: state =>
      Object.entries(optimizers)
        .map(([name, inner]) => inner.rate(stateOf(state, name)))
        .reduce((a, b) => maximum(a, b), scalar(0, "f64")),
    gradientPoint: together(shares, inner => inner.gradientPoint),
    evalParams: together(shares, inner => inner.evalParams)
  }
  return whole
}) as Partition
