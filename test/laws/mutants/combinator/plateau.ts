import { div, mul, neg, Tree, type Tensor } from "thalweg"
import { reduceOnPlateauLaws } from "thalweg/laws"
import { altered, reduceOnPlateau, type AnyOptimizer, type PlateauOptions } from "thalweg/optimizer"
import { mutant, type Mutants } from "../mutant.js"
import { restarting } from "./wrap.js"

type Reducing = (options?: PlateauOptions) => (inner: AnyOptimizer) => AnyOptimizer

const right: Reducing = options => inner => reduceOnPlateau(options)(inner)
const suite = (how: Reducing) => reduceOnPlateauLaws(how)

/** Told other losses than there are. */
const told =
  (f: (loss: Tensor) => Tensor): Reducing =>
  options =>
  inner => {
    const optimizer = right(options)(inner)
    const { move } = optimizer.motion
    return altered(optimizer, {
      move: (grads, state, params, now) =>
        move(grads, state, params, now.loss === undefined ? now : { ...now, loss: f(now.loss) })
    })
  }

const changed =
  (f: (options: PlateauOptions) => PlateauOptions): Reducing =>
  (options = {}) =>
    right(f(options))

/** A loss that reduces the rate does so for the next step, as in other libraries. */
const delayed: Reducing = options => inner => {
  const optimizer = right(options)(inner)
  return {
    ...optimizer,
    update: (grads, state, params, given) => {
      const [displacement, next] = optimizer.update(grads, state, params, given)
      const factor = div(optimizer.rate(state), optimizer.rate(next))
      return [Tree.map(d => (d.dtype === "f64" ? mul(d, factor) : d))(displacement), next]
    }
  }
}

/** Begins the optimizer inside anew at every step. */
const forgetful: Reducing = options => inner => right(options)(restarting(inner))

export const reduceOnPlateauMutants: Mutants = {
  "while losses fall reduceOnPlateau changes nothing": [mutant("waits for losses to rise", suite(told(neg)))],
  "reduceOnPlateau never raises the rate": [
    mutant(
      "divides by the factor",
      suite(options => inner => {
        const optimizer = right(options)(inner)
        return { ...optimizer, rate: state => div(1, optimizer.rate(state)) }
      })
    )
  ],
  "reduceOnPlateau keeps the rate at its least": [
    mutant("knows no least rate", suite(changed(({ minScale: _, ...options }) => options)))
  ],
  "reduceOnPlateau multiplies displacements by the scale": [mutant("reduces from the next step", suite(delayed))],
  "losses that rest reduce the rate, time after time": [
    mutant("waits for one more", suite(changed(({ patience = 10, ...o }) => ({ ...o, patience: patience + 1 }))))
  ],
  "reduceOnPlateau does not see the unit of losses": [
    mutant("asks for losses that fall by a number", suite(changed(options => ({ ...options, atol: 0.5 }))))
  ],
  "reduceOnPlateau per epoch sees epochs as it sees steps, and no steps": [
    mutant("sees steps all the same", suite(changed(({ per: _, ...options }) => options))),
    mutant(
      "sees no epochs either",
      suite(options => inner => altered(right(options)(inner), { endEpoch: state => state }))
    )
  ],
  "under reduceOnPlateau the state inside goes on": [
    mutant("begins the optimizer inside anew at every step", suite(forgetful))
  ],
  "reduceOnPlateau tells the optimizer inside the loss": [
    mutant("tells another loss", suite(told(loss => mul(loss, 2))))
  ]
}
