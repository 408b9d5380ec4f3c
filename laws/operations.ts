import fc from "fast-check"
import {
  abs,
  add,
  at,
  cast,
  concat,
  div,
  einsum,
  erf,
  exp,
  expandDims,
  flip,
  iota,
  log1p,
  matmul,
  max,
  maximum,
  min,
  mul,
  neg,
  onesLike,
  prod,
  reshape,
  round,
  sin,
  slice,
  sliceAxis,
  sort,
  square,
  sub,
  sum,
  swapAxes,
  take,
  tanh,
  tensor,
  transpose,
  type acos,
  type acosh,
  type asin,
  type asinh,
  type atanh,
  type cbrt,
  type cosh,
  type cumMax,
  type cumMin,
  type cumProd,
  type diagonal,
  type dynamicSlice,
  type dynamicUpdateSlice,
  type erfc,
  type exp2,
  type hypot,
  type log10,
  type log2,
  type logAddExp,
  type logSigmoid,
  type median,
  type meshgrid,
  type mod,
  type quantile,
  type repeat,
  type roll,
  type scatterMax,
  type scatterSet,
  type sinh,
  type softplus,
  type Tensor,
  type tile,
  type topK,
  type trace,
  type trunc
} from "thalweg"
import { moderate, pool, range } from "./arbitrary/numbers.js"
import { arbTensor } from "./arbitrary/tensor.js"
import { exact, relative, rounded, ulps } from "./equality.js"
import { law, type Law } from "./law.js"

/** Operations that are made of others. */
export interface Composed {
  readonly acos: typeof acos
  readonly acosh: typeof acosh
  readonly asin: typeof asin
  readonly asinh: typeof asinh
  readonly atanh: typeof atanh
  readonly cbrt: typeof cbrt
  readonly cosh: typeof cosh
  readonly cumMax: typeof cumMax
  readonly cumMin: typeof cumMin
  readonly cumProd: typeof cumProd
  readonly diagonal: typeof diagonal
  readonly dynamicSlice: typeof dynamicSlice
  readonly dynamicUpdateSlice: typeof dynamicUpdateSlice
  readonly erfc: typeof erfc
  readonly exp2: typeof exp2
  readonly hypot: typeof hypot
  readonly log10: typeof log10
  readonly log2: typeof log2
  readonly logAddExp: typeof logAddExp
  readonly logSigmoid: typeof logSigmoid
  readonly median: typeof median
  readonly meshgrid: typeof meshgrid
  readonly mod: typeof mod
  readonly quantile: typeof quantile
  readonly repeat: typeof repeat
  readonly roll: typeof roll
  readonly scatterMax: typeof scatterMax
  readonly scatterSet: typeof scatterSet
  readonly sinh: typeof sinh
  readonly softplus: typeof softplus
  readonly tile: typeof tile
  readonly topK: typeof topK
  readonly trace: typeof trace
  readonly trunc: typeof trunc
}

const wide = (numbers: fc.Arbitrary<number>): fc.Arbitrary<Tensor> =>
  pool(numbers).map(values => tensor(values, { dtype: "f64" }))

const some = wide(moderate)
const within = wide(fc.double({ min: -1, max: 1, noNaN: true }))
const large = wide(fc.double({ min: -700, max: 700, noNaN: true }))
const pair = fc
  .tuple(moderate, moderate)
  .map(([a, b]) => [tensor(a, { dtype: "f64" }), tensor(b, { dtype: "f64" })] as const)
const whole = fc.integer({ min: -300, max: 300 })

const exponentials = ({ exp2, log10, log2, logAddExp, logSigmoid, softplus }: Composed): readonly Law[] => [
  law(
    "log2 undoes exp2 of whole numbers, and log10 finds the powers of 10",
    exact,
    fc.tuple(whole, fc.nat(22)),
    ([n, m]) => [
      [log2(exp2(tensor(n, { dtype: "f64" }))), log10(tensor(Number(`1e${m}`), { dtype: "f64" }))],
      [tensor(n, { dtype: "f64" }), tensor(m, { dtype: "f64" })]
    ]
  ),
  law("softplus x is log(1 + eˣ), and softplus x - softplus -x is x", rounded, fc.tuple(some, large), ([x, y]) => [
    [softplus(x), sub(softplus(y), softplus(neg(y)))],
    [log1p(exp(x)), y]
  ]),
  law("logSigmoid x is -softplus -x", exact, large, x => [logSigmoid(x), neg(softplus(neg(x)))]),
  law(
    "logAddExp moves with what is added to both, and doubles equals",
    rounded,
    fc.tuple(pair, whole),
    ([[a, b], n]) => [
      [logAddExp(add(a, n), add(b, n)), exp(logAddExp(a, a))],
      [add(logAddExp(a, b), n), mul(exp(a), 2)]
    ]
  )
]

