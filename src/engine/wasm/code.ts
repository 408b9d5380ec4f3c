/** A piece of WebAssembly, as bytes in nested lists; `bytesOf` flattens it. Instructions stand after their operands. */
export type Code = number | readonly Code[]

/** The types of values. */
export const I32 = 0x7f
export const F32 = 0x7d
export const F64 = 0x7c
export const V128 = 0x7b

export type ValueType = typeof I32 | typeof F32 | typeof F64 | typeof V128

const append = (code: Code, bytes: number[]): void => {
  if (typeof code === "number") bytes.push(code)
  else for (const part of code) append(part, bytes)
}

export const bytesOf = (code: Code): readonly number[] => {
  const bytes: number[] = []
  append(code, bytes)
  return bytes
}

/** A natural number below 2³², seven bits a byte, the lowest first (LEB128). */
export const natural = (n: number): Code => {
  const bytes: number[] = []
  let rest = n >>> 0
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}

/** A 32-bit integer, likewise; the highest bit of the last byte's seven is the sign. */
const integer = (n: number): Code => {
  const bytes: number[] = []
  let rest = n | 0
  for (; rest < -0x40 || rest >= 0x40; rest >>= 7) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest & 0x7f]
}

export const i32 = (n: number): Code => [0x41, integer(n)]

/** A vector with the bytes of some numbers. */
export const vector = ({ buffer }: Uint8Array | Int32Array | Float32Array | Float64Array): Code => [
  ...[0xfd, 0x0c],
  [...new Uint8Array(buffer)]
]

/** A vector of one number in every lane. */
export const splatF32 = (x: number): Code => vector(new Float32Array(4).fill(x))
export const splatF64 = (x: number): Code => vector(new Float64Array(2).fill(x))
export const splatI32 = (x: number): Code => vector(new Int32Array(4).fill(x))

export const get = (local: number): Code => [0x20, natural(local)]
export const set = (local: number, value: Code): Code => [value, 0x21, natural(local)]
/** Sets locals to the results of a call. */
export const setAll = (locals: readonly number[], values: Code): Code => [
  values,
  locals.toReversed().map((local): Code => [0x21, natural(local)])
]
export const tee = (local: number, value: Code): Code => [value, 0x22, natural(local)]
/** The variable that all functions share. */
export const getShared: Code = [0x23, 0]
export const setShared = (value: Code): Code => [value, 0x24, 0]
export const call = (fn: number, ...args: readonly Code[]): Code => [...args, 0x10, natural(fn)]

/** An instruction of one byte. */
export const plain = (opcode: number, ...args: readonly Code[]): Code => [...args, opcode]
/** An instruction on vectors. */
export const simd = (opcode: number, ...args: readonly Code[]): Code => [...args, 0xfd, natural(opcode)]

const binary =
  (opcode: number) =>
  (a: Code, b: Code): Code =>
    plain(opcode, a, b)

/** Of 32-bit integers. */
export const [add, sub, mul, and, or] = [binary(0x6a), binary(0x6b), binary(0x6c), binary(0x71), binary(0x72)]
/** Of 32-bit integers with a sign. */
export const [isEqual, isLess, isAtLeast] = [binary(0x46), binary(0x48), binary(0x4e)]
export const isZero = (x: Code): Code => plain(0x45, x)
/** Adds to a local. */
export const advance = (local: number, by: Code): Code => set(local, add(get(local), by))
/** Ends the function with what is on the stack. */
export const leave = 0x0f

/** A load or store of one element; alignment is a hint that nobody needs. */
export const access = (opcode: number, args: readonly Code[], offset = 0): Code => [...args, opcode, 0, natural(offset)]
/** A load or store of a vector, or of a part of one into or out of all of it. */
export const vectorAccess = (opcode: number, args: readonly Code[], offset = 0): Code => [
  ...args,
  0xfd,
  natural(opcode),
  0,
  natural(offset)
]
/** A load or store of one lane. */
export const laneAccess = (opcode: number, lane: number, args: readonly Code[], offset = 0): Code => [
  vectorAccess(opcode, args, offset),
  lane
]

/** The 32-bit lanes of two vectors, by number: those of the second from 4. */
export const shuffle = (lanes: readonly number[], a: Code, b: Code): Code => [
  a,
  b,
  0xfd,
  0x0d,
  lanes.map(lane => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3])
]

export const when = (condition: Code, then: Code): Code => [condition, 0x04, 0x40, then, 0x0b]

export const either = (condition: Code, then: Code, otherwise: Code): Code => [
  ...[condition, 0x04, 0x40, then],
  ...[0x05, otherwise, 0x0b]
]

/** One of two values that are both computed. */
export const choose = (condition: Code, then: Code, otherwise: Code): Code => [then, otherwise, condition, 0x1b]

/** Repeats what leaves a condition on the stack while that is not 0. */
export const repeatWhile = (body: Code, condition: Code): Code => [0x03, 0x40, body, condition, 0x0d, 0, 0x0b]

/** Runs `body` for `counter` = 0, step, 2·step, … below `end`, which is above 0. */
export const upTo = (counter: number, end: Code, step: number, body: Code): Code => [
  set(counter, i32(0)),
  repeatWhile([body, advance(counter, i32(step))], isLess(get(counter), end))
]

/** Repeats something `count` times, which is more than 0. */
export const times = (count: Code, locals: Locals, body: Code): Code => {
  const left = locals.fresh(I32)
  return [set(left, count), repeatWhile(body, tee(left, sub(get(left), i32(1))))]
}

export const copyBytes = (to: Code, from: Code, length: Code): Code => [to, from, length, 0xfc, 0x0a, 0, 0]

/** Sets `length` bytes from an address to 0. */
export const clear = (address: Code, length: Code): Code => [address, i32(0), length, 0xfc, 0x0b, 0]

/** A function: its parameters are the first locals. */
export interface Func {
  readonly params: readonly ValueType[]
  readonly results?: readonly ValueType[]
  readonly locals: readonly ValueType[]
  readonly code: Code
}

/** Hands out the locals of a function, numbered after its parameters. */
export class Locals {
  readonly types: ValueType[] = []
  constructor(private readonly params: number) {}
  fresh(type: ValueType): number {
    return this.params + this.types.push(type) - 1
  }
}

/** A function of integers: its parameters and some more locals for integers, by name. */
export const functionOf = <N extends string>(
  params: readonly N[],
  more: readonly N[],
  body: (local: Readonly<Record<N, number>>, locals: Locals) => Code,
  results: readonly ValueType[] = []
): Func => {
  const locals = new Locals(params.length)
  const numbers = [...params.map((_, i) => i), ...more.map(() => locals.fresh(I32))]
  const local = Object.fromEntries([...params, ...more].map((name, i) => [name, numbers[i]!])) as Record<N, number>
  const code = body(local, locals)
  return { params: params.map(() => I32), results, locals: locals.types, code }
}
