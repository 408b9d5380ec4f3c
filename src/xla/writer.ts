import { allocate, isFloat } from "../dataflow/dtype.js"
import type { CompareFn } from "../dataflow/primitive.js"
import { sameShape, sizeOf, type Shape } from "../dataflow/shape.js"
import type { Type } from "../dataflow/type.js"
import type { Program } from "../engine/program/program.js"
import { denseText, listText, typesText, typeText } from "./text.js"

/** A value of the module: its name, `%12`, and its type. */
export interface Named extends Type {
  readonly name: string
}

/** What an operation computes with: the values that it begins with, and what it returns of them. */
export interface Region {
  readonly params: readonly Type[]
  readonly body: (params: readonly Named[]) => readonly Named[]
}

const directions: Readonly<Record<CompareFn, string>> = { eq: "EQ", ne: "NE", lt: "LT", le: "LE", gt: "GT", ge: "GE" }

const namesText = (values: readonly Named[]): string => values.map(({ name }) => name).join(", ")

/** The lines of a module, in order. Every name is given once, so that what stands inside may use what stands before it. */
export class Writer {
  readonly lines: string[] = []
  private count = 0

  /** Writes a program where the values of its inputs are known; gives those of its outputs. */
  readonly inline: (program: Program, inputs: readonly Named[]) => readonly Named[]

  constructor(inline: (w: Writer, program: Program, inputs: readonly Named[]) => readonly Named[]) {
    this.inline = (program, inputs) => inline(this, program, inputs)
  }

  private fresh = ({ shape, dtype }: Type): Named => ({ name: `%${this.count++}`, shape, dtype })

  /** One line with one result. */
  define = (type: Type, text: string): Named => {
    const result = this.fresh(type)
    this.lines.push(`${result.name} = ${text}`)
    return result
  }

  /** `op operands attributes : (types of the operands) -> type`. */
  call = (op: string, operands: readonly Named[], type: Type, attributes = ""): Named =>
    this.define(
      type,
      `stablehlo.${op} ${namesText(operands)}${attributes} : (${typesText(operands)}) -> ${typeText(type)}`
    )

  /** The generic form, which every operation has: with attributes, regions and several results. */
  generic = (
    op: string,
    operands: readonly Named[],
    attributes: string,
    regions: readonly Region[],
    types: readonly Type[]
  ): readonly Named[] => {
    const { name } = this.fresh({ shape: [], dtype: "bool" })
    const count = types.length === 1 ? "" : `:${types.length}`
    const own = attributes === "" ? "" : ` <{${attributes}}>`
    this.lines.push(
      `${name}${count} = "stablehlo.${op}"(${namesText(operands)})${own}${regions.length === 0 ? "" : " ({"}`
    )
    regions.forEach(({ params, body }, i) => {
      if (i > 0) this.lines.push("}, {")
      const given = params.map(this.fresh)
      this.lines.push(`^bb0(${given.map(value => `${value.name}: ${typeText(value)}`).join(", ")}):`)
      const results = body(given)
      this.lines.push(`stablehlo.return ${namesText(results)} : ${typesText(results)}`)
    })
    const signature = ` : (${typesText(operands)}) -> (${typesText(types)})`
    if (regions.length === 0) this.lines.push(`${this.lines.pop() ?? ""}${signature}`)
    else this.lines.push(`})${signature}`)
    return types.map(({ shape, dtype }, i) => ({ name: types.length === 1 ? name : `${name}#${i}`, shape, dtype }))
  }

  /** An operation whose operands and result are all of one type. */
  same = (op: string, ...operands: readonly [Named, ...Named[]]): Named =>
    this.define(
      operands[0],
      `${op.includes(".") ? op : `stablehlo.${op}`} ${namesText(operands)} : ${typeText(operands[0])}`
    )

  /** One number at all places. */
  constant = (type: Type, value: number): Named =>
    this.define(
      type,
      `stablehlo.constant ${sizeOf(type.shape) === 0 ? "dense<>" : denseText(type, allocate(type.dtype, 1).fill(value))} : ${typeText(type)}`
    )

  /** Broadcasts as NumPy does: axes are aligned at the right. */
  spread = (x: Named, shape: Shape): Named => {
    if (sameShape(x.shape, shape)) return x
    const dims = x.shape.map((_, i) => i + shape.length - x.shape.length)
    return this.call("broadcast_in_dim", [x], { shape, dtype: x.dtype }, `, dims = ${listText(dims)}`)
  }

  reshape = (x: Named, shape: Shape): Named =>
    sameShape(x.shape, shape) ? x : this.call("reshape", [x], { shape, dtype: x.dtype })

  transpose = (x: Named, permutation: readonly number[]): Named => {
    if (permutation.every((axis, i) => axis === i)) return x
    const shape = permutation.map(axis => x.shape[axis] ?? 0)
    return this.call("transpose", [x], { shape, dtype: x.dtype }, `, dims = ${listText(permutation)}`)
  }

  iota = (type: Type, axis: number): Named => this.define(type, `stablehlo.iota dim = ${axis} : ${typeText(type)}`)

  convert = (x: Named, dtype: Type["dtype"]): Named =>
    x.dtype === dtype ? x : this.call("convert", [x], { shape: x.shape, dtype })

  compare = (fn: CompareFn, a: Named, b: Named): Named => {
    const kind = isFloat(a.dtype) ? "FLOAT" : a.dtype === "i32" ? "SIGNED" : "UNSIGNED"
    const type: Type = { shape: a.shape, dtype: "bool" }
    return this.define(
      type,
      `stablehlo.compare ${directions[fn]}, ${namesText([a, b])}, ${kind} : (${typesText([a, b])}) -> ${typeText(type)}`
    )
  }

  select = (condition: Named, a: Named, b: Named): Named =>
    this.define(a, `stablehlo.select ${namesText([condition, a, b])} : ${typesText([condition, a])}`)

  /** `x` where the condition holds, a number elsewhere. */
  only = (condition: Named, x: Named, otherwise: number): Named =>
    this.select(condition, x, this.constant(x, otherwise))
}
