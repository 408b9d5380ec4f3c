import { cpus } from "node:os"
import { benchElementary } from "./elementary.js"
import { benchFirstCalls } from "./first-calls.js"
import { benchGoals, type Sizes } from "./goals.js"
import { benchGraphs } from "./graphs.js"
import { benchLazy } from "./lazy.js"
import { benchLoops } from "./loops.js"
import { benchMemory } from "./memory.js"
import { benchNodes } from "./nodes.js"
import { openPeers } from "./peers/index.js"
import { benchSolving, type SolvingSizes } from "./solving.js"
import { benchWalks } from "./walks.js"
import { CLASSES } from "./works.js"

const quick = process.argv.includes("--quick")
const rounds = quick ? 3 : 15

const sizes: Sizes = quick
  ? {
      adam: [100],
      calls: [100],
      matmul: [10, 32],
      mlp: [4, 16, 8, 8, CLASSES],
      cnn: [2, 10, 2, 3, 8],
      lstm: [2, 4, 3, 5],
      transformer: [2, 4, 8, 2, 2]
    }
  : {
      adam: [1e4, 1e5, 1e6, 1e7],
      calls: [1e5, 1e6, 1e7],
      matmul: [10, 128, 130, 256, 512, 1024],
      mlp: [128, 784, 256, 128, CLASSES],
      cnn: [64, 28, 32, 64, 128],
      lstm: [16, 128, 64, 160],
      transformer: [16, 128, 64, 4, 2]
    }

const solvingSizes: SolvingSizes = quick
  ? { few: 2, many: 4, iterations: 10, points: 20, matmul: 8, matrix: 8, spectrum: 4 }
  : { few: 2, many: 100, iterations: 1000, points: 200, matmul: 256, matrix: 200, spectrum: 50 }

const peers = await openPeers(process.argv.includes("--peers"))
console.log(
  `Node ${process.version}, ${cpus()[0]?.model ?? "unknown processor"}; medians of ${rounds} interleaved runs`
)
console.log(["beside:", ...peers.present.map(({ name }) => name)].join(" "))
for (const reason of peers.absent) console.log(`left out: ${reason}`)

await benchFirstCalls(sizes, quick ? [10, 20] : [250, 500, 1000, 2000], rounds)
await benchMemory(quick ? 100 : 1e4, quick ? [10, 100] : [1e3, 1e4, 1e5])
await benchGoals(sizes, peers.present, rounds)
await benchSolving(solvingSizes, peers.present, rounds)
peers.close()
await benchNodes(quick ? 100 : 1e4, rounds)
await benchLoops(quick ? 1000 : 1e5, [1, 64, 1024], rounds)
await benchGraphs(quick ? [100, 1000] : [1e3, 1e4, 1e5], rounds)
await benchLazy(quick ? [1, 5] : [60, 300, 1000], rounds)
await benchWalks(quick ? 0.05 : 1, quick ? 1 : 5)
await benchElementary(quick ? 1000 : 2 ** 16, rounds)
