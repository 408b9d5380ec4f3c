import * as E from "fp-ts/lib/Either.js"
import type { Errors } from "io-ts"
import { report } from "thalweg/spec"

/** What was decoded, which has to be right. */
export const rightOf = <A>(decoded: E.Either<Errors, A>): A => {
  if (E.isLeft(decoded)) throw new Error(report(decoded.left).join("\n"))
  return decoded.right
}

/** The lines of a refusal; none if there was none. */
export const refusal = (decoded: E.Either<Errors, unknown>): readonly string[] =>
  E.isLeft(decoded) ? report(decoded.left, 20) : []

/** A file with a header, whatever it is, and data; the length says of the header how long it is. */
export const fileOf = (header: string | object, data: Uint8Array = new Uint8Array(), length?: number): Uint8Array => {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header))
  const first = Buffer.alloc(8)
  first.writeBigUInt64LE(BigInt(length ?? text.length))
  return Uint8Array.from(Buffer.concat([first, text, data]))
}

/** The header of a file, and its data. */
export const partsOf = (file: Uint8Array): readonly [header: string, data: Uint8Array] => {
  const end = 8 + Number(Buffer.from(file).readBigUInt64LE())
  return [Buffer.from(file.slice(8, end)).toString(), file.slice(end)]
}
