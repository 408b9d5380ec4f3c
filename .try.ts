import { pipe } from "thalweg"
import * as o from "thalweg/optimizer"
import { equations } from "/work/catalogue/src/optimizer/show/equations.js"
const all = [
 pipe(o.adam({ learningRate: 0.001 }), o.withWeightDecay(0.01), o.clipByNorm(1)),
 o.sgd({learningRate: 0.1, momentum: 0.9, nesterov: true}), o.sgd({learningRate: t=>t}),
 pipe(o.sgd({learningRate: 0.1}), o.lookahead()),
 pipe(o.sgd({learningRate: 0.1}), o.withMomentum(0.9), o.withMomentum(0.5)),
 o.adam({eps: 0}), o.radam(), o.rprop(), o.adabound(), o.nadam({momentumDecay: 0.004}), o.amsgrad()
]
for (const opt of all) console.log(equations(opt as never), "\n")
console.log(equations(all[0] as never, {notation: "latex"}))
console.log(equations(all[3] as never, {notation: "latex"}))
