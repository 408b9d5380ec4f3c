import { randomUUID } from "node:crypto"
import { lstat, mkdir, open, rename, rm, type FileHandle } from "node:fs/promises"
import { dirname, join } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import { decodeTree, encodeTree, type Checkpoint } from "../spec/checkpoint.js"
import type { Metadata } from "../spec/metadata.js"
import { report } from "../spec/report.js"
import type { TreeLike } from "../tree/index.js"
import { attempt, readBytes } from "./files.js"

/** Node reads no larger file at once, so that none is written or read. */
export const MAX_BYTES = 2 ** 31 - 1

const withFile = async (path: string, flags: string, use: (file: FileHandle) => Promise<void>): Promise<void> => {
  const file = await open(path, flags)
  try {
    await use(file)
  } finally {
    await file.close()
  }
}

/** The names in a folder are on the disk. Windows opens no folders, and sees to it by itself. */
const syncFolder = async (folder: string): Promise<void> =>
  process.platform === "win32" ? undefined : withFile(folder, "r", file => file.sync())

/** Writes a file beside another, under a name that is nobody else's, which is gone after it was used. */
const withTemporary = async (
  path: string,
  write: (file: FileHandle) => Promise<void>,
  use: (temporary: string) => Promise<void>
): Promise<void> => {
  const folder = dirname(path)
  const temporary = join(folder, `.${randomUUID()}.tmp`)
  await mkdir(folder, { recursive: true })
  try {
    await withFile(temporary, "wx", write)
    await use(temporary)
  } finally {
    await rm(temporary, { force: true })
  }
}

/**
 * Puts what is written in the place of a file. Whoever looks finds the old file or the new one, whole, whatever fails and whoever
 * else writes: the bytes are on the disk, under a name that is nobody else's, before they get this one.
 */
export const replaceFile = async (path: string, write: (file: FileHandle) => Promise<void>): Promise<void> => {
  const writeWhole = async (file: FileHandle): Promise<void> => {
    await write(file)
    await file.sync()
  }
  await withTemporary(path, writeWhole, temporary => rename(temporary, path))
  await syncFolder(dirname(path))
}

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await lstat(path)).isDirectory()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false
    throw error
  }
}

/** Rejects where `replaceFile` would, before there is anything to write; what is there stays. */
export const checkReplaceable = async (path: string): Promise<void> => {
  if (await isFolder(path)) throw new Error(`${path}: expected a file; got a folder`)
  const nothing = (): Promise<void> => Promise.resolve()
  await withTemporary(path, nothing, nothing)
}

/**
 * Writes a tree, and metadata if there are any, to a file in the safetensors format (`encodeTree`), in the place of
 * what was there, and makes the folders above it.
 *
 * Whoever reads the file finds what was there before or all of what is written, also after a crash, and when several
 * write at once. A process that is killed while it writes leaves a file behind whose name is a dot, a UUID and `.tmp`.
 *
 * Nothing is written before the task is run. It never rejects: a `Left` says why the file could not be written, or that
 * it would exceed 2 GiB. Throws what `encodeTree` throws.
 *
 * @example
 * import assert from "node:assert"
 * import { mkdtemp, rm } from "node:fs/promises"
 * import { tmpdir } from "node:os"
 * import { join } from "node:path"
 * import { item, scalar } from "thalweg"
 * import { readTree, writeTree } from "thalweg/node"
 *
 * const folder = await mkdtemp(join(tmpdir(), "thalweg-"))
 * const path = join(folder, "runs", "first.safetensors")
 * assert.strictEqual((await writeTree(path, { w: scalar(0.5) }, { step: 1 })())._tag, "Right")
 *
 * const read = await readTree({ w: scalar(0) })(path)()
 * assert.ok(read._tag === "Right")
 * assert.strictEqual(item(read.right.tree.w), 0.5)
 * assert.deepStrictEqual(read.right.metadata, { step: 1 })
 * await rm(folder, { recursive: true })
 */
export const writeTree = <T extends TreeLike<T>>(
  path: string,
  tree: T,
  metadata?: Metadata
): TaskEither<Error, void> => {
  const bytes = encodeTree(tree, metadata)
  return bytes.length <= MAX_BYTES
    ? attempt(() => replaceFile(path, file => file.writeFile(bytes)))
    : TE.left(new Error(`${path}: expected at most ${MAX_BYTES} bytes; got ${bytes.length}`))
}

/**
 * Reads a tree like another from a file in the safetensors format (`decodeTree`), or a part of one `under` a path, and the metadata.
 *
 * Nothing is read before the task is run. It never rejects: a `Left` says why the file could not be read, or the first
 * ten things that are wrong with it.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar } from "thalweg"
 * import { readTree } from "thalweg/node"
 *
 * const missing = await readTree({ w: scalar(0) })("no/such.safetensors")()
 * assert.ok(missing._tag === "Left" && missing.left.message.includes("no such file"))
 */
export const readTree =
  <T extends TreeLike<T>>(like: T, under?: string) =>
  (path: string): TaskEither<Error, Checkpoint<T>> =>
    pipe(
      readBytes(path, MAX_BYTES),
      TE.flatMapEither(bytes =>
        pipe(
          decodeTree(like, under)(bytes),
          E.mapLeft(errors => new Error(`${path}: ${report(errors).join("; ")}`))
        )
      )
    )
