import type { DType } from "../../dataflow/dtype.js"
import {
  get,
  i32,
  isZero,
  leave,
  Locals,
  set,
  shuffle,
  simd,
  splatF64,
  splatI32,
  V128,
  vectorAccess,
  when,
  type Code,
  type Func
} from "./code.js"
import { callLent } from "./functions.js"
import { demoted, promoted } from "./lanes.js"
import type { Fn } from "./node.js"

// Words for functions of four f64 at once, in which `elementary.ts` says what they compute.

/** Four f64 in two vectors, or what else has their bits. */
export type Four = readonly [Code, Code]

export type Columns = readonly [Four, Four]

const halves = (f: (half: 0 | 1) => Code): Four => [f(0), f(1)]
const unary =
  (opcode: number, ...more: readonly Code[]) =>
  (a: Four): Four =>
    halves(i => simd(opcode, a[i], ...more))
const binary =
  (opcode: number) =>
  (a: Four, b: Four): Four =>
    halves(i => simd(opcode, a[i], b[i]))

export const [abs, neg, floor] = [unary(0xec), unary(0xed), unary(0x75)]
const plus = binary(0xf0)
export const [sub, mul, div] = [binary(0xf1), binary(0xf2), binary(0xf3)]
export const add = (first: Four, ...rest: readonly Four[]): Four => rest.reduce(plus, first)
/** The lesser or the greater; the first if it is NaN. */
export const [least, most] = [binary(0xf6), binary(0xf7)]
export const [eq, lt, gt, ge] = [binary(0x47), binary(0x49), binary(0x4a), binary(0x4c)]
export const [and, or] = [binary(0x4e), binary(0x50)]
export const choose = (condition: Four, a: Four, b: Four): Four => halves(i => simd(0x52, a[i], b[i], condition[i]))
/** The same number four times. */
export const c = (x: number): Four => halves(() => splatF64(x))

/** Rounded to f32. */
export const rounded = (x: Four): Four => unary(0x5f)(unary(0x5e)(x))

/** A whole number as two words, of which the lower one counts. */
export const whole = (k: Four): Four => add(k, c(1.5 * 2 ** 52))
/** The same word eight times. */
export const words = (x: number): Four => halves(() => splatI32(x))
export const [addWords, subWords] = [binary(0xae), binary(0xb1)]
const wordsUp = (x: Four, bits: number): Four => unary(0xab, i32(bits))(x)
export const wordsDown = (x: Four, bits: number): Four => unary(0xac, i32(bits))(x)

/** The lowest twelve bits of doubles as those of the sign and the exponent. */
export const asExponent = (x: Four): Four => unary(0xcb, i32(52))(x)
/** Doubles less others, both as whole numbers of 64 bits. */
export const subBits = binary(0xd1)

/** The upper words, as whole numbers of 64 bits and as doubles. */
export const upperWords = (x: Four): Columns => {
  const upper = halves(i => shuffle([1, 3, 1, 3], x[i], x[i]))
  return [unary(0xc7)(upper), unary(0xfe)(upper)]
}

/** The bytes of a row of a table: two f64. */
export const ROW = 16

/** A function of four floats that is being written down. */
export class Writing {
  private readonly params: readonly (typeof V128)[]
  private readonly locals: Locals
  private readonly statements: Code[] = []
  readonly args: readonly Four[]

  constructor(
    private readonly fn: Fn,
    private readonly dtype: DType,
    private readonly tables: number
  ) {
    const arity = fn === "pow" ? 2 : 1
    this.params = Array.from({ length: dtype === "f64" ? 2 * arity : arity }, () => V128)
    this.locals = new Locals(this.params.length)
    this.args = Array.from({ length: arity }, (_, k) => {
      if (dtype === "f64") return halves(i => get(2 * k + i))
      return this.keep(promoted(get(k)))
    })
  }

  private keepVector(value: Code): Code {
    const local = this.locals.fresh(V128)
    this.statements.push(set(local, value))
    return get(local)
  }

  /** A value that is used more than once. */
  keep(value: Four): Four {
    return halves(i => this.keepVector(value[i]))
  }

  /** The columns of a table, in rows by numbers of so many bits, which begin at a bit of the lower or upper words. */
  look(table: number, from: Four, begin: number, bits: number, word: 0 | 1 = 0): Columns {
    const shifted = begin < 4 ? wordsUp(from, 4 - begin) : wordsDown(from, begin - 4)
    const places = this.keep(and(shifted, words(ROW * (2 ** bits - 1))))
    const row = (i: 0 | 1, lane: number): Code =>
      this.keepVector(vectorAccess(0x00, [[simd(0x1b, places[i]), lane]], this.tables + table))
    const found = ([0, 1] as const).map(i => [row(i, word), row(i, word + 2)] as const)
    const column = (lanes: readonly number[]): Four => this.keep(halves(i => shuffle(lanes, ...found[i]!)))
    return [column([0, 1, 4, 5]), column([2, 3, 6, 7])]
  }

  /** Four f64 as the dtype has them. */
  private given(value: Four): readonly Code[] {
    return this.dtype === "f64" ? value : [demoted(value)]
  }

  /** The function with a result. */
  done(value: Four): Func {
    const result = this.given(value)
    const code = [this.statements, result]
    return { params: this.params, results: result.map(() => V128), locals: this.locals.types, code }
  }

  /** Returns what the interpreter computes, unless all four are in a range. */
  within(range: Four): void {
    const lent = (i: 0 | 1, lane: 0 | 1): Code => {
      const numbers = this.args.map((arg): Code => [simd(0x21, arg[i]), lane])
      return callLent(this.fn, "f64", numbers)
    }
    const other = halves(i => [simd(0x22, simd(0x14, lent(i, 0)), lent(i, 1)), 1])
    const isOutside = isZero(simd(0xc3, simd(0x4e, ...range)))
    this.statements.push(when(isOutside, [this.given(other), leave]))
  }
}
