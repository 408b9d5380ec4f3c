import fc from "fast-check"
import { cast, mul, onesLike, scalar, Tree, type Tensor } from "thalweg"
import { optimizer as optimizerOf, type AnyOptimizer } from "thalweg/optimizer"
import { identity, type AtLoss, type StateFamily, type Transform } from "thalweg/transform"
import { inner as anyInner } from "../arbitrary/optimizer.js"
import { run as anyRun, type Run } from "../arbitrary/run.js"
import type { Wrap } from "../callable.js"
import { exact } from "../equality.js"
import { law, type Law } from "../law.js"
import { givenAt, pathOf, stepOf, stepsOf, type AnyState, type Step } from "../sides.js"

/** An optimizer whose displacement is the gradient that it sees. */
export const probe: AnyOptimizer = optimizerOf(identity)

interface LossProbeF extends StateFamily {
  readonly type: readonly []
  readonly needs: AtLoss
}

const lossesAsUpdates: Transform<LossProbeF> = {
  init: () => [],
  update: (updates, state, _, { loss }) => [Tree.map(u => mul(onesLike(u), cast(loss, u.dtype)))(updates), state],
  needs: ["loss"]
}

/** An optimizer whose displacement is the loss that it sees, at every element. */
export const lossProbe: AnyOptimizer = optimizerOf(lossesAsUpdates)

/** What stands under `inner` in what a combinator keeps. */
const within = ({ inner }: AnyState): Tree => (inner as { readonly inner: Tree }).inner

/** The state of the optimizer inside a combinator, under the clock of both. */
export const innerOf = (state: AnyState): AnyState => ({ count: state.count, inner: within(state) })

/** The state of the optimizer inside a combinator that keeps a clock for it. */
export const clockedInnerOf = (state: AnyState): AnyState => within(state) as AnyState

/** All that can be seen of an optimizer between two steps. */
type Sights = {
  readonly params: Tree
  /** Where the next gradient is to be taken. */
  readonly point: Tree
  /** The weights to deploy. */
  readonly deployed: Tree
  readonly rate: Tensor
}

/** What is seen of a run after each step. */
export const sightsOf = (optimizer: AnyOptimizer, run: Run): readonly Sights[] =>
  stepsOf(optimizer, run).map(([params, state]) => ({
    params,
    point: optimizer.gradientPoint(params, state),
    deployed: optimizer.evalParams(params, state),
    rate: optimizer.rate(state)
  }))

/** The loss of a step, of some that are told: the last over and over. */
const lossAt = (losses: readonly number[], step: number): AtLoss => ({
  loss: scalar(losses[step] ?? losses.at(-1) ?? 0, "f64")
})

/** The parameters after each step of a run that is told losses, and the states. */
export const stepsAt = (
  { init, step }: AnyOptimizer,
  { params, gradients }: Run,
  losses: readonly number[]
): readonly Step[] =>
  gradients.reduce<readonly Step[]>((made, grads, i) => {
    const [before, state] = made.at(-1) ?? [params, init(params)]
    return [...made, step(before, state, grads, lossAt(losses, i))]
  }, [])

/** The displacements of a run that is told losses, at parameters that stay where they are, and the states. */
export const updatesAt = (
  { init, update }: AnyOptimizer,
  { params, gradients }: Run,
  losses: readonly number[]
): readonly Step[] =>
  gradients.reduce<readonly Step[]>(
    (made, grads, i) => [...made, update(grads, made.at(-1)?.[1] ?? init(params), params, lossAt(losses, i))],
    []
  )

/** The law that some combinators change nothing: a run looks as that of the optimizer inside does. */
export const changesNothing = (
  name: string,
  combinators: fc.Arbitrary<Wrap>,
  inners: fc.Arbitrary<AnyOptimizer> = anyInner,
  runs: fc.Arbitrary<Run> = anyRun
): Law =>
  law(name, exact, fc.tuple(combinators, inners, runs), ([wrap, inner, run]) => [
    sightsOf(wrap(inner), run),
    sightsOf(inner, run)
  ])

type Showing = { readonly shown: AnyState; readonly inner: AnyState }

/** An optimizer that is shown what another makes of the gradients, at its own parameters. */
const showing = (shown: AnyOptimizer, inner: AnyOptimizer): AnyOptimizer => {
  const step = (params: Tree, state: Showing, grads: Tree): readonly [Tree, Showing] => {
    const [seen, own] = shown.update(grads, state.shown, params, ...givenAt(shown, grads))
    const [moved, after] = stepOf(inner)(params, state.inner, seen)
    return [moved, { shown: own, inner: after }]
  }
  const init = (params: Tree): Showing => ({ shown: shown.init(params), inner: inner.init(params) })
  return { ...inner, init, step } as never
}

/**
 * The law that a combinator acts on the gradient and on nothing else: any optimizer inside steps as it would on the
 * gradients that the combinator shows to a probe.
 */
export const actsOnGradient = (name: string, combinators: fc.Arbitrary<Wrap>): Law =>
  law(`${name} acts on the gradient alone`, exact, fc.tuple(combinators, anyInner, anyRun), ([wrap, inner, run]) => [
    pathOf(wrap(inner), run),
    pathOf(showing(wrap(probe), inner), run)
  ])
