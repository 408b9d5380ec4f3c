import { showType, type Type } from "../../dataflow/type.js"
import type { Group } from "./group.js"
import type { Call } from "./node.js"
import type { Planned } from "./planned.js"

/** What runs, one after the other, to be read by a person. */
export interface Kernel {
  readonly group: Group
  readonly text: string
  /** Bytes that are read and written. */
  readonly bytes: number
  /** Operations on numbers. */
  readonly operations: number
}

const isEmpty = ({ shape }: Type): boolean => shape.includes(0)

/** Why the interpreter runs a step. */
export const reasonOf = ({ step: { outs }, argTypes }: Call): string =>
  [...argTypes, ...outs].some(isEmpty) ? "an axis is empty" : "it has no code of its own"

const prefixes = ["", "k", "M", "G", "T"] as const

/** Three digits of a number, with a unit. */
const scaled = (n: number, unit: string, [prefix, ...more]: readonly string[] = prefixes): string =>
  n >= 1000 && more.length > 0 ? scaled(n / 1000, unit, more) : `${Number(n.toPrecision(3))} ${prefix}${unit}`

const total = (kernels: readonly Kernel[], of: "bytes" | "operations"): number =>
  kernels.reduce((n, kernel) => n + kernel[of], 0)

const costOf = ({ bytes, operations }: Kernel): string =>
  [scaled(bytes, "B"), ...(operations === 0 ? [] : [scaled(operations, "FLOP")])].join(", ")

/** Kernels, each in a line: what it is, the bytes that it moves, its operations, and what of it is in memory. */
export const linesOf = (
  { grouped: { into }, placed: { homes } }: Planned,
  kernels: readonly Kernel[]
): readonly string[] =>
  kernels.map(kernel => {
    const written = kernel.group.nodes.filter(node => homes.has(node) || into.has(node))
    return `  ${kernel.text}; ${costOf(kernel)} → ${written.map(showType).join(", ")}`
  })

/** A plan, to be read by a person. */
export const explained = (plan: Planned, moduleBytes: number, kernels: readonly Kernel[]): string => {
  const { scratch, apart } = plan.placed
  const memory = `${scratch} bytes of scratch, in place of ${apart}`
  const sum = `${kernels.length} kernels, which move ${scaled(total(kernels, "bytes"), "B")} for ${scaled(total(kernels, "operations"), "FLOP")}`
  return [`WebAssembly of ${moduleBytes} bytes; ${memory}; ${sum}:`, ...linesOf(plan, kernels)].join("\n")
}
