import { gt, Tree, where, zerosLike } from "thalweg"
import { emaLaws, polyakAverageLaws } from "thalweg/laws"
import { altered, withEma, withPolyakAverage, type EmaOptions, type PolyakAverageOptions } from "thalweg/optimizer"
import { mutant, type Mutants } from "../mutant.js"
import { rateless, stepOf, type AnyState, type Wrap } from "./wrap.js"

type Averaging = (decay: number, options?: EmaOptions) => Wrap
type Meaning = (options?: PolyakAverageOptions) => Wrap

const ema: Averaging = (decay, options) => inner => withEma(decay, options)(inner)
const polyak: Meaning = options => inner => withPolyakAverage(options)(inner)

const averages = (how: Averaging) => emaLaws(how as never)
const means = (how: Meaning) => polyakAverageLaws(how)

/** Goes on from the average. */
const swapping =
  (wrap: Wrap): Wrap =>
  inner => {
    const right = wrap(inner)
    return {
      ...right,
      step: ((params: Tree, state: AnyState, grads: Tree) => {
        const [moved, after] = stepOf(right)(params, state, grads)
        return [right.evalParams(moved, after), after]
      }) as never
    }
  }

/** Deploys the average as it is kept. */
const uncorrected =
  (wrap: Wrap): Wrap =>
  inner => ({
    ...wrap(inner),
    evalParams: ((_: Tree, { inner: kept }: AnyState) => (kept as { readonly average: Tree }).average) as never
  })

/** Averages the parameters, whatever the optimizer inside deploys. */
const fast =
  (wrap: Wrap): Wrap =>
  inner =>
    wrap(altered(inner, { evalParams: params => params }))

/** Deploys nothing before the first step. */
const emptyAtFirst =
  (wrap: Wrap): Wrap =>
  inner => {
    const right = wrap(inner)
    return {
      ...right,
      evalParams: (params, state) => {
        const begun = gt(state.count, 0)
        return Tree.map(t => where(begun, t, zerosLike(t)))(right.evalParams(params, state))
      }
    }
  }

const debiasing: Averaging = decay => ema(decay)

export const emaMutants: Mutants = {
  "withEma does not change the run": [
    mutant(
      "goes on from the average",
      averages((decay, options) => swapping(ema(decay, options)))
    )
  ],
  "before a step withEma deploys what the optimizer inside does": [
    mutant(
      "deploys the average as it is kept",
      averages((decay, options) => uncorrected(ema(decay, options)))
    )
  ],
  "withEma keeps the rate": [
    mutant(
      "says a rate of its own",
      averages((decay, options) => rateless(ema(decay, options)))
    )
  ],
  "withEma deploys the debiased average": [
    mutant(
      "deploys the average as it is kept",
      averages((decay, options) => uncorrected(ema(decay, options)))
    ),
    mutant(
      "averages what the optimizer inside does not deploy",
      averages((decay, options) => fast(ema(decay, options)))
    ),
    mutant(
      "takes the decay for the share of the new",
      averages((decay, options) => ema(decay === 0 ? 0 : 1 - decay, options))
    )
  ],
  "withEma can begin at the parameters": [mutant("always begins at nothing", averages(debiasing))],
  "withEma can begin at zero": [mutant("always corrects", averages(debiasing))],
  "withEma(0) deploys the last parameters": [
    mutant(
      "takes 0 for unset",
      averages((decay, options) => ema(decay === 0 ? 0.9 : decay, options))
    )
  ],
  "parameters that rest are their own withEma": [
    mutant(
      "begins at zero",
      averages(decay => ema(decay, { start: "zero" }))
    )
  ]
}

export const polyakAverageMutants: Mutants = {
  "withPolyakAverage does not change the run": [
    mutant(
      "goes on from the average",
      means(options => swapping(polyak(options)))
    )
  ],
  "before a step withPolyakAverage deploys what the optimizer inside does": [
    mutant(
      "begins at zeros",
      means(options => emptyAtFirst(polyak(options)))
    )
  ],
  "withPolyakAverage keeps the rate": [
    mutant(
      "says a rate of its own",
      means(options => rateless(polyak(options)))
    )
  ],
  "withPolyakAverage deploys the mean": [
    mutant(
      "forgets as it goes",
      means(() => ema(0.5))
    ),
    mutant(
      "skips one less",
      means(({ skip = 0 } = {}) => polyak({ skip: Math.max(0, skip - 1) }))
    ),
    mutant(
      "averages what the optimizer inside does not deploy",
      means(options => fast(polyak(options)))
    )
  ],
  "while it skips, withPolyakAverage deploys what the optimizer inside does": [
    mutant(
      "skips one less",
      means(({ skip = 0 } = {}) => polyak({ skip: Math.max(0, skip - 1) }))
    )
  ],
  "parameters that rest are their own mean": [
    mutant(
      "forgets as it goes, and rounds",
      means(() => ema(0.9))
    )
  ]
}
