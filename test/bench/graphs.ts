import { add, evaluate, grad, mul, scalar, type Tensor } from "thalweg"
import { medians, timed, type Run } from "./measure.js"
import { printTable } from "./table.js"

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i)

/** `n` nodes, each an argument of the next. */
const chain = (n: number, x: Tensor): Tensor => range(n).reduce(y => add(y, x), x)

const halved = (row: readonly Tensor[]): readonly Tensor[] =>
  range(Math.ceil(row.length / 2)).map(i => {
    const [a, b] = [row[2 * i] as Tensor, row[2 * i + 1]]
    return b === undefined ? a : add(a, b)
  })

/** About `n` nodes: half of them side by side, the others a tree that adds them up. */
const wide = (n: number, x: Tensor): Tensor => {
  let row: readonly Tensor[] = range(Math.ceil(n / 2)).map(() => mul(x, x))
  while (row.length > 1) row = halved(row)
  return row[0] as Tensor
}

const stages = (graph: (n: number, x: Tensor) => Tensor, n: number): Readonly<Record<string, Run>> => {
  const x = scalar(0.5)
  return {
    build: timed(() => graph(n, x)),
    "build and differentiate": timed(() => grad((x: Tensor) => graph(n, x))(x)),
    evaluate: () => {
      const y = graph(n, x)
      return timed(() => evaluate(y))()
    }
  }
}

/** Nanoseconds per node of a graph against its size. The ratio of the two largest is 1 where time is linear. */
export const benchGraphs = (sizes: readonly number[], rounds: number): void => {
  const rows = Object.entries({ chain, wide }).flatMap(([name, graph]) => {
    const bySize = sizes.map(n => stages(graph, n))
    return Object.keys(bySize[0] ?? {}).map(stage => {
      const times = medians(
        bySize.map(runs => runs[stage] as Run),
        rounds
      )
      const perNode = times.map((ms, i) => (ms * 1e6) / (sizes[i] ?? 1))
      return [`${name}: ${stage}`, ...perNode, (perNode.at(-1) ?? NaN) / (perNode.at(-2) ?? NaN)]
    })
  })
  printTable("graphs, ns per node", ["", ...sizes.map(n => `${n} nodes`), "last ratio"], rows)
}
