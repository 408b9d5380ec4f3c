import { fileURLToPath } from "node:url"
import type { Opened } from "./index.js"
import { openProgram } from "./program.js"

/** Our own interpreter, in which trainings run where there is no WebAssembly. */
export const openInterpreter = async (): Promise<Opened> => {
  const file = fileURLToPath(new URL("interpreted.ts", import.meta.url))
  const program = await openProgram(process.execPath, ["--import", "tsx", file])
  if (program === undefined) return { absent: "interpreter: its process ended" }
  const { greeting, work, close } = program
  const works = { mlp: work("mlp"), cnn: work("cnn"), lstm: work("lstm"), transformer: work("transformer") }
  return { peers: [{ name: greeting, works }], close }
}