const inverses = ({ acos, acosh, asin, asinh, atanh, cosh, sinh }: Composed): readonly Law[] => [
  law("sin undoes asin, and asin and acos add up to a quarter of a turn", relative(1e-15, 1), within, x => [
    [sin(asin(x)), add(asin(x), acos(x))],
    [x, mul(onesLike(x), Math.PI / 2)]
  ]),
  law("asinh undoes sinh, and cosh acosh", relative(1e-12, 1e-300), large, x => {
    const aboveOne = add(abs(x), 1)
    return [
      [asinh(sinh(x)), cosh(acosh(aboveOne))],
      [x, aboveOne]
    ]
  }),
  law("tanh undoes atanh", ulps(4), within, x => [tanh(atanh(x)), x]),
  law("cosh² - sinh² is 1", relative(1e-12, 1), some, x => [sub(square(cosh(x)), square(sinh(x))), onesLike(x)])
]

const roots = ({ cbrt, erfc, hypot, mod, trunc }: Composed): readonly Law[] => [
  law("the cube of cbrt is its argument", ulps(4), wide(fc.double({ min: -1e300, max: 1e300, noNaN: true })), x => {
    const root = cbrt(x)
    return [mul(mul(root, root), root), x]
  }),
  law("erfc x is 1 - erf x, and that of -x fills it up to 2", relative(1e-15, 1), some, x => [
    [erfc(x), add(erfc(x), erfc(neg(x)))],
    [sub(1, erf(x)), mul(onesLike(x), 2)]
  ]),
  law("hypot is the root of the sum of squares, at any scale", rounded, fc.tuple(pair, whole), ([[a, b], n]) => {
    const scale = 2 ** n
    return [square(div(hypot(mul(a, scale), mul(b, scale)), scale)), add(square(a), square(b))]
  }),
  law("mod differs from the dividend by multiples, and lies between 0 and the divisor", rounded, pair, ([a, n]) => {
    const b = add(n, 3.5)
    const rest = mod(a, b)
    const share = div(rest, b)
    const times = div(sub(a, rest), b)
    return [
      [times, trunc(share)],
      [round(times), mul(share, 0)]
    ]
  })
]

