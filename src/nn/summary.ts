import type { Tensor } from "../dataflow/primitive.js"
import { checkShape, showShape, type Shape } from "../dataflow/shape.js"
import { key } from "../random/index.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { checkLayer, type Layer } from "./layer.js"

interface Row {
  readonly name: string
  readonly outputShape: Shape
  readonly params: number
}

/** One row for each layer that is not made of others, depth first; nothing is drawn or computed. */
const rowsOf = <P extends Tree, S extends Tree>(
  layer: Layer<P, S>,
  seed: Tensor,
  inputShape: Shape,
  indent: string
): readonly Row[] => {
  const { params, outputShape } = layer.init(seed, inputShape)
  const row = { name: `${indent}${layer.name}`, outputShape, params: Tree.size(params) }
  if (layer.layers === undefined) return [row]
  let shape = inputShape
  const inner = layer.layers.flatMap(part => {
    const rows = rowsOf(part, seed, shape, `${indent}  `)
    shape = rows[0]?.outputShape ?? shape
    return rows
  })
  return [row, ...inner]
}

const number = (n: number): string => n.toLocaleString("en-US")

/**
 * Prints the table of layers: name, shape of the output (without the batch axis), number of parameters. A layer made of
 * others comes before them, with their sum.
 *
 * Shapes are found by `init`; nothing is drawn or computed. Throws what `init` throws when the layers do not fit.
 *
 * @example
 * import assert from "node:assert"
 * import { activation, dense, relu, sequential, summary } from "thalweg/nn"
 *
 * const lines = summary(sequential(dense(1000), activation(relu), dense(10)), [784]).split("\n")
 * assert.deepStrictEqual(lines, [
 *   "input [784]",
 *   "────────────────────────────────────",
 *   "layer       output shape  parameters",
 *   "────────────────────────────────────",
 *   "sequential  [10]             795,010",
 *   "  dense     [1000]           785,000",
 *   "  relu      [1000]                 0",
 *   "  dense     [10]              10,010"
 * ])
 */
export const summary = <P extends TreeLike<P>, S extends TreeLike<S>>(
  model: Layer<P, S>,
  inputShape: Shape
): string => {
  const rows = rowsOf(checkLayer("summary", model), key(0), checkShape("summary", inputShape), "")
  const cells = [
    ["layer", "output shape", "parameters"],
    ...rows.map(row => [row.name, showShape(row.outputShape), number(row.params)])
  ]
  const widths = [0, 1, 2].map(column => Math.max(...cells.map(line => (line[column] ?? "").length)))
  const lines = cells.map(line =>
    line.map((cell, i) => (i === 2 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join("  ")
  )
  const rule = "─".repeat(widths.reduce((sum, width) => sum + width, 4))
  return [`input ${showShape(inputShape)}`, rule, ...lines.slice(0, 1), rule, ...lines.slice(1)].join("\n")
}
