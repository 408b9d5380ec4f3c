import { fileURLToPath } from "node:url"
import type { Solves } from "../works.js"
import type { Opened } from "./index.js"
import { openProgram } from "./program.js"
import { python } from "./pytorch.js"

/** scipy and numpy, where Python has them. */
export const openSciPy = async (): Promise<Opened> => {
  const program = await openProgram(python, ["-B", fileURLToPath(new URL("scipy_numpy.py", import.meta.url))])
  if (program === undefined) return { absent: `scipy: ${python} has none; PYTHON says which Python to use` }
  const { greeting, work, close } = program
  const solve =
    (name: keyof Solves) =>
    (...sizes: readonly number[]) => ({
      steps: work(`run:${name}`)(...sizes),
      reached: () => work(`reached:${name}`)(...sizes)(0)
    })
  const solves: Solves = {
    nelderMead: solve("nelderMead"),
    lbfgs: solve("lbfgs"),
    conjugateGradients: solve("conjugateGradients"),
    decay: solve("decay"),
    bells: solve("bells"),
    multiply: solve("multiply"),
    solve: solve("solve"),
    inverse: solve("inverse"),
    lu: solve("lu"),
    cholesky: solve("cholesky"),
    eigh: solve("eigh"),
    qr: solve("qr"),
    svd: solve("svd")
  }
  return { peers: [{ name: greeting, solves }], close }
}
