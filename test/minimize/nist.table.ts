/** Prints, for each set of NIST and both starts, digits and evaluations, here and of scipy.optimize.least_squares. */
import { item } from "thalweg"
import { leastSquares } from "thalweg/minimize"
import { digitsOf, nist, residualsOf, startOf } from "./nist.js"

const shown = (digits: number): string => (digits > 0 ? digits.toFixed(1) : "none")
const sums = { own: 0, lm: 0, trf: 0 }

console.log(
  "| set | level | start | digits | of standard errors | evaluations | lm digits | evaluations | trf digits | evaluations |"
)
console.log("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
for (const set of nist.cases) {
  const fit = leastSquares(residualsOf(set))
  for (const which of [0, 1] as const) {
    const { at, standardErrors, evaluations } = fit(startOf(set, which))
    const own = digitsOf(at.map(item), set.certified)
    const errors = digitsOf(standardErrors.map(item), set.standardErrors)
    sums.own += evaluations.residuals
    const peers = (["lm", "trf"] as const).map(method => {
      const peer = set.scipy[which]?.[method]
      if (peer === undefined) throw new Error(`no ${method} of scipy for ${set.name}`)
      sums[method] += peer.residuals
      return `${shown(digitsOf(peer.at.map(Number), set.certified))} | ${peer.residuals}`
    })
    console.log(
      `| ${set.name} | ${set.level} | ${which + 1} | ${shown(own)} | ${shown(errors)} | ${evaluations.residuals} | ${peers.join(" | ")} |`
    )
  }
}
console.log(`| all | | | | | ${sums.own} | | ${sums.lm} | | ${sums.trf} |`)
