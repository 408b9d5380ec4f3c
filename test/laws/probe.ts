import * as thalweg from "thalweg"
import * as opt from "thalweg/optimizer"
import * as tr from "thalweg/transform"
import * as L from "thalweg/laws"
const laws = [
  ...L.treeLaws(thalweg.Tree),
  ...L.dataflowLaws(thalweg),
  ...L.autodiffLaws(thalweg),
  ...L.transformLawsOver(L.arbTransform()),
  ...L.chainLaws(tr),
  ...L.scaleLaws(tr.scale),
  ...L.traceLaws(tr.trace),
  ...L.clipLaws(tr.clipByGlobalNorm),
  ...L.decayedWeightsLaws(tr.addDecayedWeights),
  ...L.optimizerLawsOver(L.arbOptimizer()),
  ...L.elementwiseLawsOver(L.arbOptimizer({ combinators: L.elementwiseCombinators })),
  ...L.blindLawsOver(L.arbOptimizer({ combinators: L.blindCombinators })),
  ...L.sgdLaws(opt.sgd),
  ...L.adamLaws(opt.adam),
  ...L.momentumLaws(opt.withMomentum),
  ...L.weightDecayLaws(opt.withWeightDecay),
  ...L.clipByNormLaws(opt.clipByNorm),
  ...L.liftLaws(opt),
  ...L.lookaheadLaws(opt.lookahead)
]
const [N, from, to] = process.argv.slice(2).map(Number) as [number, number, number]
console.log(laws.length, new Set(laws.map(l => l.name)).size)
for (let seed = from; seed <= to; seed++)
  for (const l of laws) {
    const v = L.check(l, { numRuns: N, seed })
    if (!v.holds) console.log(L.render(v).slice(0, 3000))
  }
console.log("done")
