import * as t from "thalweg"
import type { Kind, Tensor } from "../../src/dataflow/primitive.js"
import { threefry } from "../../src/dataflow/rules.js"
import { apply } from "../../src/dataflow/tensor.js"
import { convRows, dotRows, foldRows, maxPoolPullbackRows, windowReduceRows } from "./rows.contract.js"
import { factorRows, triangularSolveRows } from "./rows.linalg.js"
import { binaryRows, unaryRows, type Row } from "./rows.elementwise.js"
import { loopRows } from "./rows.loops.js"
import * as movement from "./rows.movement.js"
import { scanRows } from "./rows.scan.js"
import { any, axisOf, elementwise, f64, fixed, shaped } from "./samples.js"

const u32 = (x: Tensor): Tensor => t.cast(t.abs(x), "u32")

const custom = t.customVjp(
  (a: Tensor, b: Tensor) => [t.mul(t.sin(a), b), { a, b }],
  ({ a, b }, ct) => [t.mul(ct, t.mul(t.cos(a), b)), t.mul(ct, t.sin(a))]
)

const castRow = (name: string, f: (x: Tensor) => Tensor, rest: Partial<Row> = {}): Row => ({
  name,
  samples: elementwise(f, [any]),
  ...rest
})

/** Every primitive: a new one does not compile without a row. */
export const rows: Record<Kind, readonly Row[]> = {
  literal: [{ name: "literal", samples: fixed([[2]], x => t.mul(x, f64([2, 3]))) }],
  input: [
    {
      name: "input of a compiled function",
      samples: fixed([[2], [2]], (x, y) => {
        const inner = t.compile((b: Tensor) => t.grad((a: Tensor) => t.sum(t.mul(t.sin(a), b)))(t.mul(b, b)))
        return t.add(x, inner(y))
      })
    }
  ],
  iota: [{ name: "iota", samples: shaped(shape => axisOf(shape).map(k => x => t.mul(x, t.iota(shape, k, "f64")))) }],
  unary: Object.values(unaryRows).flat(),
  binary: Object.values(binaryRows).flat(),
  compare: [
    { name: "compare", samples: elementwise((a, b) => t.cast(t.lt(a, b), "f64"), [any, any]), expected: "zero" }
  ],
  select: [
    { name: "where", samples: elementwise((c, a, b) => t.where(t.gt(c, 0), a, b), [any, any, any]) },
    { name: "where, numbers", samples: elementwise(x => t.where(t.gt(x, 0), x, 2), [any]) }
  ],
  cast: [
    castRow("cast to f32 and back", x => t.mul(t.cast(t.square(t.cast(x, "f32")), "f64"), x), { tolerance: 2e-3 }),
    castRow("cast to i32 and back", x => t.mul(x, t.cast(t.cast(t.floor(x), "i32"), "f64"))),
    castRow("cast to bool and back", x => t.cast(t.cast(x, "bool"), "f64"), { expected: "zero" })
  ],
  reduce: Object.values(movement.reduceRows).flat(),
  argReduce: [{ name: "argMax", samples: fixed([[2, 3]], x => t.cast(t.argMax(x), "f64")), expected: "zero" }],
  argSort: [{ name: "argSort", samples: fixed([[2, 3]], x => t.cast(t.argSort(x), "f64")), expected: "zero" }],
  cumSum: movement.cumSumRows,
  windowReduce: windowReduceRows,
  maxPoolPullback: maxPoolPullbackRows,
  fold: foldRows,
  reshape: movement.reshapeRows,
  transpose: movement.transposeRows,
  broadcast: movement.broadcastRows,
  slice: movement.sliceRows,
  pad: movement.padRows,
  concat: movement.concatRows,
  flip: movement.flipRows,
  gather: movement.gatherRows,
  scatterAdd: movement.scatterAddRows,
  scatterSet: movement.scatterSetRows,
  dot: dotRows,
  conv: convRows,
  factor: factorRows,
  triangularSolve: triangularSolveRows,
  threefry: [
    {
      name: "threefry",
      samples: fixed([[2], []], (key, counter) =>
        t.cast(apply(threefry, { kind: "threefry" }, [u32(key), u32(counter)]), "f64")
      ),
      expected: "zero"
    }
  ],
  part: [...scanRows, ...loopRows],
  variable: [
    {
      name: "variable",
      samples: fixed(
        [[3]],
        t.grad((y: Tensor) => t.sum(t.mul(y, t.square(y))))
      )
    }
  ],
  stopGradient: [
    { name: "stopGradient", samples: fixed([[3]], x => t.exp(t.stopGradient(t.square(x)))), expected: "zero" }
  ],
  customVjp: [
    {
      name: "customVjp",
      samples: fixed(
        [
          [2, 3],
          [2, 3]
        ],
        custom
      )
    }
  ]
}
