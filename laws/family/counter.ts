import fc from "fast-check"
import {
  type AnyOptimizer,
  adafactor,
  adam,
  adamax,
  amsgrad,
  fromage,
  lamb,
  lars,
  lion,
  muon,
  nag,
  novograd,
  radam,
  sgd,
  signum,
  sm3
} from "thalweg/optimizer"
import { wide, wideMoving } from "../arbitrary/run.js"
import { exact, roughly } from "../equality.js"
import { law, type Law } from "../law.js"
import { pathOf, times } from "../sides.js"
import { allTrue, filled, joined, movesOf, rising, samePath, sameUpdates, sizes, within } from "./agree.js"

const learningRate = 0.5

const shorterThan = (name: string, optimizer: AnyOptimizer): Law =>
  law(name, exact, fc.oneof(wideMoving, rising(wideMoving)), r =>
    allTrue(movesOf(optimizer, r).map(step => within(sizes(step), filled(learningRate)(step))))
  )

const lengths: readonly Law[] = [
  shorterThan("no step of adam is longer than η", adam({ learningRate, eps: 0 })),
  shorterThan("no step of adamax is longer than η", adamax({ learningRate, b1: 0.9, b2: 0.5, eps: 0 }))
]

const neighbours: readonly Law[] = [
  law("radam does not see the scale of gradients, even before it rectifies", roughly, wide, r => {
    const optimizer = radam({ learningRate, eps: 0 })
    return [movesOf(optimizer, { ...r, gradients: r.gradients.map(times(2)) }), movesOf(optimizer, r)]
  }),
  law("amsgrad, debiasedAfter, is adam whether or not gradients grow", roughly, wideMoving, r => {
    const options = { learningRate, b2: 0.5 }
    return sameUpdates(r, amsgrad({ ...options, form: "debiasedAfter" }), adam(options))
  }),
  law("the parameters of nag are those of sgd with nesterov", roughly, wide, r =>
    samePath(r, nag({ learningRate }), sgd({ learningRate, momentum: 0.9, nesterov: true }))
  ),
  law("lion is signum for any two betas", roughly, wide, r =>
    samePath(r, lion({ learningRate, b1: 0.5, b2: 0.9 }), signum({ learningRate, b1: 0.9 }))
  )
]

const acrossLeaves: Readonly<Record<string, AnyOptimizer>> = {
  lars: lars({ learningRate, trustCoefficient: 1 }),
  lamb: lamb({ learningRate }),
  novograd: novograd({ learningRate }),
  fromage: fromage({ learningRate }),
  sm3: sm3({ learningRate }),
  adafactor: adafactor({ learningRate }),
  muon: muon({ learningRate })
}

const shapes: readonly Law[] = Object.entries(acrossLeaves).map(([name, optimizer]) =>
  law(`${name} commutes with flattening, as elementwise optimizers do`, roughly, wideMoving, r => [
    pathOf(optimizer, { params: joined(r.params), gradients: r.gradients.map(joined) }),
    pathOf(optimizer, r).map(joined)
  ])
)

/** What one might take for laws that relate recipes, and is false. */
export const familyCounterLaws: readonly Law[] = [...lengths, ...neighbours, ...shapes]
