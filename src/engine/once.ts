import type { Engine, Executable } from "./engine.js"
import { hashOf, textOf } from "./program/text.js"
import { recall } from "./recall.js"

/** Executables looked up by their program; the least recently used one is forgotten. */
const CAPACITY = 128

/** An executable and the text of its program. */
interface Prepared {
  readonly text: string
  readonly executable: Executable
}

/**
 * The same engine, which prepares equal programs once. It does not keep executables alive (whose constants may be
 * large): those that are in use are found, others until they are collected.
 */
export const preparingOnce = (engine: Engine): Engine => {
  const cache = new Map<string, WeakRef<Prepared>>()
  const owners = new WeakMap<Executable, Prepared>()
  return {
    name: engine.name,
    prepare: program => {
      const text = textOf(program)
      const make = (): Prepared => {
        const executable = engine.prepare(program)
        const prepared = { text, executable }
        owners.set(executable, prepared)
        return prepared
      }
      const hash = hashOf(text)
      let found = recall(cache, hash, CAPACITY, () => new WeakRef(make())).deref()
      if (found?.text !== text) {
        found = make()
        cache.set(hash, new WeakRef(found))
      }
      return found.executable
    }
  }
}
