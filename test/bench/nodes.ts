import {
  add,
  at,
  cast,
  concat,
  exp,
  grad,
  lt,
  matmul,
  mul,
  reshape,
  sum,
  transpose,
  where,
  zeros,
  type Tensor
} from "thalweg"
import { medians, timed, type Run } from "./measure.js"
import { printTable } from "./table.js"

/** Calls `build` inside of so many functions that are being differentiated. */
const inside = (depth: number, x: Tensor, build: (x: Tensor) => unknown): void => {
  if (depth === 0) build(x)
  else
    grad((y: Tensor) => {
      inside(depth - 1, y, build)
      return sum(y)
    })(x)
}

interface Step {
  readonly nodes: number
  readonly build: (y: Tensor, x: Tensor) => Tensor
}

/** Nanoseconds to build a node of a chain of so many steps, without what is around it. */
const building =
  (depth: number, count: number, { nodes, build }: Step): Run =>
  () => {
    let ms = NaN
    inside(depth, zeros([2, 2]), x => {
      ms = timed(() => {
        let y = x
        for (let i = 0; i < count; i++) y = build(y, x)
      })()
    })
    return (ms * 1e6) / (count * nodes)
  }

/** Many kinds of operation, as in a program; and one alone, among the others. */
const steps: Readonly<Record<string, Step>> = {
  "of many kinds": {
    nodes: 13,
    build: (y, x) => {
      const product = matmul(transpose(y), exp(x))
      const chosen = where(lt(product, x), cast(cast(mul(product, 0.5), "f64"), "f32"), reshape(x, [2, 2]))
      return concat([reshape(at(chosen, 0), [1, 2]), reshape(sum(add(chosen, x), { axes: 0 }), [1, 2])])
    }
  },
  add: { nodes: 1, build: add }
}

/** Nanoseconds to build a node, outside of any traced function, inside one, and inside three. */
export const benchNodes = async (count: number, rounds: number): Promise<void> => {
  const depths = [0, 1, 3]
  const runs = Object.values(steps).flatMap(step => depths.map(depth => building(depth, count, step)))
  const times = await medians(runs, rounds)
  const rows = Object.keys(steps).map((name, i) => [name, ...times.slice(i * depths.length, (i + 1) * depths.length)])
  printTable("building, ns per node", ["", "outside", "in a traced function", "in three"], rows)
}
