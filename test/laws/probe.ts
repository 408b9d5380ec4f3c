import * as thalweg from "thalweg"
import { check, render } from "../../laws/index.js"
import { autodiffLaws } from "../../laws/autodiff.js"
for (const seed of [1,2,3]) for (const l of [...autodiffLaws(thalweg)]) {
  const t = performance.now()
  const v = check(l, { numRuns: 1000, seed })
  console.log(render(v), (performance.now() - t).toFixed(0))
}
