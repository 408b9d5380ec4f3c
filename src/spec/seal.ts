import * as t from "io-ts"
import { crc32c } from "./crc32c.js"
import { headerText, METADATA, type Header, type NamedEntry } from "./header.js"
import { decodeMetadata, encodeMetadata, type Metadata } from "./metadata.js"
import { refuse } from "./problem.js"
import { toUtf8 } from "./utf8.js"

/** Keys of which one says that a file is of ours, and what stands under them. */
const PREFIX = "thalweg."
const VERSION = `${PREFIX}version`
const CHECKSUM = `${PREFIX}crc32c`
const CURRENT = "1"

/** Over the header, as it is written but for this, and the data: over all that a file says, however it is laid out. */
const checksum = (header: Header, data: readonly Uint8Array[]): string =>
  [toUtf8(headerText(header)), ...data]
    .reduce((before, part) => crc32c(part, before), 0)
    .toString(16)
    .padStart(8, "0")

/** The header of a file of ours: with metadata, the version of what they look like, and a checksum. */
export const seal = (entries: readonly NamedEntry[], given: Metadata, data: readonly Uint8Array[]): Header => {
  const metadata = { ...encodeMetadata(given), [VERSION]: CURRENT }
  return { entries, metadata: { ...metadata, [CHECKSUM]: checksum({ entries, metadata }, data) } }
}

/** The metadata of a file. Version and checksum of one of ours have to be right; what others wrote is the user's. */
export const unseal = ({ entries, metadata }: Header, data: Uint8Array): t.Validation<Metadata> => {
  const keys = Object.keys(metadata)
  if (!keys.some(key => key.startsWith(PREFIX))) return t.success(keys.length === 0 ? {} : { user: metadata })
  const { [CHECKSUM]: claimed, ...others } = metadata
  const { [VERSION]: version, ...own } = others
  if (version !== CURRENT) return refuse([], [METADATA, VERSION], version, `the version "${CURRENT}"`)
  const actual = checksum({ entries, metadata: others }, [data])
  return claimed === undefined || claimed === actual
    ? decodeMetadata(own)
    : refuse([], [METADATA, CHECKSUM], claimed, `"${actual}", which is the checksum of what was read`)
}
