import { showShape } from "../dataflow/shape.js"
import { showType } from "../dataflow/type.js"
import { maskField } from "../options/fields.js"
import { resolve } from "../options/resolve.js"
import { key } from "../random/index.js"
import { Tree } from "../tree/index.js"
import { chosen, type Mask } from "../tree/mask.js"
import { checkLayer, initLayer, type Closed, type Layer } from "./layer.js"
import { multiplyAdds } from "./multiply-adds.js"
import { observe, type Observed } from "./observe.js"

const fields = {
  /** Which parameters are trained, as for `freeze`: a pattern of paths, several, or another mask. */
  trainable: maskField("none")
}

/** What a summary tells besides. */
export interface SummaryOptions {
  /** Which parameters are trained: a pattern of paths, several, or another mask. Then they are counted apart. */
  readonly trainable?: Mask | undefined
}

/** Lines of cells; numbers are set flush right. */
const table = (
  head: readonly string[],
  lines: readonly (readonly (string | number)[])[],
  total: readonly (string | number)[]
) => {
  const shown = (cell: string | number): string => (typeof cell === "number" ? cell.toLocaleString("en-US") : cell)
  const widths = head.map((word, i) =>
    [...lines, total].reduce((width, line) => Math.max(width, shown(line[i] ?? "").length), word.length)
  )
  const row = (line: readonly (string | number)[]): string =>
    line
      .map((cell, i) => (i < 3 ? shown(cell).padEnd(widths[i] ?? 0) : shown(cell).padStart(widths[i] ?? 0)))
      .join("  ")
      .trimEnd()
  const rule = "─".repeat(widths.reduce((sum, width) => sum + width, 2 * (widths.length - 1)))
  return [rule, row(head), rule, ...lines.map(row), rule, row(total)]
}

const showTypes = (tree: Tree, show?: typeof showShape): string => {
  const names = Tree.paths(tree)
  const shapes = Tree.leaves(tree).map(t => (show === undefined ? showType(t) : show(t.shape)))
  return names.length === 1 ? (shapes[0] ?? "") : names.map((name, i) => `${name} ${shapes[i] ?? ""}`).join(", ")
}

/** A part, or the whole model. */
type Figured = Omit<Observed, "path" | "layer">

/** Products on the way from what a part is given to what it gives. */
const productsOf = ({ output, input, params, state, context }: Figured): number =>
  multiplyAdds(Tree.leaves(output), [input, params, state, context].flatMap(Tree.leaves))

/**
 * Prints the table of a model's parts, a part before those that it is made of: path, layer, shape of the output, number of
 * parameters, elements of the state (if any part has one), multiply-adds; at the end those of the whole model. Nothing is drawn
 * or computed: all is read off the graph.
 *
 * `input`: any batch; multiply-adds, the products that matrix products and convolutions add up, are those of this batch.
 * A part of `repeat` is told of once, with the parameters and the products of one time; a part that is called twice has a line for
 * each call, and its parameters in the first. Keras counts the state of batch
 * normalization with the parameters, as not trainable. Options: `trainable`, which parameters are trained, as a mask; others are a
 * `HyperparameterError`. Throws what `init` and `apply` throw when the layers do not fit.
 *
 * @example
 * import assert from "node:assert"
 * import { zeros } from "thalweg"
 * import { activation, dense, relu, sequential, summary } from "thalweg/nn"
 *
 * const model = sequential({ hidden: dense({ units: 1000 }), relu: activation(relu), head: dense({ units: 10 }) })
 * assert.deepStrictEqual(summary(model, zeros([1, 784])).split("\n"), [
 *   "input f32[1, 784]",
 *   "──────────────────────────────────────────────────────",
 *   "path    layer  output shape  parameters  multiply-adds",
 *   "──────────────────────────────────────────────────────",
 *   "hidden  dense  [1, 1000]        785,000        784,000",
 *   "relu    relu   [1, 1000]              0              0",
 *   "head    dense  [1, 10]           10,010         10,000",
 *   "──────────────────────────────────────────────────────",
 *   "total          [1, 10]          795,010        794,000"
 * ])
 */
export const summary = <
  P extends object,
  S extends object,
  I extends object,
  O extends object,
  C extends object = object
>(
  model: Layer<P, S, I, O, C> & Closed<C>,
  input: NoInfer<I>,
  options: SummaryOptions = {}
): string => {
  const { trainable } = resolve("summary", fields, options)
  const own = checkLayer("summary", model) as unknown as Layer<P, S, I, O> // all of the context may be left out
  const { params, state } = initLayer(own, key(0), input)
  const [output, , parts] = observe(own)(params, state, input, { training: false })
  const whole = { params, state, input, output, context: [] } as unknown as Figured
  const hasState = Tree.size(whole.state) > 0
  const mask = trainable === undefined ? undefined : chosen("summary", trainable, whole.params)
  const paths = Tree.paths(whole.params)
  const sizes = Tree.leaves(whole.params).map(leaf => leaf.shape.reduce((a, b) => a * b, 1))
  /** Trained parameters of a part: those whose path begins with its. */
  const trained = (path: string): number =>
    paths.reduce((sum, name, i) => sum + (mask?.[i] === true && `${name}/`.startsWith(path) ? (sizes[i] ?? 0) : 0), 0)
  /** What a part that is called again has is told where it was called first. */
  const figures = (part: Figured, path: string, isFirst = true): readonly number[] => [
    isFirst ? Tree.size(part.params) : 0,
    ...(mask === undefined ? [] : [isFirst ? trained(path) : 0]),
    ...(hasState ? [isFirst ? Tree.size(part.state) : 0] : []),
    productsOf(part)
  ]
  const head = [
    ...["path", "layer", "output shape", "parameters"],
    ...(mask === undefined ? [] : ["trainable"]),
    ...(hasState ? ["state"] : []),
    "multiply-adds"
  ]
  const firsts = new Map(parts.map(({ path }, i) => [path, i] as const).toReversed())
  const lines = parts.map((part, i) => [
    part.path,
    part.layer.name,
    showTypes(part.output, showShape),
    ...figures(part, `${part.path}/`, firsts.get(part.path) === i)
  ])
  const total = ["total", "", showTypes(whole.output, showShape), ...figures(whole, "")]
  return [`input ${showTypes(whole.input)}`, ...table(head, lines, total)].join("\n")
}
