import { mkdir, readFile, stat, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import { pipe } from "fp-ts/lib/function.js"

/** Files larger than this are refused before they are read. */
const MAX_BYTES = 2 ** 29

const attempt = <A>(action: () => Promise<A>): TaskEither<Error, A> => TE.tryCatch(action, E.toError)

/** Reads a JSON file of at most 512 MiB. What it holds is unknown: decode it. The `Left` says why it could not be read. */
export const readJson = (path: string): TaskEither<Error, unknown> =>
  pipe(
    attempt(() => stat(path)),
    TE.filterOrElse(
      ({ size }) => size <= MAX_BYTES,
      ({ size }) => new Error(`${path}: expected at most ${MAX_BYTES} bytes; got ${size}`)
    ),
    TE.flatMap(() => attempt(() => readFile(path, "utf8"))),
    TE.flatMapEither(text =>
      E.tryCatch(
        () => JSON.parse(text) as unknown,
        cause => new Error(`${path}: expected JSON; got ${E.toError(cause).message}`)
      )
    )
  )

/** Writes text to a file, and makes the folders above it. */
export const writeText = (path: string, text: string): TaskEither<Error, void> =>
  pipe(
    attempt(() => mkdir(dirname(path), { recursive: true })),
    TE.flatMap(() => attempt(() => writeFile(path, text)))
  )
