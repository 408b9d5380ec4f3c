import type { AnyOptimizer } from "../optimizer/optimizer.js"
import { doc } from "./doc.js"
import { write } from "./notation.js"
import { listingOf, type Listing } from "./listing.js"
import { numberOf, type Term } from "./term.js"
import { text } from "./text.js"
import { symbolicStep, type ShowOptions } from "./step.js"
import type { TreeLike } from "../tree/index.js"

const entities: Readonly<Record<string, string>> = {
  "#": "#35;",
  '"': "#quot;",
  "<": "#lt;",
  ">": "#gt;",
  "&": "#amp;"
}

/** A label between quotation marks, where `#` begins an entity. */
const quoted = (label: string): string => `"${label.replace(/[#"<>&]/g, character => entities[character] ?? "")}"`

/** `a` to `z`, then `aa`, `ab`, …, as the columns of a spreadsheet are called. */
const letters = (i: number): string =>
  (i < 26 ? "" : letters(Math.floor(i / 26) - 1)) + String.fromCodePoint(97 + (i % 26))

/** The term as a formula of its arguments: numbers written out, others as `a`, `b`, …, or `□` if there is only one. */
const labelOf = (t: Term): readonly [label: string, names: readonly string[]] => {
  const { args } = t
  const inputs = [...new Set(args.filter(a => numberOf(a) === undefined))]
  const names = new Map(inputs.map((a, i) => [a, inputs.length > 1 ? letters(i) : "□"]))
  const nameOf = (a: Term): string => names.get(a) ?? ""
  const written = args.map(a => (numberOf(a) === undefined ? doc(nameOf(a)) : write(text, a, [])))
  return [text.show(write(text, t, written)), inputs.map(nameOf)]
}

const mermaid = ({ equations, terms }: Listing): string => {
  const results = new Set(equations.map(({ term }) => term))
  const nodes = terms.filter(t => numberOf(t) === undefined || results.has(t))
  const ids = new Map(nodes.map((t, i) => [t, `n${i}`]))
  const idOf = (t: Term): string => ids.get(t) ?? ""
  const drawn = nodes.flatMap(t => {
    const [label, names] = labelOf(t)
    const node = t.head.kind === "symbol" ? `${idOf(t)}([${quoted(label)}])` : `${idOf(t)}[${quoted(label)}]`
    const inputs = [...new Set(t.args.filter(a => numberOf(a) === undefined))]
    const edges = inputs.map((a, i) => `${idOf(a)} -->${inputs.length > 1 ? `|${names[i] ?? ""}|` : ""} ${idOf(t)}`)
    return [node, ...edges]
  })
  const [gradients, others] = [true, false].map(is => equations.filter(({ kind }) => (kind === "gradient") === is))
  const taken = (gradients ?? []).map(({ name, term }) => {
    const gradient = nodes.find(({ head }) => head.kind === "symbol" && head.name === name)
    return `${idOf(term)} --> ${idOf(gradient ?? term)}`
  })
  const ends = (others ?? []).flatMap(({ name, term }, i) => [
    `r${i}([${quoted(`${text.show(text.symbol(name))}'`)}])`,
    `${idOf(term)} --> r${i}`
  ])
  return ["graph LR", ...[...drawn, ...taken, ...ends].map(line => `  ${line}`), ""].join("\n")
}

/**
 * Draws what one step of an optimizer computes, as a graph for Mermaid: from the parameter, the gradient and the state
 * to what they are after the step, with a prime, and to what is
 * deployed, if that is something else.
 *
 * It shows the terms of `equations`, each once: a box says what is made of `a`, `b`, …, which come along the arrows with
 * these names, or of `□`, the only one. Where the gradient is to be taken elsewhere than at the parameter, an arrow
 * leads to it from `∇f(□)`. The options are those of `equations`. The same optimizer gives the same text. Throws what
 * `equations` throws.
 *
 * @example
 * import assert from "node:assert"
 * import { sgd } from "thalweg/optimizer"
 * import { dataflow } from "thalweg/show"
 *
 * assert.strictEqual(
 *   dataflow(sgd({ learningRate: 0.1 })),
 *   `graph LR
 *   n0(["p"])
 *   n1(["g"])
 *   n2["-0.1·□"]
 *   n1 --> n2
 *   n3["a + b"]
 *   n0 -->|a| n3
 *   n2 -->|b| n3
 *   r0(["p'"])
 *   n3 --> r0
 * `
 * )
 */
export const dataflow = <P extends TreeLike<P>>(optimizer: AnyOptimizer, options: ShowOptions<P> = {}): string =>
  mermaid(listingOf(symbolicStep("dataflow", optimizer, options)))
