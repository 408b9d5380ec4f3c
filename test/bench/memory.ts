import type { Steps } from "./measure.js"
import { inTurn } from "./measure.js"
import { printTable } from "./table.js"
import { adamCalls, thalweg } from "./thalweg.js"

const ways: Readonly<Record<string, (size: number) => Steps>> = {
  "in a fold": thalweg.adam,
  "compiled calls": adamCalls
}

/** Megabytes of the process after so many steps of Adam, of which nothing is kept: the same after any number. */
export const benchMemory = async (size: number, counts: readonly number[]): Promise<void> => {
  const rows = await inTurn(Object.entries(ways), async ([name, way]) => {
    const steps = way(size)
    const used = await inTurn(counts, async (count, i) => {
      await steps(count - (counts[i - 1] ?? 0))
      return process.memoryUsage.rss() / 1e6
    })
    return [name, ...used, (used.at(-1) ?? NaN) / (used.at(-2) ?? NaN)]
  })
  printTable(`memory of steps of Adam over ${size}, MB`, ["", ...counts.map(n => `after ${n}`), "last ratio"], rows)
}
