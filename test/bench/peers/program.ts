import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import type { Steps } from "../measure.js"

/** A program that stays open and does work on demand. */
export interface Program {
  /** What it said first, about itself. */
  readonly greeting: string
  readonly work: (name: string) => (...sizes: readonly number[]) => Steps
  readonly close: () => void
}

/**
 * Starts a program that answers lines `name count sizes…` with the milliseconds of one of so many steps, or of none with what
 * a step comes to, as JSON, after a line about itself. `undefined` if it ends before that.
 */
export const openProgram = async (command: string, args: readonly string[]): Promise<Program | undefined> => {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] })
  child.on("error", () => undefined) // it is not here, and says nothing
  const end = new Promise(resolve => child.on("close", (code, signal) => resolve(signal ?? code)))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const greeting = await lines.next()
  if (greeting.done === true) return undefined
  const ask = async (question: string): Promise<number> => {
    child.stdin.write(`${question}\n`)
    const answer = await lines.next()
    if (answer.done === true)
      throw new Error(`${[command, ...args].join(" ")} ended (${String(await end)}) at: ${question}`)
    return JSON.parse(answer.value) as number
  }
  return {
    greeting: greeting.value,
    work:
      name =>
      (...sizes) =>
      count =>
        ask([name, count, ...sizes].join(" ")),
    close: () => child.stdin.end()
  }
}
