import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Peer } from "../works.js"
import { openC } from "./c.js"
import { byHand } from "./by-hand.js"
import * as problems from "../problems.js"
import { openInterpreter } from "./interpreter.js"
import { openPyTorch } from "./pytorch.js"
import { openSciPy } from "./scipy.js"
import { openXla } from "./xla.js"

/** Peers that are here; and, of those that are not, why. */
export interface Peers {
  readonly present: readonly Peer[]
  readonly absent: readonly string[]
  readonly close: () => void
}

/** What one program or package gave: peers, or the reason why there are none. */
export type Opened = { readonly peers: readonly Peer[]; readonly close?: () => void } | { readonly absent: string }

const INSTALL = "npm ci --prefix test/bench"
const NAMES = "tfjs-wasm, tfjs-cpu, jax-js, fmin, ml-levenberg-marquardt, mathjs"
const modules = ["tfjs", "jax-js", "solvers"]

/** A module of peers. They are given what all solve. */
interface Library {
  readonly open: (given: typeof problems) => readonly Peer[] | Promise<readonly Peer[]>
}

/** The libraries of npm. Their modules are JavaScript, since their types are there only where they are installed. */
const openLibraries = async (wanted: boolean): Promise<Opened> => {
  const installed = existsSync(fileURLToPath(new URL("../node_modules", import.meta.url)))
  if (!wanted) return { absent: `${NAMES}: ${installed ? "" : `${INSTALL}, then `}npm run bench -- --peers` }
  if (!installed) throw new Error(`${NAMES} are not installed: ${INSTALL}`)
  const found = modules.map(async name => ((await import(`./${name}.mjs`)) as Library).open(problems))
  return { peers: (await Promise.all(found)).flat() }
}

/** Opens all peers that are here, those of npm only where they are wanted: then it throws if they are not installed. */
export const openPeers = async (libraries: boolean): Promise<Peers> => {
  const opened = await Promise.all([
    openInterpreter(),
    openC(),
    openPyTorch(),
    openSciPy(),
    openXla(),
    openLibraries(libraries)
  ])
  const found = opened.flatMap(o => ("peers" in o ? [o] : []))
  return {
    present: [byHand, ...found.flatMap(({ peers }) => peers)],
    absent: opened.flatMap(o => ("absent" in o ? [o.absent] : [])),
    close: () => {
      for (const { close } of found) close?.()
    }
  }
}
