import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Opened } from "./index.js"
import { openProgram } from "./program.js"

const FLAGS = ["-O3", "-march=native", "-ffast-math"]

/** Adam in C, compiled on the spot. */
export const openC = async (): Promise<Opened> => {
  const folder = mkdtempSync(join(tmpdir(), "thalweg-bench-"))
  try {
    const [source, path] = [fileURLToPath(new URL("adam.c", import.meta.url)), join(folder, "adam")]
    const { status } = spawnSync("cc", [...FLAGS, "-o", path, source, "-lm"])
    const program = status === 0 ? await openProgram(path, []) : undefined
    if (program === undefined) return { absent: `C: no cc that compiles with ${FLAGS.join(" ")}` }
    return { peers: [{ name: "C", works: { adam: program.work("adam") } }], close: program.close }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
