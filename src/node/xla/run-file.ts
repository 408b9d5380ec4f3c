import { createHash, type Hash } from "node:crypto"
import { fstatSync, readSync, statSync } from "node:fs"
import { open, type FileHandle } from "node:fs/promises"
import { pipeline } from "node:stream/promises"
import { toUtf8 } from "../../spec/utf8.js"
import { headOf, type Frame } from "./frames.js"

/** The file of a run: all that a runner is sent. */
export const FRAMES = "frames.bin"

/** What a runner writes beside it. */
export const RESULTS = {
  state: "state.safetensors",
  checkpoint: "checkpoint.safetensors"
} as const

/** With what a run begins. */
export const VERSION: Frame = ["V", toUtf8("1")]

/** With what it ends: the SHA-256 of what stands before. */
export const endOf = (before: Hash): Frame => ["E", before.digest()]

/** What follows one another in a run: programs, the state, and batches, after each of which something may be written. */
const ORDER = /^VPSB(?:G|[PU]B)*GE$/

const HEAD = headOf(VERSION).length
const LAST = HEAD + 32

/** Refuses a file that is no whole run, before any of it is run. */
const checkFrames = ({ fd }: FileHandle): void => {
  const refuse = (expected: string, received: string): never => {
    throw new Error(`expected ${expected}; got ${received}`)
  }
  const { size } = fstatSync(fd)
  const at = (position: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, readSync(fd, bytes, 0, length, position))
  }
  const begin = Buffer.concat([headOf(VERSION), VERSION[1]])
  if (!at(0, begin.length).equals(begin))
    refuse("a run as writeRun of this version of thalweg writes it", "another file")
  const kinds: string[] = []
  for (let position = 0; position < size;) {
    const head = at(position, HEAD)
    const length = head.length < HEAD ? Infinity : Number(head.readBigUint64LE(1))
    if (position + HEAD + length > size) refuse("a run that is whole", "one that ends in the middle")
    kinds.push(head.toString("latin1", 0, 1))
    position += HEAD + length
  }
  if (kinds.at(-1) !== "E") refuse("a run that is whole", "one without its end")
  if (!ORDER.test(kinds.join(""))) refuse("programs, a state and batches, as writeRun writes them", "others")
}

/** Opens a whole run, and tells what distinguishes it from others: the SHA-256 with which it ends. */
export const openRun = async (path: string): Promise<{ readonly file: FileHandle; readonly digest: string }> => {
  if (!statSync(path).isFile()) throw new Error(`${path}: expected a regular file; got another`) // to open a pipe would wait
  const file = await open(path)
  try {
    checkFrames(file)
    const hash = createHash("sha256")
    const last = fstatSync(file.fd).size - LAST
    await pipeline(file.createReadStream({ start: 0, end: last - 1, autoClose: false }), hash)
    const digest = hash.digest()
    const { buffer } = await file.read(Buffer.alloc(digest.length), 0, digest.length, last + HEAD)
    if (!buffer.equals(digest)) throw new Error("expected a run that is whole; got one that was changed")
    return { file, digest: digest.toString("hex") }
  } catch (error) {
    await file.close()
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error })
  }
}
