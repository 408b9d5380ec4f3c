import { besides } from "./besides.js"
import { inTurn, type Steps } from "./measure.js"
import { printTable } from "./table.js"
import { adamCalls, adamRead, bowlInScan, thalweg } from "./thalweg.js"
import type { Peer, Transposed, Works } from "./works.js"

/** What is measured of each kind of work: sizes, as `Works` takes them. */
export interface Sizes {
  readonly adam: readonly number[]
  readonly calls: readonly number[]
  readonly matmul: readonly number[]
  readonly mlp: Parameters<Works["mlp"]>
  readonly cnn: Parameters<Works["cnn"]>
  readonly lstm: Parameters<Works["lstm"]>
  readonly transformer: Parameters<Works["transformer"]>
}

/** A row of a table: work of some size, by whoever does it; how thalweg does it, where there is more than one way. */
interface Row {
  readonly name: string
  readonly work: (works: Partial<Works>) => Steps | undefined
  readonly own?: () => Steps
}

/** Tables of rows in one unit, into which the milliseconds of a step are turned. */
interface Goal {
  readonly title: string
  readonly kind: keyof Works
  readonly rows: readonly (Row & { readonly show: (ms: number) => number })[]
}

const transposed: readonly (readonly [a: Transposed, b: Transposed])[] = [[0, 0], [0, 1], [1, 0], [1, 1]] // prettier-ignore

const nsPerElement = (n: number) => (ms: number) => (ms * 1e6) / n
const gigaflops = (n: number) => (ms: number) => (2 * n ** 3) / (ms * 1e6)

const ms = (time: number) => time

const goals = ({ adam, matmul, mlp, cnn, lstm, transformer }: Sizes): readonly Goal[] => [
  {
    title: "Adam in a fold, ns per element",
    kind: "adam",
    rows: adam.map(n => ({ name: `${n}`, work: works => works.adam?.(n), show: nsPerElement(n) }))
  },
  {
    title: "matrix products, GFLOP/s",
    kind: "matmul",
    rows: matmul.flatMap(n =>
      transposed.map(([a, b]) => ({
        name: `${n}: ${a === 1 ? "aᵀ" : "a"} · ${b === 1 ? "bᵀ" : "b"}`,
        work: works => works.matmul?.(n, a, b),
        show: gigaflops(n)
      }))
    )
  },
  {
    title: "training by Adam, ms per step",
    kind: "mlp",
    rows: [
      { name: `dense ${mlp.slice(1).join("-")}, batch ${mlp[0]}`, work: works => works.mlp?.(...mlp), show: ms },
      { name: `convolutions of ${cnn.slice(2, 4).join(", ")}, batch ${cnn[0]}`, work: works => works.cnn?.(...cnn), show: ms }, // prettier-ignore
      { name: `LSTM of ${lstm[3]}, batch ${lstm[0]} × ${lstm[1]}`, work: works => works.lstm?.(...lstm), show: ms },
      {
        name: `${transformer[4]} Transformer blocks of ${transformer[2]}, batch ${transformer[0]} × ${transformer[1]}`,
        work: works => works.transformer?.(...transformer),
        show: ms
      }
    ]
  },
  {
    title: "Adam on 0.1·x² + 2·y², µs per step",
    kind: "bowl",
    rows: [
      { name: "a compiled call each", work: works => works.bowl?.(), show: ms => ms * 1e3 },
      { name: "in a compiled scan", own: bowlInScan, work: works => works.bowl?.(), show: ms => ms * 1e3 }
    ]
  }
]

/** Beside the fold: what it costs that results are values. */
const calls = ({ calls }: Sizes): Goal => ({
  title: "Adam in a loop over compiled calls, ns per element",
  kind: "adam",
  rows: calls.flatMap(n => {
    const row = { work: (works: Partial<Works>) => works.adam?.(n), show: nsPerElement(n) }
    return [
      { ...row, name: `${n}`, own: () => adamCalls(n) },
      { ...row, name: `${n}, every array read and given anew`, own: () => adamRead(n) }
    ]
  })
})

const measured = async ({ name, work, own, show }: Goal["rows"][number], peers: readonly Peer[], rounds: number) => {
  const others = peers.map(({ works }) => works && work(works))
  return [name, ...(await besides((own ?? (() => work(thalweg)))(), others, show, rounds))]
}

const printGoal = async ({ title, kind, rows }: Goal, peers: readonly Peer[], rounds: number): Promise<void> => {
  const able = peers.filter(({ works }) => works !== undefined && kind in works)
  const cells = await inTurn(rows, row => measured(row, able, rounds))
  printTable(title, ["", "thalweg", ...able.map(({ name }) => name)], cells)
}

/** What the engine is measured by, beside all peers: in each cell `×` is how many times as long as thalweg that takes. */
export const benchGoals = async (sizes: Sizes, peers: readonly Peer[], rounds: number): Promise<void> => {
  await inTurn(goals(sizes), goal => printGoal(goal, peers, rounds))
  await printGoal(calls(sizes), [{ name: "in a fold", works: thalweg }], rounds)
}
