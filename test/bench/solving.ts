import { besides } from "./besides.js"
import { inTurn } from "./measure.js"
import { ENOUGH, firstCalls, solves } from "./solves.js"
import { printTable } from "./table.js"
import type { Peer, Solves, Solving } from "./works.js"

/** What is solved: numbers of variables, of points, and of rows of matrices. */
export interface SolvingSizes {
  readonly few: number
  readonly many: number
  /** Of Nelder and Mead's method with many variables, which nobody's gets to the minimum. */
  readonly iterations: number
  readonly points: number
  readonly matmul: number
  readonly matrix: number
  readonly spectrum: number
}

/** Something that all solve; how thalweg does it, where there is more than one way. */
interface Row {
  readonly name: string
  readonly work: (solves: Partial<Solves>) => Solving | undefined
  readonly own?: () => Solving | undefined
}

interface Goal {
  readonly title: string
  /** What the numbers are that all come to. */
  readonly result: string
  readonly rows: readonly Row[]
}

const withFirstCall = (name: string, work: Row["work"]): readonly Row[] => [
  { name, work },
  { name: `${name}, first call`, work, own: () => work(firstCalls) }
]

const goals = ({ few, many, iterations, points, matmul, matrix, spectrum }: SolvingSizes): readonly Goal[] => [
  {
    title: "minimization of the extended Rosenbrock function by number of variables, ms",
    result: "value reached",
    rows: [
      ...withFirstCall(`${few}, Nelder–Mead`, solves => solves.nelderMead?.(few, ENOUGH)),
      ...withFirstCall(`${few}, L-BFGS`, solves => solves.lbfgs?.(few)),
      { name: `${few}, conjugate gradients`, work: solves => solves.conjugateGradients?.(few) },
      {
        name: `${many}, ${iterations} iterations of Nelder–Mead`,
        work: solves => solves.nelderMead?.(many, iterations)
      },
      { name: `${many}, L-BFGS`, work: solves => solves.lbfgs?.(many) },
      { name: `${many}, conjugate gradients`, work: solves => solves.conjugateGradients?.(many) }
    ]
  },
  {
    title: `least squares of ${points} points, ms`,
    result: "sum of squares reached",
    rows: [
      ...withFirstCall("exponential decay", solves => solves.decay?.(points)),
      ...withFirstCall("two bells", solves => solves.bells?.(points))
    ]
  },
  {
    title: "linear algebra in f64, ms",
    result: "sum of absolute elements",
    rows: [
      { name: `matrix product of ${matmul}`, work: solves => solves.multiply?.(matmul) },
      { name: `solve ${matrix}`, work: solves => solves.solve?.(matrix) },
      { name: `inverse ${matrix}`, work: solves => solves.inverse?.(matrix) },
      { name: `LU ${matrix}`, work: solves => solves.lu?.(matrix) },
      { name: `Cholesky ${matrix}`, work: solves => solves.cholesky?.(matrix) },
      { name: `QR ${matrix}`, work: solves => solves.qr?.(matrix) },
      { name: `eigh ${spectrum}`, work: solves => solves.eigh?.(spectrum) },
      { name: `SVD ${spectrum}`, work: solves => solves.svd?.(spectrum) }
    ]
  }
]

const ms = (time: number) => time

/** What each takes, and below that what each comes to. */
const printGoal = async ({ title, result, rows }: Goal, peers: readonly Peer[], rounds: number): Promise<void> => {
  const able = peers.flatMap(({ name, solves }) =>
    solves !== undefined && rows.some(({ work }) => work(solves) !== undefined) ? [{ name, solves }] : []
  )
  const header = ["", "thalweg", ...able.map(({ name }) => name)]
  const all = rows.map(({ name, work, own }) => ({
    name,
    own: (own ?? (() => work(solves)))(),
    others: able.map(({ solves }) => work(solves))
  }))
  const times = await inTurn(all, async ({ name, own, others }) => {
    const steps = others.map(other => other?.steps)
    return [name, ...(await besides(own?.steps, steps, ms, rounds))]
  })
  const reached = await inTurn(all, async ({ name, own, others }) => [
    name,
    ...(await inTurn([own, ...others], async solving => (await solving?.reached()) ?? ""))
  ])
  printTable(title, header, times)
  printTable(result, header, reached)
}

/** Minimizations, fits and linear algebra beside all peers: in each cell `×` is how many times as long as thalweg that takes. */
export const benchSolving = async (sizes: SolvingSizes, peers: readonly Peer[], rounds: number): Promise<void> => {
  await inTurn(goals(sizes), goal => printGoal(goal, peers, rounds))
}
