import { promisify } from "node:util"
import { gunzip } from "node:zlib"
import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import type { Tensor } from "../dataflow/primitive.js"
import { decodeIdx } from "../spec/idx.js"
import { report } from "../spec/report.js"
import { attempt, readBytes } from "./files.js"

/** Files that are larger than this are refused, before they are read or while they are inflated. */
const MAX_BYTES = 2 ** 30

const inflate = promisify(gunzip)

/** What is wrong with bytes that are not inflated. */
const refused = ({ message, code }: NodeJS.ErrnoException): string =>
  code === "ERR_BUFFER_TOO_LARGE"
    ? `gzip of at most ${MAX_BYTES} bytes, inflated; got more`
    : `gzip that is whole, and nothing after it; got ${message}`

const isCompressed = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** The bytes of a file, inflated if they are compressed by gzip. */
const readInflated = (path: string): TaskEither<Error, Uint8Array> =>
  pipe(
    readBytes(path, MAX_BYTES),
    TE.flatMap(bytes =>
      isCompressed(bytes)
        ? pipe(
            attempt<Uint8Array>(() => inflate(bytes, { maxOutputLength: MAX_BYTES })),
            TE.mapLeft(error => new Error(`${path}: expected ${refused(error)}`))
          )
        : TE.right(bytes)
    )
  )

/**
 * Reads a file in the IDX format, as the MNIST data sets have it, compressed by gzip or not, as a tensor (`decodeIdx`).
 *
 * Nothing is read before the task is run. It never rejects: a `Left` says why a file could not be read or inflated, what is
 * wrong with it, or that it has more than 1 GiB, inflated or not.
 *
 * @example
 * import assert from "node:assert"
 * import { mkdtemp, rm, writeFile } from "node:fs/promises"
 * import { tmpdir } from "node:os"
 * import { join } from "node:path"
 * import { gzipSync } from "node:zlib"
 * import { toArray } from "thalweg"
 * import { readIdx } from "thalweg/node"
 *
 * const folder = await mkdtemp(join(tmpdir(), "thalweg-"))
 * const path = join(folder, "labels-idx1-ubyte.gz")
 * await writeFile(path, gzipSync(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 2)))
 * const read = await readIdx(path)()
 * assert.ok(read._tag === "Right")
 * assert.deepStrictEqual(toArray(read.right), [7, 2])
 * await rm(folder, { recursive: true })
 */
export const readIdx = (path: string): TaskEither<Error, Tensor> =>
  pipe(
    readInflated(path),
    TE.flatMapEither(bytes =>
      pipe(
        decodeIdx(bytes),
        E.mapLeft(errors => new Error(`${path}: ${report(errors).join("; ")}`))
      )
    )
  )
