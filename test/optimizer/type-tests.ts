/** What must not compile. Checked by `tsc`, for which an unused `@ts-expect-error` is an error. */
import { compile, pipe, scalar, tensor, zeros, type Tensor } from "thalweg"
import { adam, clipByNorm, lookahead, sgd, withEma, withMomentum } from "thalweg/optimizer"
import { choice, scaleByAdam } from "thalweg/transform"

const w: Tensor = zeros([2, 3])
const params = { dense: { w, b: zeros([3]) }, out: [w, w] as const }
const other = { dense: { kernel: w } }
const lacking = { dense: { w }, out: [w, w] as const }
const longer = { dense: { w, b: w }, out: [w, w, w] as const }
const composed = pipe(adam(), withMomentum(0.9), clipByNorm(1), lookahead())
const state = composed.init(params)

/** Run all the same, these throw. */
export const refused: readonly (() => void)[] = [
  () => {
    // @ts-expect-error -- gradients with other keys
    composed.step(params, state, other)
  },
  () => {
    // @ts-expect-error -- gradients that lack a leaf
    composed.step(params, state, lacking)
  },
  () => {
    // @ts-expect-error -- gradients with a longer tuple
    composed.step(params, state, longer)
  },
  () => {
    // @ts-expect-error -- gradients that are one tensor
    composed.step(params, state, w)
  },
  () => {
    // @ts-expect-error -- gradients that lack a leaf, to a compiled step
    compile(composed.step)(params, state, lacking)
  },
  () => {
    // @ts-expect-error -- a state of other parameters
    composed.step(params, composed.init(other), params)
  },
  () => {
    // @ts-expect-error -- the state of the optimizer inside
    composed.step(params, state.inner, params)
  },
  () => {
    // @ts-expect-error -- the state of another optimizer
    composed.step(params, pipe(adam(), lookahead()).init(params), params)
  },
  () => {
    // @ts-expect-error -- an average keeps what plain descent does not
    pipe(sgd({ learningRate: 0.1 }), withEma(0.9)).step(params, sgd({ learningRate: 0.1 }).init(params), params)
  },
  () => {
    // @ts-expect-error -- combinators in another order have other states
    pipe(adam(), withEma(0.9), withMomentum(0)).step(params, pipe(adam(), withMomentum(0), withEma(0.9)).init(params), params) // prettier-ignore
  },
  () => {
    // @ts-expect-error -- a number is no tree
    adam().init({ w: 3 })
  },
  () => {
    // @ts-expect-error -- descent needs a rate
    sgd({})
  },
  () => {
    // @ts-expect-error -- a hyperparameter is no string
    adam({ learningRate: "0.1" })
  },
  () => {
    // @ts-expect-error -- the number of steps between synchronizations is a plain number
    lookahead({ every: scalar(5) })
  },
  () => {
    // @ts-expect-error -- "none" as a default says that an option may be absent
    choice(["mean", "none"], "none")
  }
]

/** These only types refuse; they are never run. */
export const refusedByTypes: readonly (() => void)[] = [
  () => {
    // @ts-expect-error -- the rate is read from a state of the same optimizer
    adam().rate(state)
  },
  () => {
    // @ts-expect-error -- no such option
    adam({ lr: 0.1 })
  },
  () => {
    // @ts-expect-error -- a schedule gives a tensor
    adam({ learningRate: () => 0.1 })
  },
  () => {
    // @ts-expect-error -- a transform is no optimizer: it has no step
    withMomentum(0.9)(scaleByAdam())
  },
  () => {
    // @ts-expect-error -- a state cannot be changed
    state.count = tensor(1)
  },
  () => {
    // @ts-expect-error -- nor what it holds
    state.inner.inner.inner.inner[0].mu = params
  }
]
