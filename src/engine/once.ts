import { sizeOf } from "../dataflow/shape.js"
import type { Engine, Executable } from "./engine.js"
import type { Program } from "./program/program.js"
import { hashOf, textOf } from "./program/text.js"
import { recall } from "./recall.js"

/** Executables looked up by their program; the least recently used one is forgotten. */
const CAPACITY = 128

/** Programs whose constants have more elements than this are not kept. */
const MOST_ELEMENTS = 2 ** 16

/** An executable and the text of its program. */
interface Prepared {
  readonly text: string
  readonly executable: Executable
}

const elementsIn = ({ consts, steps }: Program): number => {
  const own = consts.map(({ type }) => sizeOf(type.shape))
  const inLoops = steps.map(({ op }) => (op.kind === "scan" ? elementsIn(op.body) : 0))
  return [...own, ...inLoops].reduce((a, b) => a + b, 0)
}

/** The same engine, which prepares equal programs once, as long as it remembers them. */
export const preparingOnce = (engine: Engine): Engine => {
  const cache = new Map<string, Prepared>()
  return {
    name: engine.name,
    prepare: (program, options = {}) => {
      if (elementsIn(program) > MOST_ELEMENTS) return engine.prepare(program, options)
      const text = `${options.fusedMultiplyAdd === false ? "not fused" : "fused"} ${textOf(program)}`
      const hash = hashOf(text)
      const make = (): Prepared => ({ text, executable: engine.prepare(program, options) })
      const found = recall(cache, hash, CAPACITY, make)
      if (found.text === text) return found.executable
      const other = make()
      cache.set(hash, other)
      return other.executable
    }
  }
}
