import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { stepsOnXla } from "thalweg/node"
import type { Steps } from "../measure.js"
import { forever, trainedBy, type Training } from "../thalweg.js"
import type { Opened } from "./index.js"
import { python } from "./pytorch.js"

/** What a Python says that is not there, or has no jax. */
const none = { stdout: "" }

/** Our own steps on XLA, where Python has jax: on one device, which uses all cores, and on eight virtual ones, each with a part of the batch. */
export const openXla = async (): Promise<Opened> => {
  const { stdout } = await promisify(execFile)(python, ["-c", "import jax; print(jax.__version__)"]).catch(() => none)
  if (stdout === "") return { absent: `XLA: ${python} has no jax; PYTHON says which Python to use` }
  const endings: (() => Promise<unknown>)[] = []
  const on =
    (most: number) =>
    ({ step, state, examples }: Training): Steps => {
      const devices = Math.min(most, examples.y.shape[0] ?? 1)
      const steps = stepsOnXla(step, { python, devices, mesh: { data: devices }, place: [["batch/**", ["data"]]] })(
        state,
        forever(examples)
      )
      endings.push(() => steps.return(state))
      return async count => {
        const start = performance.now()
        for (let i = 0; i < count; i++) await steps.next()
        return (performance.now() - start) / count
      }
    }
  return {
    peers: [
      { name: `XLA (jax ${stdout.trim()})`, works: trainedBy(on(1)) },
      { name: "on 8 devices", works: trainedBy(on(8)) }
    ],
    close: () => {
      for (const end of endings) void end()
    }
  }
}
