import { createHash } from "node:crypto"
import { toUtf8 } from "../../spec/utf8.js"

/** A frame for the runner, which says what each is: the letter, and what follows. */
export type Frame = readonly [kind: "V" | "P" | "U" | "S" | "B" | "G" | "E" | "A", data: Uint8Array]

/** A frame as it is sent: the letter, the length of what follows, and that. */
export const headOf = ([kind, { length }]: Frame): Uint8Array => {
  const view = new DataView(new ArrayBuffer(9))
  view.setUint8(0, kind.charCodeAt(0))
  view.setBigUint64(1, BigInt(length), true)
  return new Uint8Array(view.buffer)
}

/** The programs that a runner has, numbered as they came, from 0. */
export interface Numbering {
  /** The frame by which a runner takes a program, or uses it, where it has it. */
  readonly frameOf: (text: string) => { readonly frame: Frame; readonly isNew: boolean }
  readonly count: () => number
}

export const numbering = (): Numbering => {
  const known = new Map<string, number>()
  return {
    frameOf: text => {
      const name = createHash("sha256").update(text).digest("base64")
      const number = known.get(name)
      if (number !== undefined) return { frame: ["U", toUtf8(`${number}`)], isNew: false }
      known.set(name, known.size)
      return { frame: ["P", toUtf8(text)], isNew: true }
    },
    count: () => known.size
  }
}
