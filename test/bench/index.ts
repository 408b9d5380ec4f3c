import { cpus } from "node:os"
import { benchAdam } from "./adam.js"
import { benchElementary } from "./elementary.js"
import { benchGraphs } from "./graphs.js"
import { benchLazy } from "./lazy.js"
import { benchMatmul } from "./matmul.js"
import { benchNodes } from "./nodes.js"
import { benchTraining } from "./training.js"
import { benchWalks } from "./walks.js"

const quick = process.argv.includes("--quick")
const rounds = quick ? 3 : 15

console.log(
  `Node ${process.version}, ${cpus()[0]?.model ?? "unknown processor"}; medians of ${rounds} interleaved runs`
)
benchNodes(quick ? 100 : 1e4, rounds)
benchGraphs(quick ? [100, 1000] : [1e3, 1e4, 1e5], rounds)
benchLazy(quick ? [1, 5] : [60, 300, 1000], rounds)
benchWalks(quick ? 0.05 : 1, quick ? 1 : 5)
benchTraining(
  quick ? { inputs: 16, hidden: [8, 8], batch: 4 } : { inputs: 784, hidden: [256, 128], batch: 128 },
  rounds
)
benchElementary(quick ? 1000 : 2 ** 16, rounds)
benchMatmul(quick ? [16, 32] : [128, 256, 512], rounds)
benchAdam(quick ? [100, 1000] : [1e4, 1e5, 1e6], rounds)
