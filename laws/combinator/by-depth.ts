import fc from "fast-check"
import { add, concat, expandDims, mul, Tree, type Tensor } from "thalweg"
import { freeze, type AnyOptimizer } from "thalweg/optimizer"
import { inner } from "../arbitrary/optimizer.js"
import { arbShape, range } from "../arbitrary/numbers.js"
import { arbRun, type Run } from "../arbitrary/run.js"
import { only } from "../arbitrary/transform.js"
import type { Wrap } from "../callable.js"
import { exact } from "../equality.js"
import { law, type Law, type Sides } from "../law.js"
import { pathOf } from "../sides.js"
import { changesNothing, sightsOf } from "./probe.js"

/** Parameters beside a repeat, and those of each of its depths, along a run. */
interface Deep {
  readonly beside: Tree
  readonly depths: readonly Tree[]
}

/** Another depth: other numbers of another size. */
const varied = (i: number): ((tree: Tree) => Tree) => Tree.map((t: Tensor) => add(mul(t, 1 + i), i / 8))

const deepened =
  (times: number) =>
  (tree: Tree): Deep => ({ beside: tree, depths: range(times).map(i => ({ layer: varied(i)(tree) })) })

/** Up to three depths, of a leaf at least, whose leaves have an element at least. */
const deep = fc
  .tuple(
    arbRun({ shape: arbShape({ smallest: 1 }), maxSteps: 3 }).filter(({ params }) => Tree.leaves(params).length > 0),
    fc.integer({ min: 1, max: 3 })
  )
  .map(([{ params, gradients }, times]) => ({
    times,
    params: deepened(times)(params),
    gradients: gradients.map(deepened(times))
  }))

type Sample = typeof deep extends fc.Arbitrary<infer A> ? A : never

const stacked = (depths: readonly Tree[]): Tree =>
  depths
    .map(Tree.map((t: Tensor) => expandDims(t, 0)))
    .reduce((a, b) => Tree.zipWith((a: Tensor, b: Tensor) => concat([a, b]))(a, b))

/** As `repeat` has it. */
const asRepeat = ({ beside, depths }: Deep): Tree => ({ beside, each: stacked(depths) })
/** Each depth as a branch of its own. */
const asBranches = ({ beside, depths }: Deep): Tree => ({ beside, blocks: depths })

const runOf = (shape: (deep: Deep) => Tree, { params, gradients }: Sample): Run => ({
  params: shape(params),
  gradients: gradients.map(shape)
})

/** One over a repeat, the other over its depths as branches. */
const apart = (sample: Sample, over: AnyOptimizer, alone: AnyOptimizer): Sides => {
  const joined = (tree: Tree): Tree => {
    const { beside, blocks } = tree as unknown as { readonly beside: Tree; readonly blocks: readonly Tree[] }
    return asRepeat({ beside, depths: blocks })
  }
  return [
    sightsOf(over, runOf(asRepeat, sample)),
    sightsOf(alone, runOf(asBranches, sample)).map(({ rate, params, point, deployed }) => ({
      rate,
      params: joined(params),
      point: joined(point),
      deployed: joined(deployed)
    }))
  ]
}

/**
 * Lists the law of an optimizer that treats the depths of a `repeat`, which stand stacked in each leaf, as parameters of their own:
 * one that is elementwise, or looks at whole leaves by `byDepth`. Exact.
 *
 * @example
 * import assert from "node:assert"
 * import { lamb } from "thalweg/optimizer"
 * import { checkAll, depthLaws } from "thalweg/laws"
 *
 * assert(checkAll(depthLaws(lamb({ learningRate: 0.1 })), { numRuns: 10 }).every(verdict => verdict.holds))
 */
export const depthLaws = (optimizer: AnyOptimizer): readonly Law[] => depthLawsOver(only(optimizer))

/**
 * Lists the laws of `depthLaws` over an arbitrary of optimizers.
 *
 * @example
 * import assert from "node:assert"
 * import { arbOptimizer, checkAll, depthLawsOver } from "thalweg/laws"
 *
 * const suite = depthLawsOver(arbOptimizer({ optimizers: ["muon", "lars"], combinators: [] }))
 * assert(checkAll(suite, { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const depthLawsOver = (optimizers: fc.Arbitrary<AnyOptimizer>): readonly Law[] => [
  law("the depths of a repeat move as parameters of their own", exact, fc.tuple(optimizers, deep), ([optimizer, s]) =>
    apart(s, optimizer, optimizer)
  )
]

/**
 * Lists the laws of `byDepth` around any optimizer: over the parameters of a `repeat` its steps are those of the depths as parameters
 * of their own; patterns name depths; where there is no repeat, it changes nothing. All of them exact.
 *
 * @example
 * import assert from "node:assert"
 * import { byDepth } from "thalweg/optimizer"
 * import { byDepthLaws, checkAll } from "thalweg/laws"
 *
 * assert(checkAll(byDepthLaws(byDepth), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const byDepthLaws = (wrap: Wrap): readonly Law[] => {
  const sample = fc.tuple(inner, deep)
  return [
    law("byDepth steps as the depths of a repeat would as parameters of their own", exact, sample, ([optimizer, s]) =>
      apart(s, wrap(optimizer), optimizer)
    ),
    law("under byDepth a pattern names a depth", exact, fc.tuple(inner, deep, fc.nat(2)), ([optimizer, s, n]) => {
      const i = n % s.times
      const shaped = (tree: Tree): Tree => (tree as { readonly each: Tree }).each
      return [
        pathOf(wrap(freeze(`each/${i}/**`)(optimizer)), runOf(asRepeat, s)).map(shaped),
        pathOf(freeze(`blocks/${i}/**`)(optimizer), runOf(asBranches, s)).map(tree =>
          stacked((tree as { readonly blocks: readonly Tree[] }).blocks)
        )
      ]
    }),
    changesNothing("without a repeat, byDepth changes nothing", fc.constant(wrap))
  ]
}
