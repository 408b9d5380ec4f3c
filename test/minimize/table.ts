import { bfgs, conjugateGradients, lbfgs, nelderMead, newtonCg } from "thalweg/minimize"
import { golden, isMinimum, solve } from "./field.js"
import { problems } from "./problems.js"

/** Prints what each method needs for each problem beside what scipy.optimize does: `npx tsx test/minimize/table.ts`. */
const methods = [lbfgs(), bfgs(), conjugateGradients(), newtonCg(), nelderMead()] as const

const cell = (isSolved: boolean, values: number, products: number): string =>
  `${values}${products > 0 ? `+${products}` : ""}${isSolved ? "" : " ✗"}`

const sums = methods.map(() => ({
  own: 0,
  peer: 0,
  both: 0,
  ownValues: 0,
  peerValues: 0,
  ownProducts: 0,
  peerProducts: 0
}))
console.log(`| problem | n | ${methods.map(({ name }) => `${name} | scipy`).join(" | ")} |`)
console.log(`| --- | --- | ${methods.map(() => "---: | ---:").join(" | ")} |`)
problems.forEach((problem, i) => {
  const cells = methods.map((method, k) => {
    const { value, evaluations } = solve(problem, method as never)
    const peer = golden.cases[i]?.scipy[method.name]
    if (peer === undefined) throw new Error(`no ${method.name} of scipy for ${problem.name}`)
    const [own, other] = [isMinimum(problem, value), isMinimum(problem, Number(peer.value))]
    const sum = sums[k]
    if (sum !== undefined) {
      sum.own += Number(own)
      sum.peer += Number(other)
      if (own && other) {
        sum.both += 1
        sum.ownValues += evaluations.values
        sum.peerValues += peer.values
        sum.ownProducts += evaluations.hessianProducts
        sum.peerProducts += peer.hessianProducts
      }
    }
    return `${cell(own, evaluations.values, evaluations.hessianProducts)} | ${cell(other, peer.values, peer.hessianProducts)}`
  })
  console.log(`| ${problem.name} | ${problem.start.length} | ${cells.join(" | ")} |`)
})
console.log(`| solved of ${problems.length} | | ${sums.map(({ own, peer }) => `${own} | ${peer}`).join(" | ")} |`)
console.log(
  `| evaluations where both do | | ${sums.map(s => `${cell(true, s.ownValues, s.ownProducts)} | ${cell(true, s.peerValues, s.peerProducts)}`).join(" | ")} |`
)
