import fc from "fast-check"
import { div, eq, le, lt, mul, or, sign, Tree, where, zerosLike, type Tensor } from "thalweg"
import { momentum, sgd, type CautiousOptions, type cautious } from "thalweg/optimizer"
import type { FunctionOf, Wrap } from "../callable.js"
import { fixed } from "../arbitrary/hyperparameter.js"
import { run, wide, wideMoving } from "../arbitrary/run.js"
import { exact, rounded } from "../equality.js"
import { allTrue, rate } from "../family/agree.js"
import { keepsRate } from "./keeps-rate.js"
import { law, type Law } from "../law.js"
import { displacementsOf, pathOf, times } from "../sides.js"

const heavy = momentum({ learningRate: 1, momentum: 0.9 })

const sizeOf = ({ shape }: Tensor): number => shape.reduce((a, b) => a * b, 1)

/**
 * Lists the laws of cautious steps: over `sgd` nothing is held back; over momentum no displacement goes up the gradient, and
 * without making up each element is that of the momentum, or 0, exactly; where all go on, "counted" multiplies by
 * `d / (d + ξ)`; "bounded" by no more than `1 / least`.
 *
 * @example
 * import assert from "node:assert"
 * import { cautious } from "thalweg/optimizer"
 * import { cautiousLaws, checkAll } from "thalweg/laws"
 *
 * assert(checkAll(cautiousLaws(cautious), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const cautiousLaws = (holding: FunctionOf<typeof cautious>): readonly Law[] => {
  const wrap =
    (options: CautiousOptions): Wrap =>
    optimizer =>
      holding(options)(optimizer)
  const scales = fc.constantFrom<CautiousOptions[]>({}, { scale: "bounded" }, { scale: "none" })
  const moves = (wrapped: Wrap, r: Parameters<typeof displacementsOf>[1]): readonly Tree[] =>
    displacementsOf(wrapped(heavy), r).map(([displacement]) => displacement)
  return [
    law("nothing cautious goes up the gradient", exact, fc.tuple(scales, run), ([options, r]) => {
      const down = Tree.zipWith((d: Tensor, g: Tensor) => le(mul(sign(d), sign(g)), 0))
      return allTrue(moves(wrap(options), r).map((d, t) => down<Tree>(d, r.gradients[t] ?? [])))
    }),
    law("cautious steps are those inside or 0, and all that go down", exact, run, r => {
      const inside = moves(optimizer => optimizer, r)
      const kept = Tree.zipWith((d: Tensor, g: Tensor) => where(lt(mul(sign(d), sign(g)), 0), d, zerosLike(d)))
      const plain = Tree.map(t => where(eq(t, 0), zerosLike(t), t)) // the sign of a zero
      return [
        moves(wrap({ scale: "none" }), r).map(plain),
        inside.map((d, t) => kept<Tree>(d, r.gradients[t] ?? [])).map(plain)
      ]
    }),
    law("over sgd nothing is held back", exact, fc.tuple(rate, run), ([learningRate, r]) => [
      pathOf(wrap({ scale: "none" })(sgd({ learningRate })), r),
      pathOf(sgd({ learningRate }), r)
    ]),
    law("where all go on, d/(d + ξ) of it does", rounded, fc.tuple(fixed(2, 0.1), wideMoving), ([xi, r]) => {
      const descent = sgd({ learningRate: 1 })
      const share = Tree.map(t => mul(t, sizeOf(t) / (sizeOf(t) + xi)))
      return [
        displacementsOf(wrap({ xi })(descent), r).map(([d]) => d),
        displacementsOf(descent, r).map(([d]) => share(d))
      ]
    }),
    law(
      "a bounded share makes steps no longer than 1/least of those inside",
      exact,
      fc.tuple(fixed(1, 0.1), wide),
      s => {
        const [least, r] = s
        const inside = moves(optimizer => optimizer, r).map(times(1 / least))
        const short = Tree.zipWith((d: Tensor, u: Tensor) => or(eq(d, 0), le(div(d, where(eq(d, 0), 1, u)), 1 + 1e-12)))
        return allTrue(moves(wrap({ scale: "bounded", least }), r).map((d, t) => short<Tree>(d, inside[t] ?? [])))
      }
    ),
    keepsRate("cautious", scales.map(wrap), state => state)
  ]
}