const matrix = fc
  .tuple(pool(moderate), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
  .map(([numbers, rows, columns]) =>
    tensor(
      range(rows * columns).map(i => numbers[(i * 3) % numbers.length] ?? 0),
      { shape: [rows, columns], dtype: "f64" }
    )
  )

const vector = pool(moderate).map(values => tensor(values, { dtype: "f64" }))

const orders = ({ cumMax, cumMin, cumProd, median, quantile, topK }: Composed): readonly Law[] => [
  law("the last of what accumulates is the reduction", rounded, matrix, x => [
    [cumProd, cumMax, cumMin].map(f => at(f(x), -1, 1)),
    [prod, max, min].map(f => f(x, { axes: 1 }))
  ]),
  law("to accumulate from the end is to accumulate the flipped", exact, matrix, x => [
    [cumProd, cumMax, cumMin].map(f => f(x, { axis: 0, reverse: true })),
    [cumProd, cumMax, cumMin].map(f => flip(f(flip(x, 0), { axis: 0 }), 0))
  ]),
  law("topK of all is sorted downwards, and its first are those of fewer", exact, vector, x => {
    const [size = 0] = x.shape
    const few = Math.ceil(size / 2)
    const [all, places] = topK(x, size)
    const [first, some] = topK(x, few)
    return [
      [all, first, some],
      [flip(sort(x)), sliceAxis(all, 0, 0, few), sliceAxis(places, 0, 0, few)]
    ]
  }),
  law("the quantiles 0, ½ and 1 are the least, the median and the largest", exact, matrix, x => [
    [quantile(x, 0), quantile(x, 0.5, { axes: 1 }), quantile(x, 1, { axes: 0 })],
    [min(x), median(x, { axes: 1 }), max(x, { axes: 0 })]
  ]),
  law("the median lies as far from both ends, turned around", rounded, vector, x => [median(neg(x)), neg(median(x))])
]

const arrangements = ({ diagonal, meshgrid, repeat, roll, tile, trace }: Composed): readonly Law[] => [
  law("roll is undone by rolling back, and moves the first", exact, fc.tuple(arbTensor(), whole), ([x, n]) => {
    const [, ...rest] = x.shape
    const rows = reshape(x, [-1, ...(x.shape.length === 0 || x.shape.includes(0) ? [] : rest)])
    const size = rows.shape[0] ?? 0
    const by = size === 0 ? 0 : ((n % size) + size) % size
    const moved = roll(rows, n, 0)
    return [
      [roll(moved, -n, 0), slice(moved, { start: [by] })],
      [rows, slice(rows, { stop: [size - by] })]
    ]
  }),
  law("tile joins copies, and repeat stacks them", exact, matrix, x => [
    [tile(x, [1, 2]), repeat(x, 2, 0)],
    [concat([x, x], 1), reshape(concat([expandDims(x, 1), expandDims(x, 1)], 1), [-1, x.shape[1] ?? 0])]
  ]),
  law("trace is the sum of the diagonal, and that of a product turns around", rounded, matrix, x => {
    const y = sin(transpose(x))
    return [
      [trace(x), trace(matmul(x, y)), trace(x, 1)],
      [sum(diagonal(x)), trace(matmul(y, x)), trace(transpose(x), -1)]
    ]
  }),
  law("the diagonal of an outer product is the product", exact, vector, x => [
    diagonal(einsum("i,j->ij", x, sin(x))),
    mul(x, sin(x))
  ]),
  law("a grid has every vector along its axis", exact, fc.tuple(vector, vector), ([x, y]) => {
    const grids = meshgrid([x, y])
    const [first = x, second = y] = grids
    return [
      [at(first, 0, 0), at(second, 0, 1), meshgrid([x, y], { indexing: "ij" })],
      [x, y, grids.map(grid => swapAxes(grid, 0, 1))]
    ]
  })
]

/** A vector, indices into it of which some are equal, and an update for each. */
const scattered = fc
  .tuple(vector, fc.array(fc.nat(99), { minLength: 1, maxLength: 5 }))
  .map(([base, places]) => {
    const indices = tensor(
      places.map(place => place % Math.max(1, base.shape[0] ?? 1)),
      { dtype: "i32" }
    )
    return { base, indices, updates: cast(sin(cast(add(mul(indices, 7), iota(indices.shape, 0)), "f64")), base.dtype) }
  })
  .filter(({ base }) => base.shape[0] !== 0)

const replacements = ({ dynamicSlice, dynamicUpdateSlice, scatterMax, scatterSet }: Composed): readonly Law[] => [
  law("what is set of repeated indices is the last", exact, scattered, ({ base, indices, updates }) => {
    const count = indices.shape[0] ?? 0
    const set = range(count).reduce(
      (x, i) =>
        scatterSet(x, slice(indices, { start: [i], stop: [i + 1] }), slice(updates, { start: [i], stop: [i + 1] })),
      base
    )
    return [
      [scatterSet(base, indices, updates), scatterSet(base, indices, take(base, indices))],
      [set, base]
    ]
  }),
  law("the largest does not depend on the order, and is never less", exact, scattered, ({ base, indices, updates }) => {
    const largest = scatterMax(base, indices, updates)
    return [
      [largest, maximum(largest, base), maximum(take(largest, indices), updates)],
      [scatterMax(base, flip(indices), flip(updates)), largest, take(largest, indices)]
    ]
  }),
  law(
    "what was put at a place is found there, and nothing else is changed",
    exact,
    fc.tuple(matrix, whole),
    ([x, n]) => {
      const [rows = 0, columns = 0] = x.shape
      const start = rows === 0 ? 0 : ((n % rows) + rows) % rows
      const update = neg(slice(x, { start: [start, 0] }))
      const put = dynamicUpdateSlice(x, update, [start, 0])
      return [
        [dynamicSlice(put, [start, 0], update.shape), slice(put, { stop: [start, columns] })],
        [update, slice(x, { stop: [start, columns] })]
      ]
    }
  )
]

/**
 * Lists the laws of operations that are made of others: what undoes what, what is the sum, the first or the last of what,
 * and what stays the same when its arguments are moved.
 *
 * @example
 * import assert from "node:assert"
 * import * as thalweg from "thalweg"
 * import { checkAll, operationLaws } from "thalweg/laws"
 *
 * assert(checkAll(operationLaws(thalweg), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const operationLaws = (given: Composed): readonly Law[] => [
  ...exponentials(given),
  ...inverses(given),
  ...roots(given),
  ...orders(given),
  ...arrangements(given),
  ...replacements(given)
]
