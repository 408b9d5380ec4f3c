import { writeFileSync } from "node:fs"
import { pipe } from "thalweg"
import * as o from "thalweg/optimizer"
import * as r from "thalweg/random"
const s = o.sgd({learningRate: 0.1})
const all: any = { radam: o.radam(), rprop: o.rprop(), finite: pipe(s, o.ifFinite()), noise: pipe(s, o.addNoise(r.key(1), {eta: 0.1})), plateau: pipe(s, o.reduceOnPlateau()), simplex: pipe(s, o.project(o.ontoSimplex())), wd: pipe(s, o.lookahead(), o.withWeightDecay(0.5)), start: o.madgrad({learningRate: 0.1})}
for (const k in all) writeFileSync(`/tmp/mm/${k}.mmd`, o.dataflow(all[k] as never))
