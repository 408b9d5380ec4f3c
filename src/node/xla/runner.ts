import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process"
import { createServer, type AddressInfo } from "node:net"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { ThalwegError, type Mistake } from "../../dataflow/error.js"
import { range } from "../../dataflow/shape.js"
import { headOf, numbering, type Frame, type Numbering } from "./frames.js"

/** How programs are run: by which Python, as how many processes, on how many devices of each. */
export interface RunnerOptions {
  readonly python: string
  readonly processes: number
  readonly devices: number | undefined
  readonly cache: string | undefined
}

/** A line of the runner. */
export interface Said {
  readonly event: string
  readonly [name: string]: unknown
}

/** Processes that run programs on XLA. They keep the host from ending only while something is asked of them. */
export interface Runner {
  /** Sends the same to every process, and waits until all have room for more. */
  readonly send: (frame: Frame) => Promise<void>
  /** What the first process says next, which has to be of this event. */
  readonly next: (event: string) => Promise<Said>
  /** Whether nothing failed so far, and every process answers. */
  readonly works: () => Promise<boolean>
  /** From here on errors name this operation. */
  readonly by: (operation: string) => void
  /** The programs that it has. */
  readonly programs: Numbering
  readonly end: () => void
}

/** This folder; a CommonJS module knows it by another name. */
const folder = typeof __dirname === "string" ? __dirname : dirname(fileURLToPath(import.meta.url))

/** The program in Python, which stands beside this one. */
export const SCRIPT = join(folder, "thalweg_xla.py")

/** So much of what a process wrote to its standard error is told where it fails. */
const LAST_WORDS = 2_000

/** Milliseconds after which all processes that were killed are known to be. */
const GRACE = 1_000

/** What keeps the host from ending, or does not. */
interface Referred {
  readonly destroyed?: boolean
  ref(): unknown
  unref(): unknown
}

/** A port that is free now. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      server.close(() => {
        resolve(port)
      })
    })
  })

/** What a line of the runner says, if it is one. */
export const parseLine = (line: string): Said | undefined => {
  try {
    const said = JSON.parse(line) as Said | null
    return typeof said?.event === "string" ? said : undefined
  } catch {
    return undefined
  }
}

