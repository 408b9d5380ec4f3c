import { add, evaluate, grad, mul, scalar, type Tensor } from "thalweg"
import { inTurn, medians, timed, type Run } from "./measure.js"
import { printTable } from "./table.js"

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i)

const x = scalar(0.5)

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

type Graph = (n: number, x: Tensor) => Tensor

/** What is measured, of `count` graphs of `n` nodes. */
const stages: Readonly<Record<string, (graph: Graph, n: number, count: number) => Run>> = {
  build: (graph, n, count) => timed(() => range(count).map(() => graph(n, x))),
  "build and differentiate": (graph, n, count) =>
    timed(() => range(count).map(() => grad((x: Tensor) => graph(n, x))(x))),
  evaluate: (graph, n, count) => () => {
    const graphs = range(count).map(() => graph(n, x))
    return timed(() => graphs.map(evaluate))()
  }
}

/**
 * Nanoseconds per node of a graph against its size. A run has the same number of nodes at every size, so that each pays for
 * its own garbage. The ratio of the two largest is near 1 where time is linear.
 */
export const benchGraphs = async (sizes: readonly number[], rounds: number): Promise<void> => {
  const total = Math.max(...sizes)
  const measured = Object.entries({ chain, wide }).flatMap(([name, graph]) =>
    Object.entries(stages).map(([stage, runOf]) => ({
      name: `${name}: ${stage}`,
      runs: sizes.map(n => runOf(graph, n, Math.round(total / n)))
    }))
  )
  const rows = await inTurn(measured, async ({ name, runs }) => {
    const perNode = (await medians(runs, rounds)).map(ms => (ms * 1e6) / total)
    return [name, ...perNode, (perNode.at(-1) ?? NaN) / (perNode.at(-2) ?? NaN)]
  })
  printTable("graphs, ns per node", ["", ...sizes.map(n => `${n} nodes`), "last ratio"], rows)
}
