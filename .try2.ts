import { pipe, key } from "thalweg"
import * as o from "thalweg/optimizer"
import * as r from "thalweg/random"
import { equations } from "/work/catalogue/src/optimizer/show/equations.js"
import { dataflow } from "/work/catalogue/src/optimizer/show/dataflow.js"
const s = o.sgd({learningRate: 0.1})
const all: any[] = [
 ["lookahead", pipe(s, o.lookahead())],
 ["momentum2", pipe(s, o.withMomentum(0.9), o.withMomentum(0.5))],
 ["accumulate", pipe(s, o.accumulate(4))], ["iffinite", pipe(s, o.ifFinite())], ["noise", pipe(s, o.addNoise(r.key(1), {eta: 0.1} as never))],
 ["cent", pipe(s, o.centralizeGradients())], ["clipad", pipe(s,o.clipAdaptive(0.1))], ["leaf",pipe(s,o.clipByLeafNorm(1, {measure:"rms"}))],
 ["value", pipe(s,o.clipByValue(2))], ["plateau", pipe(s,o.reduceOnPlateau())], ["ema", pipe(s,o.withEma(0.9))], ["polyak", pipe(s,o.withPolyakAverage())],
 ["sched", pipe(s, o.withSchedule((t:any)=>t))], ["proj", pipe(s, o.project(o.ontoSimplex()))], ["l1", pipe(s, o.project(o.ontoL1Ball(1)))],
 ["masked", pipe(s,o.masked("**"))], ["max", o.maximize(s)], ["normalize", pipe(s, o.normalizeGradients())],
]
for (const k of ["sgd","momentum","nag","adagrad","adadelta","rmsprop","rprop","adam","adamw","adamax","amsgrad","nadam","radam","adabound","amsbound","lion","signSgd","signum","adabelief","yogi","adamaxw","nadamw","novograd","lars","lamb","adan","ademamix","adopt","madgrad","optimisticGradientDescent","fromage","sm3"]) {
  try { all.push([k, (o as any)[k]({learningRate: 0.1})]) } catch (e) { try {all.push([k, (o as any)[k]({learningRate: 0.1, momentum: 0.9})]) } catch(e) {console.log(k, String(e))} }
}
for (const [n, opt] of all) { try { console.log(n + ":\n" + equations(opt as never), "\n") } catch (e) { console.log(n, String(e)) } }
console.log(equations(o.sm3({learningRate: 0.1}) as never, {shape: [3,5]}))
console.log(equations(pipe(s, o.centralizeGradients()) as never, {shape: [3,5]}))
console.log(equations(all[0][1] as never, {notation: "latex"}))
console.log(dataflow(all[0][1] as never))