/** Starts processes that wait for programs. A `RunnerError`, by whatever asks them for something, says why they do not. */
export const startRunner = async (
  operation: string,
  { python, processes, devices, cache }: RunnerOptions
): Promise<Runner> => {
  const common = [
    SCRIPT,
    ...(devices === undefined ? [] : ["--devices", String(devices)]),
    ...(cache === undefined ? [] : ["--cache", cache])
  ]
  const coordinator = processes === 1 ? undefined : `127.0.0.1:${await freePort()}`
  const together = (process: number): readonly string[] =>
    coordinator === undefined
      ? []
      : ["--coordinator", coordinator, "--processes", String(processes), "--process", String(process)]
  const children: ChildProcessWithoutNullStreams[] = []

  const said: Said[] = []
  let waiting: { readonly resolve: (said: Said) => void; readonly reject: (error: Error) => void } | undefined
  let failure: Omit<Mistake, "operation"> | undefined
  let asking = operation
  const mistake = (): Error =>
    new ThalwegError("RunnerError", { operation: asking, ...(failure as Omit<Mistake, "operation">) })
  let isEnded = false
  const end = (): void => {
    isEnded = true
    for (const child of children) child.kill("SIGKILL")
  }
  const failWith = (expected: string, received: string): void => {
    if (failure !== undefined || isEnded) return
    failure = { expected, received }
    end()
    waiting?.reject(mistake())
    waiting = undefined
  }
  /** Who is asked whether all are there. */
  let calling: { missing: number; readonly resolve: (areAll: boolean) => void } | undefined
  const answered = (): void => {
    if (calling !== undefined && --calling.missing === 0) calling.resolve(true)
  }
  const heard = (line: Said): void => {
    if (waiting === undefined) said.push(line)
    else waiting.resolve(line)
    waiting = undefined
  }

  const nameOf = (i: number): string => (processes === 1 ? python : `process ${i} of ${processes}, ${python}`)
  /** What ended first: of several processes, the one that was killed, and not one that missed it. */
  let first: { readonly i: number; readonly why: string; readonly isKilled: boolean } | undefined
  const ended = (i: number, why: string, isKilled: boolean): void => {
    calling?.resolve(false)
    if (isEnded) return
    if (first === undefined)
      setTimeout(
        () => {
          failWith(`${nameOf(first?.i ?? i)} to go on`, first?.why ?? why)
        },
        processes === 1 ? 0 : GRACE
      )
    if (first === undefined || (isKilled && !first.isKilled)) first = { i, why, isKilled }
  }
  const watch = (child: ChildProcessWithoutNullStreams, i: number): void => {
    let words = ""
    let told = ""
    child.on("error", error => {
      failWith(`Python as "${python}", and by it pip install "jax>=0.7.2"`, error.message)
    })
    child.stdin.on("error", () => undefined) // that it is gone is told by `close`
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      words = (words + text).slice(-LAST_WORDS)
    })
    createInterface({ input: child.stdout }).on("line", text => {
      const line = parseLine(text)
      // once the script runs, what others print goes to standard error
      if (line === undefined)
        failWith(
          `nothing on the standard output of ${nameOf(i)} before the runner speaks (what prints there is mostly a sitecustomize.py or a .pth file)`,
          JSON.stringify(text.slice(0, LAST_WORDS))
        )
      else if (line.event === "here") answered()
      else if (line.event === "misfit") failWith(String(line["expected"]), String(line["received"]))
      else if (line.event === "failed") told = String(line["error"])
      else if (i === 0) heard(line)
    })
    child.on("close", (code, signal) => {
      const how = told === "" ? `its end by ${signal ?? `exit code ${code ?? "?"}`}` : told
      ended(i, words.trim() === "" ? how : `${how}; its last words: ${words.trim()}`, signal !== null)
    })
  }
  for (const i of range(processes)) {
    const child = spawn(python, [...common, ...together(i)])
    children.push(child)
    watch(child, i)
  }

  const write = (child: ChildProcessWithoutNullStreams, bytes: Uint8Array): Promise<void> =>
    new Promise(resolve => {
      child.stdin.write(bytes, () => {
        resolve()
      })
    })
  /** What keeps the host from ending. Pipes are sockets, which the types do not say. */
  const parts = (): readonly Referred[] =>
    children
      .flatMap(child => [child, child.stdin, child.stdout, child.stderr] as readonly unknown[] as Referred[])
      .filter(part => part.destroyed !== true)
  const check = (): void => {
    if (failure !== undefined) throw mistake()
  }
  let asked = 0
  /** While this is waited for, the host does not end. */
  const holding = async <A>(ask: () => Promise<A>): Promise<A> => {
    check()
    if (asked++ === 0) for (const part of parts()) part.ref()
    try {
      return await ask()
    } finally {
      if (--asked === 0) for (const part of parts()) part.unref()
    }
  }
  const runner: Runner = {
    send: frame =>
      holding(async () => {
        await Promise.all(children.flatMap(child => [write(child, headOf(frame)), write(child, frame[1])]))
        check()
      }),
    next: event =>
      holding(async () => {
        const line =
          said.shift() ??
          (await new Promise<Said>((resolve, reject) => {
            waiting = { resolve, reject }
          }))
        if (line.event !== event) {
          failWith(`"${event}" from ${nameOf(0)}`, JSON.stringify(line))
          check()
        }
        return line
      }),
    works: async () =>
      failure === undefined &&
      first === undefined &&
      !isEnded &&
      holding(() => {
        for (const child of children) void write(child, headOf(["A", new Uint8Array()]))
        return new Promise(resolve => {
          calling = { missing: processes, resolve }
        })
      }),
    by: operation => {
      asking = operation
    },
    programs: numbering(),
    end
  }
  await runner.next("ready")
  return runner
}
