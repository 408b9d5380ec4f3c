import { scalar } from "../dataflow/create.js"
import { maximum } from "../dataflow/arithmetic.js"
import { hide, labelled, merge, type AnyF, type HiddenState, type Labels } from "../transform/mask.js"
import type { AtLoss, Extra, StateFamily } from "../transform/transform.js"
import { Tree } from "../tree/index.js"
import { byStep, byUpdate, checked, type Optimizer, type Way } from "./optimizer.js"

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
type States = Readonly<Record<string, Tree>>

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
 * Laws: equal to independent optimizers on the parameters of each label, exactly; with one label for all, that optimizer;
 * hence not to one optimizer where that looks across leaves (`clipByNorm` within and around differ).
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
export const partition = ((optimizers: Readonly<Record<string, Part>>, labels: Labels<string>) => {
  const names = Object.keys(optimizers).sort()
  /** What each optimizer makes of its part, and where its parts lie. */
  const each = <A>(params: Tree, use: (inner: Part, keep: readonly boolean[], name: string) => A) => {
    const assigned = labelled("partition", names, labels, params)
    return names.map(name => {
      const keep = assigned.map(label => label === name)
      return { name, keep, value: use(optimizers[name] as Part, keep, name) }
    })
  }
  const together = (onto: Tree, parts: readonly { readonly keep: readonly boolean[]; readonly value: Tree }[]): Tree =>
    parts.reduce((whole, { keep, value }) => merge(keep, whole, value), onto)
  const states = (parts: readonly { readonly name: string; readonly value: readonly [Tree, Tree] }[]): States =>
    Object.fromEntries(parts.map(({ name, value }) => [name, value[1]]))
  const firsts = <A>(parts: readonly { readonly keep: readonly boolean[]; readonly value: readonly [Tree, A] }[]) =>
    parts.map(({ keep, value }) => ({ keep, value: value[0] }))
  const init = (params: Tree): States =>
    Object.fromEntries(
      each(params, (inner, keep) => inner.init(hide(keep, params))).map(({ name, value }) => [name, value])
    )
  const move =
    (way: (inner: Part) => Way<AnyF, Extra>, still: <P extends Tree>(params: P) => P): Part["update"] =>
    (grads, state, params, ...extra) => {
      const parts = each(params, (inner, keep, name) =>
        way(inner).go(hide(keep, grads), (state as States)[name] as Tree, hide(keep, params), ...extra)
      )
      return [together(still(params), firsts(parts)) as typeof params, states(parts)]
    }
  const step = move(byStep, params => params)
  const own: Optimizer<AnyF, Extra> = {
    init,
    update: move(byUpdate, Tree.zerosLike),
    step: (params, state, grads, ...extra) => step(grads, state, params, ...extra),
    rate: state =>
      names
        .map(name => (optimizers[name] as Part).rate((state as States)[name] as Tree))
        .reduce((a, b) => maximum(a, b), scalar(0, "f64")),
    gradientPoint: (params, state) =>
      together(
        params,
        each(params, (inner, keep, name) => inner.gradientPoint(hide(keep, params), (state as States)[name] as Tree))
      ) as typeof params,
    evalParams: (params, state) =>
      together(
        params,
        each(params, (inner, keep, name) => inner.evalParams(hide(keep, params), (state as States)[name] as Tree))
      ) as typeof params
  }
  return { ...own, step: checked(own.init, own.step) }
}) as unknown as Partition
