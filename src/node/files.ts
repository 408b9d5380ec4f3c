import { mkdir, readFile, stat, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import { pipe } from "fp-ts/lib/function.js"
import { fromFile } from "../spec/utf8.js"

/** Files of JSON that are larger than this are refused before they are read. */
const MAX_BYTES = 2 ** 29

/** An effect as a task, which never rejects. */
export const attempt = <A>(action: () => Promise<A>): TaskEither<Error, A> => TE.tryCatch(action, E.toError)

/**
 * The bytes of a regular file. What has another kind (a folder, a device, a pipe) is refused: its size is not known before
 * all of it is in memory.
 */
export const readBytes = (path: string, maxBytes: number): TaskEither<Error, Uint8Array> =>
  pipe(
    attempt(() => stat(path)),
    TE.filterOrElse(
      found => found.isFile(),
      found =>
        new Error(`${path}: expected a regular file; got ${found.isDirectory() ? "a folder" : "a device or a pipe"}`)
    ),
    TE.filterOrElse(
      ({ size }) => size <= maxBytes,
      ({ size }) => new Error(`${path}: expected at most ${maxBytes} bytes; got ${size}`)
    ),
    TE.flatMap(() => attempt(() => readFile(path)))
  )

/** What is no UTF-8 is an error, and not replaced by another character. */
const textOf = (path: string, bytes: Uint8Array): E.Either<Error, string> =>
  E.tryCatch(
    () => fromFile(bytes),
    () => new Error(`${path}: expected JSON; got bytes that are no UTF-8`)
  )

/**
 * Reads a JSON file of at most 512 MiB in UTF-8, with a byte order mark or without. What it holds is unknown: decode it.
 *
 * Nothing is read before the task is run. It never rejects: a `Left` says why a file could not be read, that it is too
 * large, no UTF-8, or where it is no JSON.
 *
 * @example
 * import assert from "node:assert"
 * import { mkdtemp, rm, writeFile } from "node:fs/promises"
 * import { tmpdir } from "node:os"
 * import { join } from "node:path"
 * import { readJson } from "thalweg/node"
 *
 * const folder = await mkdtemp(join(tmpdir(), "thalweg-"))
 * await writeFile(join(folder, "data.json"), '{ "x": [1, 2] }')
 * assert.deepStrictEqual(await readJson(join(folder, "data.json"))(), { _tag: "Right", right: { x: [1, 2] } })
 *
 * const missing = await readJson(join(folder, "other.json"))()
 * assert.ok(missing._tag === "Left" && missing.left.message.includes("no such file"))
 * await rm(folder, { recursive: true })
 */
export const readJson = (path: string): TaskEither<Error, unknown> =>
  pipe(
    readBytes(path, MAX_BYTES),
    TE.flatMapEither(bytes => textOf(path, bytes)),
    TE.flatMapEither(text =>
      E.tryCatch(
        () => JSON.parse(text) as unknown,
        cause => new Error(`${path}: expected JSON; got ${E.toError(cause).message}`)
      )
    )
  )

/**
 * Writes text to a file in UTF-8, over what was there, and makes the folders above it.
 *
 * Nothing is written before the task is run. It never rejects: a `Left` says why the file could not be written.
 *
 * @example
 * import assert from "node:assert"
 * import { mkdtemp, readFile, rm } from "node:fs/promises"
 * import { tmpdir } from "node:os"
 * import { join } from "node:path"
 * import { writeText } from "thalweg/node"
 *
 * const folder = await mkdtemp(join(tmpdir(), "thalweg-"))
 * const path = join(folder, "runs", "first.txt")
 * assert.strictEqual((await writeText(path, "loss 0.5")())._tag, "Right")
 * assert.strictEqual(await readFile(path, "utf8"), "loss 0.5")
 * assert.strictEqual((await writeText(folder, "a folder is no file")())._tag, "Left")
 * await rm(folder, { recursive: true })
 */
export const writeText = (path: string, text: string): TaskEither<Error, void> =>
  pipe(
    attempt(() => mkdir(dirname(path), { recursive: true })),
    TE.flatMap(() => attempt(() => writeFile(path, text)))
  )
