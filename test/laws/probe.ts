import * as opt from "thalweg/optimizer"
import * as tr from "thalweg/transform"
import * as L from "../../laws/index.js"
const suites = {
  transform: L.transformLawsOver(L.arbTransform()),
  chain: L.chainLaws(tr), scale: L.scaleLaws(tr.scale), trace: L.traceLaws(tr.trace), clip: L.clipLaws(tr.clipByGlobalNorm), decay: L.decayedWeightsLaws(tr.addDecayedWeights),
  optimizer: L.optimizerLawsOver(L.arbOptimizer()), elementwise: L.elementwiseLawsOver(L.arbOptimizer({ combinators: L.elementwiseCombinators })),
  blind: L.blindLawsOver(L.arbOptimizer({ combinators: L.blindCombinators })),
  sgd: L.sgdLaws(opt.sgd), adam: L.adamLaws(opt.adam), mom: L.momentumLaws(opt.withMomentum), wd: L.weightDecayLaws(opt.withWeightDecay), clipn: L.clipByNormLaws(opt.clipByNorm),
  lift: L.liftLaws(opt), look: L.lookaheadLaws(opt.lookahead), counter: L.counterLaws
}
const N = Number(process.argv[2] ?? 300)
for (const [s, laws] of Object.entries(suites)) for (const l of laws) {
  const t = performance.now()
  const v = L.check(l, { numRuns: N, seed: Number(process.argv[3] ?? 1) })
  console.log(s, (v.holds && s !== "counter") ? "ok" : L.render(v).slice(0, 3000), (performance.now() - t).toFixed(0))
}
