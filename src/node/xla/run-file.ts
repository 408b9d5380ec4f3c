import { createHash } from "node:crypto"
import { closeSync, createReadStream, openSync, readSync, statSync } from "node:fs"
import { pipeline } from "node:stream/promises"
import { toUtf8 } from "../../spec/utf8.js"
import { headOf, type Frame } from "./frames.js"

/** The file of a run: all that a runner is sent. */
export const FRAMES = "frames.bin"

/** What a runner writes beside it. */
export const written = {
  state: "state.safetensors",
  checkpoint: "checkpoint.safetensors"
} as const

/** With what a run begins, and ends. */
export const first: Frame = ["V", toUtf8("1")]
export const last: Frame = ["E", toUtf8("")]

/** What follows one another in a run: programs, the state, and batches, after each of which something may be written. */
const ORDER = /^VPSB(?:G|[PU]B)*GE$/

const HEAD = headOf(first).length

/** Refuses a file that is no whole run, before any of it is run. */
const checkFrames = (path: string): void => {
  const refuse = (expected: string, received: string): never => {
    throw new Error(`${path}: expected ${expected}; got ${received}`)
  }
  const found = statSync(path)
  if (!found.isFile()) refuse("a regular file", "another")
  const file = openSync(path, "r")
  try {
    const at = (position: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length)
      return bytes.subarray(0, readSync(file, bytes, 0, length, position))
    }
    const begin = Buffer.concat([headOf(first), first[1]])
    if (!at(0, begin.length).equals(begin))
      refuse("a run as writeRun of this version of thalweg writes it", "another file")
    const kinds: string[] = []
    for (let position = 0; position < found.size;) {
      const head = at(position, HEAD)
      const length = head.length < HEAD ? Infinity : Number(head.readBigUint64LE(1))
      if (position + HEAD + length > found.size) refuse("a run that is whole", "one that ends in the middle")
      kinds.push(head.toString("latin1", 0, 1))
      position += HEAD + length
    }
    if (kinds.at(-1) !== last[0]) refuse("a run that is whole", "one without its end")
    if (!ORDER.test(kinds.join(""))) refuse("programs, a state and batches, as writeRun writes them", "others")
  } finally {
    closeSync(file)
  }
}

/** What tells one run from another: the SHA-256 of its file, of one that is whole. */
export const digestOfRun = async (path: string): Promise<string> => {
  checkFrames(path)
  const hash = createHash("sha256")
  await pipeline(createReadStream(path), hash)
  return hash.digest("hex")
}
