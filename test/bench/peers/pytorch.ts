import { fileURLToPath } from "node:url"
import type { Opened } from "./index.js"
import { openProgram } from "./program.js"

/** Which Python has the peers that are written in it. */
export const python = process.env["PYTHON"] ?? "python3"

/** PyTorch, where Python has it, with its default Adam and with the fused one. */
export const openPyTorch = async (): Promise<Opened> => {
  const program = await openProgram(python, ["-B", fileURLToPath(new URL("pytorch.py", import.meta.url))])
  if (program === undefined) return { absent: `PyTorch: ${python} has none; PYTHON says which Python to use` }
  const { greeting, work, close } = program
  const trained = (kind: string) => ({
    adam: work(`adam${kind}`),
    mlp: work(`mlp${kind}`),
    cnn: work(`cnn${kind}`),
    lstm: work(`lstm${kind}`),
    transformer: work(`transformer${kind}`)
  })
  const peers = [
    { name: greeting, works: { ...trained(""), matmul: work("matmul"), bowl: work("bowl") } },
    { name: "fused", works: trained("-fused") }
  ]
  return { peers, close }
}
