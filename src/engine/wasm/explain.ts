import { describeKeys } from "../../dataflow/describe.js"
import { loopName } from "../../dataflow/attributes.js"
import { UNBOUNDED } from "../../dataflow/primitive.js"
import { showType } from "../../dataflow/type.js"
import type { Paths } from "../engine.js"
import type { Scan } from "../program/program.js"
import type { Group } from "./group.js"
import type { Call, Node } from "./node.js"
import type { Planned } from "./place.js"
import { isEmpty } from "./view.js"

/** What runs, one after the other, to be read by a person. */
export interface Kernel {
  readonly group: Group
  readonly text: string
  /** Bytes that are read and written. */
  readonly bytes: number
  /** Operations on numbers. */
  readonly operations: number
}

/** Whether it is known how often a loop runs. */
export const isFixed = ({ counted, exits }: Scan): boolean => !counted && !exits

/** How often a loop runs; where that is not known, what is said of it is said of one time. */
export const timesOf = (scan: Scan): string => {
  if (isFixed(scan)) return `${scan.length} times`
  const { length } = scan
  const most = length === UNBOUNDED ? "any number of times" : `at most ${length === 1 ? "once" : `${length} times`}`
  return `${loopName(scan)}, ${most}, each`
}

/** Why the interpreter runs a step. */
export const reasonOf = ({ step: { outs }, argTypes }: Call): string =>
  [...argTypes, ...outs].some(isEmpty) ? "an axis is empty" : "it has no code of its own"

const prefixes = ["", "k", "M", "G", "T"] as const

/** Three digits of a number, with a unit. */
const scaled = (n: number, unit: string, [prefix, ...more]: readonly string[] = prefixes): string =>
  n >= 1000 && more.length > 0 ? scaled(n / 1000, unit, more) : `${Number(n.toPrecision(3))} ${prefix}${unit}`

export const total = (kernels: readonly Kernel[], of: "bytes" | "operations"): number =>
  kernels.reduce((n, kernel) => n + kernel[of], 0)

const costOf = ({ bytes, operations }: Kernel): string =>
  [scaled(bytes, "B"), ...(operations === 0 ? [] : [scaled(operations, "FLOP")])].join(", ")

/** Which arguments a kernel reads, and which results it writes. */
const pathsOf = ({ group }: Kernel, { graph, grouped }: Planned, paths: Paths): string => {
  const [{ nodes }, { inPlace, into }] = [group, grouped]
  const read = nodes.flatMap(({ args }) => args.flatMap(({ node }) => (node.kind === "argument" ? [node.index] : [])))
  const own = new Set<Node>(nodes.map(node => into.get(node)?.node ?? node))
  const written = (isOver: boolean): readonly string[] =>
    paths.results.filter((_, i) => {
      const output = graph.outputs[i]!
      return output.kind === "node" && own.has(output.node) && inPlace.has(output.node) === isOver
    })
  const lists = {
    reads: [...new Set(read)].map(i => paths.args[i]!),
    writes: written(false),
    "in place": written(true)
  }
  const parts = Object.entries(lists).flatMap(([what, names]) =>
    names.length === 0 ? [] : [`${what} ${describeKeys(names)}`]
  )
  return parts.length === 0 ? "" : `\n    ${parts.join("; ")}`
}

/** Kernels, each in a line: what it is, the bytes that it moves, its operations, and what of it is in memory. */
export const linesOf = (plan: Planned, kernels: readonly Kernel[], paths?: Paths): readonly string[] =>
  kernels.map(kernel => {
    const { grouped, placed } = plan
    const written = kernel.group.nodes.filter(node => placed.homes.has(node) || grouped.into.has(node))
    const line = `  ${kernel.text}; ${costOf(kernel)} → ${written.map(showType).join(", ")}`
    return paths === undefined ? line : `${line}${pathsOf(kernel, plan, paths)}`
  })

const LEGEND =
  "(loop[…]: one pass over arrays of these sizes; product: of matrices, batches×rows×depth×columns; others: single numbers, or a call; →: what is put into memory; in place: over the argument at its place, when a fold carries it)"

/** A plan, to be read by a person. */
export const explained = (plan: Planned, moduleBytes: number, kernels: readonly Kernel[], paths?: Paths): string => {
  const { scratch, apart } = plan.placed
  const memory = `${scratch} bytes of scratch, in place of ${apart}`
  const sum = `${kernels.length} kernels, which move ${scaled(total(kernels, "bytes"), "B")} for ${scaled(total(kernels, "operations"), "FLOP")}`
  const title = `WebAssembly of ${moduleBytes} bytes; ${memory}; ${sum}:`
  return [title, LEGEND, ...linesOf(plan, kernels, paths)].join("\n")
}
