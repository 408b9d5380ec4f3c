import * as thalweg from "thalweg"
import { operationLaws, type Composed } from "thalweg/laws"
import { mutant, throughF32, type Mutants } from "./mutant.js"

const { abs, add, at, div, exp, flip, log, max, mean, mul, neg, pow, rem, sort, sqrt, square, sub } = thalweg
type Tensor = thalweg.Tensor

const broken = (wrong: { readonly [K in keyof Composed]?: unknown }) =>
  operationLaws({ ...thalweg, ...wrong } as Composed)

export const operationMutants: Mutants = {
  "log2 undoes exp2 of whole numbers, and log10 finds the powers of 10": [
    mutant("divides logarithms", broken({ log10: (x: Tensor) => div(log(x), Math.LN10) })),
    mutant("raises e", broken({ exp2: (x: Tensor) => exp(mul(x, Math.LN2)) }))
  ],
  "softplus x is log(1 + eˣ), and softplus x - softplus -x is x": [
    mutant("overflows", broken({ softplus: (x: Tensor) => log(add(exp(mul(x, 2)), 1)) })),
    mutant("is max", broken({ softplus: (x: Tensor) => thalweg.maximum(x, 0) }))
  ],
  "logSigmoid x is -softplus -x": [mutant("vanishes", broken({ logSigmoid: (x: Tensor) => log(thalweg.sigmoid(x)) }))],
  "logAddExp moves with what is added to both, and doubles equals": [
    mutant("overflows", broken({ logAddExp: (a: Tensor, b: Tensor) => log(add(exp(mul(a, 4)), exp(b))) })),
    mutant("takes the larger", broken({ logAddExp: thalweg.maximum }))
  ],
  "sin undoes asin, and asin and acos add up to a quarter of a turn": [
    mutant("loses the digits that f32 has not", broken({ asin: (x: Tensor) => throughF32(thalweg.asin(x)) })),
    mutant("takes the angle from the other side", broken({ acos: (x: Tensor) => add(thalweg.asin(x), Math.PI / 2) }))
  ],
  "asinh undoes sinh, and cosh acosh": [
    mutant("cancels", broken({ asinh: (x: Tensor) => log(add(x, sqrt(add(square(x), 1)))) })),
    mutant("is asinh", broken({ acosh: thalweg.asinh }))
  ],
  "tanh undoes atanh": [mutant("cancels", broken({ atanh: (x: Tensor) => div(log(div(add(x, 1), sub(1, x))), 2) }))],
  "cosh² - sinh² is 1": [mutant("does not halve", broken({ cosh: (x: Tensor) => add(exp(x), exp(neg(x))) }))],
  "the cube of cbrt is its argument": [
    mutant("rounds a third", broken({ cbrt: (x: Tensor) => mul(thalweg.sign(x), pow(abs(x), 1 / 3)) }))
  ],
  "erfc x is 1 - erf x, and that of -x fills it up to 2": [
    mutant("is that of the other side", broken({ erfc: (x: Tensor) => add(thalweg.erf(x), 1) }))
  ],
  "hypot is the root of the sum of squares, at any scale": [
    mutant("overflows", broken({ hypot: (a: Tensor, b: Tensor) => sqrt(add(pow(a, 4), pow(b, 4))) })),
    mutant("adds sides", broken({ hypot: (a: Tensor, b: Tensor) => add(abs(a), abs(b)) }))
  ],
  "mod differs from the dividend by multiples, and lies between 0 and the divisor": [
    mutant("has the sign of the dividend", broken({ mod: (a: Tensor, b: Tensor) => mul(rem(a, b), 2) }))
  ],
  "the last of what accumulates is the reduction": [
    mutant("leaves itself out", broken({ cumProd: (x: Tensor) => div(thalweg.cumProd(x), x) })),
    mutant("accumulates the other axis", broken({ cumMax: (x: Tensor) => thalweg.cumMax(x, { axis: 0 }) }))
  ],
  "to accumulate from the end is to accumulate the flipped": [
    mutant("ignores the direction", broken({ cumMin: (x: Tensor) => thalweg.cumMin(x, { axis: 0 }) }))
  ],
  "topK of all is sorted downwards, and its first are those of fewer": [
    mutant("sorts upwards", broken({ topK: (x: Tensor, k: number) => [sort(x), thalweg.topK(x, k)[1]] }))
  ],
  "the quantiles 0, ½ and 1 are the least, the median and the largest": [
    mutant(
      "is turned around",
      broken({ quantile: (x: Tensor, q: number, o?: object) => thalweg.quantile(x, 1 - q, o) })
    ),
    mutant("averages", broken({ median: mean }))
  ],
  "the median lies as far from both ends, turned around": [
    mutant("takes the lower of two in the middle", broken({ median: (x: Tensor) => at(sort(x), Math.floor(((x.shape[0] ?? 1) - 1) / 2)) })) // prettier-ignore
  ],
  "roll is undone by rolling back, and moves the first": [
    mutant("rolls backwards", broken({ roll: (x: Tensor, n: number, axis: number) => thalweg.roll(x, -n, axis) })),
    mutant("flips", broken({ roll: (x: Tensor, _: number, axis: number) => flip(x, axis) }))
  ],
  "tile joins copies, and repeat stacks them": [
    mutant("repeats", broken({ tile: (x: Tensor) => thalweg.repeat(x, 2, 1) })),
    mutant("tiles", broken({ repeat: (x: Tensor) => thalweg.tile(x, [2, 1]) }))
  ],
  "trace is the sum of the diagonal, and that of a product turns around": [
    mutant("sums everything", broken({ trace: (x: Tensor) => thalweg.sum(x) }))
  ],
  "the diagonal of an outer product is the product": [
    mutant("takes the largest of a row", broken({ diagonal: (x: Tensor) => max(x, { axes: 1 }) }))
  ],
  "a grid has every vector along its axis": [
    mutant("has the axes of a matrix", broken({ meshgrid: (xs: readonly Tensor[]) => thalweg.meshgrid(xs, { indexing: "ij" }) })) // prettier-ignore
  ],
  "what is set of repeated indices is the last": [
    mutant(
      "adds up",
      broken({ scatterSet: (x: Tensor, i: Tensor, u: Tensor) => thalweg.scatterAdd(x, i, sub(u, thalweg.take(x, i))) })
    ),
    mutant(
      "keeps the first",
      broken({ scatterSet: (x: Tensor, i: Tensor, u: Tensor) => thalweg.scatterSet(x, flip(i), flip(u)) })
    )
  ],
  "the largest does not depend on the order, and is never less": [
    mutant("is set", broken({ scatterMax: thalweg.scatterSet })),
    mutant(
      "forgets what was there",
      broken({ scatterMax: (x: Tensor, i: Tensor, u: Tensor) => thalweg.scatterMax(sub(x, 100), i, u) })
    )
  ],
  "what was put at a place is found there, and nothing else is changed": [
    mutant(
      "begins at 0",
      broken({
        dynamicSlice: (x: Tensor, _: unknown, sizes: readonly number[]) => thalweg.dynamicSlice(x, [0, 0], sizes)
      })
    ),
    mutant(
      "moves all",
      broken({
        dynamicUpdateSlice: (x: Tensor, u: Tensor, starts: readonly number[]) =>
          thalweg.dynamicUpdateSlice(neg(x), u, starts)
      })
    )
  ]
}
