import fc from "fast-check"
import { ge, item, le, scalar, type Tensor, type Tree } from "thalweg"
import type { AnyOptimizer, PlateauOptions, reduceOnPlateau } from "thalweg/optimizer"
import { fixed } from "../arbitrary/hyperparameter.js"
import { additive, inner } from "../arbitrary/optimizer.js"
import { arbRun, run, type Run } from "../arbitrary/run.js"
import { exact, relative } from "../equality.js"
import { law, type Law } from "../law.js"
import { displacementsOf, times, truth, type Step } from "../sides.js"
import { innerOf, lossProbe, probe, sightsOf, stepsAt, updatesAt } from "./probe.js"
import type { FunctionOf } from "../callable.js"

const STEPS = 12

const long = arbRun({ maxSteps: STEPS })

/** Losses, also such as rise, and such as fall all the time. */
const losses = fc.array(fixed(4, 0.1), { minLength: STEPS, maxLength: STEPS })
const falling = losses.map(some => some.map((loss, i) => loss - 4 * i))

const options: fc.Arbitrary<PlateauOptions> = fc.record({
  factor: fixed(0.9, 0.1),
  patience: fc.integer({ min: 1, max: 3 }),
  cooldown: fc.nat(2),
  accumulationSize: fc.integer({ min: 1, max: 2 }),
  minScale: fixed(0.5)
})

const truths = (all: readonly unknown[]): readonly Tensor[] => all.map(() => truth(true))

/** The rates in force at the steps of a run: a loss that reduces the rate does so for its own step. */
const ratesOf = (optimizer: AnyOptimizer, r: Run, told: readonly number[]): readonly Tensor[] =>
  stepsAt(optimizer, r, told).map(([, state]) => optimizer.rate(state))

const seenAt = (optimizer: AnyOptimizer, r: Run, told: readonly number[]): readonly Tree[] =>
  stepsAt(optimizer, r, told).map(([params, state]) => ({
    params,
    point: optimizer.gradientPoint(params, state),
    deployed: optimizer.evalParams(params, state),
    rate: optimizer.rate(state)
  }))

/**
 * Lists the laws of reducing a rate when losses stop falling: while they fall, nothing changes (where the optimizer
 * inside adds its displacements); the rate never rises, nor falls below its least; it multiplies displacements; while
 * losses rest, every `patience` steps multiply it by the factor (within rounding); the unit of losses does not matter;
 * where it looks at epochs, they count as steps do; the optimizer inside goes on as without, and is told the loss. The
 * others are exact.
 *
 * @example
 * import assert from "node:assert"
 * import { reduceOnPlateau } from "thalweg/optimizer"
 * import { checkAll, reduceOnPlateauLaws } from "thalweg/laws"
 *
 * assert(checkAll(reduceOnPlateauLaws(reduceOnPlateau), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const reduceOnPlateauLaws = (reducing: FunctionOf<typeof reduceOnPlateau>): readonly Law[] => {
  const wrap = (of: PlateauOptions, optimizer: AnyOptimizer): AnyOptimizer => reducing(of)(optimizer)
  const sample = fc.tuple(options, long, losses)
  return [
    law("while losses fall reduceOnPlateau changes nothing", exact, fc.tuple(options, additive, long, falling), s => {
      const [of, optimizer, r, told] = s
      return [seenAt(wrap(of, optimizer), r, told), sightsOf(optimizer, r)]
    }),
    law("reduceOnPlateau never raises the rate", exact, sample, ([of, r, told]) => {
      const rates = [scalar(1, "f64"), ...ratesOf(wrap(of, probe), r, told)]
      const fallen = rates.slice(1).map((rate, i) => le(rate, rates[i] ?? rate))
      return [fallen, truths(fallen)]
    }),
    law("reduceOnPlateau keeps the rate at its least", exact, sample, ([of, r, told]) => {
      const above = ratesOf(wrap(of, probe), r, told).map(rate => ge(rate, Number(of.minScale)))
      return [above, truths(above)]
    }),
    law("reduceOnPlateau multiplies displacements by the scale", exact, sample, ([of, r, told]) => {
      const rates = ratesOf(wrap(of, probe), r, told)
      return [
        updatesAt(wrap(of, probe), r, told).map(([displacement]) => displacement),
        r.gradients.map((grads, i) => times(item(rates[i] ?? scalar(1)))(grads))
      ]
    }),
    law(
      "losses that rest reduce the rate, time after time",
      relative(1e-12),
      sample,
      ([{ factor = 1, patience = 1 }, r]) => {
        const resting = wrap({ factor, patience }, probe)
        const reductions = r.gradients.map((_, i) => Math.floor(i / patience))
        return [ratesOf(resting, r, [1]), reductions.map(n => scalar(Number(factor) ** n, "f64"))]
      }
    ),
    law("reduceOnPlateau does not see the unit of losses", exact, fc.tuple(sample, fc.constantFrom(0.25, 2, 64)), s => {
      const [[of, r, told], unit] = s
      return [
        ratesOf(
          wrap(of, probe),
          r,
          told.map(loss => unit * loss)
        ),
        ratesOf(wrap(of, probe), r, told)
      ]
    }),
    law("reduceOnPlateau per epoch sees epochs as it sees steps, and no steps", exact, sample, ([of, r, told]) => {
      const optimizer = wrap({ ...of, per: "epoch" }, probe)
      const ends = r.gradients.reduce<readonly Step[]>((made, grads, i) => {
        const [before, state] = made.at(-1) ?? [r.params, optimizer.init(r.params)]
        const [params, after] = optimizer.step(before, state, grads, { loss: scalar(-i, "f64") })
        return [...made, [params, optimizer.endEpoch(after, scalar(told[i] ?? 0, "f64"))]]
      }, [])
      return [ends.map(([, state]) => optimizer.rate(state)), ratesOf(wrap(of, probe), r, told)]
    }),
    law("under reduceOnPlateau the state inside goes on", exact, fc.tuple(options, inner, run, losses), s => {
      const [of, optimizer, r, told] = s
      return [
        updatesAt(wrap(of, optimizer), r, told).map(([, state]) => innerOf(state)),
        displacementsOf(optimizer, r).map(([, state]) => state)
      ]
    }),
    law("reduceOnPlateau tells the optimizer inside the loss", exact, fc.tuple(run, falling), ([r, told]) => [
      stepsAt(reducing()(lossProbe), r, told).map(([params]) => params),
      stepsAt(lossProbe, r, told).map(([params]) => params)
    ])
  ]
}
