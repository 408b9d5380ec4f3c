import { sequenceS } from "fp-ts/lib/Apply.js"
import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as t from "io-ts"
import { MAX_ELEMENTS, MAX_RANK, sizeOf } from "../dataflow/shape.js"
import { natural } from "../options/range.js"
import { plain, record } from "./codec.js"
import { all, isRecord, parseJson, validation, writeJson, type Json, type JsonRecord } from "./json.js"
import { below, refuse } from "./problem.js"
import { isStored, stored, type StoredDType } from "./stored.js"

/** What a tensor is, and from where to where it stands in the data. */
type Entry = {
  readonly dtype: StoredDType
  readonly shape: readonly number[]
  readonly data_offsets: readonly [begin: number, end: number]
}

export type NamedEntry = readonly [name: string, entry: Entry]

/** What stands before the data: what there is by name, and strings. */
export interface Header {
  readonly entries: readonly NamedEntry[]
  readonly metadata: Readonly<Record<string, string>>
}

/** The name that is no tensor's: strings stand under it. */
export const METADATA = "__metadata__"

/** So many values are read at most. */
const MAX_VALUES = 2 ** 18

/**
 * The text of a header, the same for all that say the same: that of Python's `json.dumps(…, sort_keys=True, separators=(",", ":"),
 * ensure_ascii=False)`.
 */
export const headerText = ({ entries, metadata }: Header): string =>
  writeJson({ ...Object.fromEntries(entries), [METADATA]: metadata }, keys => [...keys].sort())

const isNaturals = (value: Json | undefined): value is readonly number[] =>
  Array.isArray(value) && value.every(natural.holds)

const isPair = (list: readonly number[]): list is Entry["data_offsets"] => list.length === 2

const FIELDS = ["data_offsets", "dtype", "shape"]

const decodeEntry = (name: string, input: Json): t.Validation<NamedEntry> => {
  if (name === "__proto__") return refuse([], [], name, "another name for a tensor")
  if (!isRecord(input) || Object.keys(input).sort().join() !== FIELDS.join())
    return refuse([], [name], input, `an object of ${FIELDS.join(", ")}`)
  const { dtype, shape, data_offsets: offsets } = input
  if (!isStored(dtype)) return refuse([], [name, "dtype"], dtype, `one of ${Object.keys(stored).join(", ")}`)
  if (!isNaturals(shape) || shape.length > MAX_RANK || !(sizeOf(shape.map(n => n || 1)) <= MAX_ELEMENTS))
    return refuse(
      [],
      [name, "shape"],
      JSON.stringify(shape),
      `at most ${MAX_RANK} whole numbers, for ${MAX_ELEMENTS} elements`
    )
  const bytes = stored[dtype].width * sizeOf(shape)
  return isNaturals(offsets) && isPair(offsets) && offsets[1] - offsets[0] === bytes
    ? t.success([name, { dtype, shape, data_offsets: offsets }])
    : refuse([], [name, "data_offsets"], JSON.stringify(offsets), `two whole numbers that are ${bytes} apart`)
}

const isString = (value: Json | undefined): value is string => typeof value === "string"

const strings = record(plain("a string", isString), "an object of strings")

/** Reads the text of a header. */
export const decodeHeader = (text: string): t.Validation<Header> =>
  pipe(
    text.startsWith("{") ? parseJson(text, [], MAX_VALUES) : refuse([], [], text, "a header that begins with {"),
    E.chain(json => {
      const { [METADATA]: metadata = {} } = json as JsonRecord
      const tensors = Object.entries(json as JsonRecord).filter(([name]) => name !== METADATA)
      return sequenceS(validation)({
        entries: all(tensors, ([name, entry]) => decodeEntry(name, entry)),
        metadata: strings.decode(metadata, below([], METADATA))
      })
    })
  )
