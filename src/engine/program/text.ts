import { sizeOf } from "../../dataflow/shape.js"
import { showType } from "../../dataflow/type.js"
import type { Value } from "../../dataflow/value.js"
import type { Program, ProgramOp } from "./program.js"

/** Constants of so few elements are told by these, others by who they are. */
const FEW = 16

const numbers = new WeakMap<Value, number>()
let given = 0

/** A number that no other value has. */
const numberOf = (value: Value): number => {
  const number = numbers.get(value) ?? given++
  numbers.set(value, number)
  return number
}

const show = (x: number): string => (Object.is(x, -0) ? "-0" : String(x))

/** The same text for constants with the same bits, if they are small. (Every NaN is one.) */
export const constText = (value: Value): string =>
  sizeOf(value.type.shape) <= FEW
    ? `${showType(value.type)} ${Array.from(value.read(), show).join()}`
    : `${showType(value.type)} #${numberOf(value)}`

const texts = new WeakMap<ProgramOp, string>()

/** The same text for primitives that do the same. Many steps share their primitive, and are asked twice. */
export const opText = (op: ProgramOp): string => {
  if (op.kind === "scan") {
    const { captured, carried, length, reverse, counted, exits, body } = op
    return `scan ${[captured, carried, length, reverse, counted, exits].join(" ")} {${textOf(body)}}`
  }
  const text = texts.get(op) ?? JSON.stringify(op)
  texts.set(op, text)
  return text
}

/** The same text for programs that do the same in the same order. */
export const textOf = ({ inputs, consts, steps, outputs }: Program): string => {
  const lines = [inputs.map(showType).join(), consts.map(constText).join(";")]
  for (const { op, args } of steps) lines.push(`${opText(op)} ${args.join()}`)
  return [...lines, outputs.join()].join("\n")
}

/** Two hashes of 32 bits (FNV-1a, from two starts) as a short text. */
export const hashOf = (text: string): string => {
  let [a, b] = [0x811c9dc5, 0x01234567]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 0x01000193)
    b = Math.imul(b ^ code, 0x85ebca6b)
    b ^= b >>> 13
  }
  return `${(a >>> 0).toString(36)}.${(b >>> 0).toString(36)}`
}
