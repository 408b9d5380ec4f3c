import * as t from "thalweg"
import type { Row } from "./rows.elementwise.js"
import { linalgRows } from "./rows.linalg.js"
import { any, betweenIntegers, elementwise, fixed, nonzero, positive, unit, type Domain } from "./samples.js"

type Unary = (x: t.Tensor) => t.Tensor

const elementwiseRows = (table: Readonly<Record<string, Unary>>, domain: Domain): readonly Row[] =>
  Object.entries(table).map(([name, f]) => ({ name, samples: elementwise(f, [domain]) }))

const row = (name: string, ...rest: Parameters<typeof fixed>): Row => ({ name, samples: fixed(...rest) })

const aboveOne: Domain = v => 1 + positive(v)
const { acos, acosh, asin, asinh, atanh, cbrt, cosh, erfc, exp2, log10, log2, logSigmoid, sinh, softplus } = t

const functions: readonly Row[] = [
  ...elementwiseRows({ asinh, cosh, erfc, exp2, logSigmoid, sinh, softplus }, any),
  ...elementwiseRows({ acos, asin, atanh }, v => 0.8 * unit(v)),
  ...elementwiseRows({ log10, log2 }, positive),
  ...elementwiseRows({ acosh }, aboveOne),
  ...elementwiseRows({ cbrt }, nonzero),
  { name: "logAddExp", samples: elementwise(t.logAddExp, [any, any]) },
  { name: "logAddExp of one with itself", samples: elementwise(x => t.logAddExp(x, t.sin(x)), [any]) },
  { name: "hypot", samples: elementwise(t.hypot, [nonzero, any]) },
  row("mod of several by one", [[3], []], t.mod, [betweenIntegers, () => 0.9123]),
  row("trunc, times x", [[3]], x => t.mul(t.trunc(x), x), [betweenIntegers]),
  row("nanToNum", [[3]], x => t.nanToNum(t.square(x)))
]

const arrangements: readonly Row[] = [
  row("cumProd", [[2, 3]], x => t.cumProd(x)),
  row("cumProd reversed, with a zero", [[3]], x =>
    t.cumProd(t.mul(x, t.tensor([1, 0, 1], { dtype: x.dtype })), { reverse: true })
  ),
  row("cumMax", [[3, 2]], x => t.square(t.cumMax(x, { axis: 0 }))),
  row("cumMin", [[2, 3]], x => t.square(t.cumMin(x, { reverse: true }))),
  row("topK", [[2, 4]], x => t.exp(t.topK(x, 2)[0])),
  row("median", [[2, 4]], x => t.square(t.median(x, { axes: 1 }))),
  row("quantile", [[3, 2]], x => t.square(t.quantile(x, 0.3, { axes: 0 }))),
  row("roll", [[2, 3]], x => t.mul(x, t.roll(x, [1, -1], [0, 1]))),
  row("tile", [[2, 2]], x => t.square(t.tile(x, [2, 1, 2]))),
  row("repeat", [[2, 2]], x => t.square(t.repeat(x, [2, 1], 1))),
  row("diagonal", [[2, 3, 3]], x => t.square(t.diagonal(x, 1, 1, 2))),
  row("trace", [[3, 3]], x => t.square(t.trace(x))),
  row("meshgrid", [[2], [3]], (x, y) => t.meshgrid([x, y]).reduce((a, b) => t.mul(a, b))),
  row(
    "scatterSet",
    [
      [3, 2],
      [3, 2]
    ],
    (x, u) => t.square(t.scatterSet(x, t.tensor([2, 0, 2], { dtype: "i32" }), t.mul(u, 2)))
  ),
  row(
    "scatterMax",
    [
      [2, 3],
      [2, 3]
    ],
    (x, u) => t.square(t.scatterMax(x, t.tensor([2, 0, 2], { dtype: "i32" }), t.mul(u, 2), 1))
  ),
  row("dynamicSlice", [[3, 3]], x => t.square(t.dynamicSlice(x, [t.scalar(1, "i32"), 0], [2, 2]))),
  row(
    "dynamicUpdateSlice",
    [
      [3, 3],
      [2, 1]
    ],
    (x, u) => t.square(t.dynamicUpdateSlice(x, t.mul(u, 2), [t.scalar(1, "i32"), 2]))
  ),
  row("einsum of a diagonal", [[3, 3], [3]], (x, y) => t.einsum("ii,i->", x, y)),
  row(
    "einsum that broadcasts",
    [
      [2, 1, 2],
      [3, 2]
    ],
    (x, y) => t.einsum("...i,...i->...", x, y)
  )
]

/** Operations that are made of others. */
export const operationRows: readonly Row[] = [...functions, ...arrangements, ...linalgRows]
