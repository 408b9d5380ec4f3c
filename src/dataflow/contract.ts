import { mul } from "./elementwise.js"
import { fail } from "./error.js"
import type { DotAxes, Tensor } from "./primitive.js"
import { sameDType } from "./rules.js"
import { broadcastShapes, range, showShape, type Shape } from "./shape.js"
import { sum } from "./reduce.js"
import { broadcastTo, expandDims, reshape, transpose } from "./structure.js"
import { apply } from "./tensor.js"

/** The batched dot product over chosen axes. Axes of the result: batch, then the rest of `a`, then the rest of `b`. */
export const dotGeneral = (a: Tensor, b: Tensor, axes: DotAxes): Tensor => apply({ kind: "dot", ...axes }, [a, b])

const product = (a: Tensor, b: Tensor): Tensor => {
  const batch = range(a.shape.length - 2)
  return dotGeneral(a, b, { batch: [batch, batch], contract: [[a.shape.length - 1], [b.shape.length - 2]] })
}

/**
 * The matrix product, as NumPy's `@`.
 *
 * Shapes: `[m, k] · [k, n] → [m, n]`; leading batch axes broadcast; a vector on the left is a row, on the right a column,
 * and its axis disappears from the result. Throws a `ShapeError` when the inner sizes differ.
 */
export const matmul = (a: Tensor, b: Tensor): Tensor => {
  const shown = `${showShape(a.shape)} and ${showShape(b.shape)}`
  sameDType("matmul", a, b)
  if (a.shape.length === 0 || b.shape.length === 0) fail("ShapeError", "matmul", "vectors or matrices", shown)
  if (a.shape.length === 1) {
    const row = matmul(expandDims(a, 0), b)
    return reshape(row, b.shape.length === 1 ? [] : row.shape.toSpliced(-2, 1))
  }
  if (b.shape.length === 1) return reshape(matmul(a, expandDims(b, 1)), a.shape.slice(0, -1))
  if (a.shape.at(-1) !== b.shape.at(-2)) fail("ShapeError", "matmul", "inner sizes to agree", shown)
  const batch = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2))
  const lead = (t: Tensor): Tensor => broadcastTo(t, [...batch, ...t.shape.slice(-2)])
  return product(lead(a), lead(b))
}

/** Every product of an element of `a` with an element of `b`: the shape of `a` followed by the shape of `b`. */
export const outer = (a: Tensor, b: Tensor): Tensor => mul(reshape(a, [...a.shape, ...b.shape.map(() => 1)]), b)

interface Term {
  readonly labels: string
  readonly tensor: Tensor
}

const sumOut = ({ labels, tensor }: Term, keep: (label: string) => boolean): Term => {
  const gone = range(labels.length).filter(axis => !keep(labels[axis] ?? ""))
  return gone.length === 0
    ? { labels, tensor }
    : { labels: [...labels].filter(keep).join(""), tensor: sum(tensor, { axes: gone }) }
}

const positions = (labels: string, wanted: string): readonly number[] => [...wanted].map(label => labels.indexOf(label))

/** Contracts two terms over the labels that they share and that nobody needs later. */
const contractPair = (left: Term, right: Term, later: string): Term => {
  const a = sumOut(left, label => right.labels.includes(label) || later.includes(label))
  const b = sumOut(right, label => a.labels.includes(label) || later.includes(label))
  const shared = [...a.labels].filter(label => b.labels.includes(label))
  const batch = shared.filter(label => later.includes(label)).join("")
  const contract = shared.filter(label => !later.includes(label)).join("")
  const rest = (term: Term): string => [...term.labels].filter(label => !shared.includes(label)).join("")
  return {
    labels: batch + rest(a) + rest(b),
    tensor: dotGeneral(a.tensor, b.tensor, {
      batch: [positions(a.labels, batch), positions(b.labels, batch)],
      contract: [positions(a.labels, contract), positions(b.labels, contract)]
    })
  }
}

const parseEinsum = (equation: string, count: number): readonly [inputs: readonly string[], output: string] => {
  const [left = "", output, ...more] = equation.replaceAll(" ", "").split("->")
  const inputs = left.split(",")
  const wellFormed = more.length === 0 && [...inputs, output ?? ""].every(labels => /^[a-zA-Z]*$/.test(labels))
  const distinct = [...inputs, output ?? ""].every(labels => new Set(labels).size === labels.length)
  const known = [...(output ?? "")].every(label => inputs.some(labels => labels.includes(label)))
  if (output === undefined || !wellFormed || !distinct || !known || inputs.length !== count)
    return fail(
      "ShapeError",
      "einsum",
      `an equation such as "ij,jk->ik" with ${count} inputs and distinct labels in each`,
      `"${equation}"`
    )
  return [inputs, output]
}

const checkLabels = (equation: string, terms: readonly Term[]): void => {
  const sizes = new Map<string, number>()
  for (const { labels, tensor } of terms) {
    const shape: Shape = tensor.shape
    if (labels.length !== shape.length)
      fail("ShapeError", "einsum", `rank ${labels.length} for "${labels}"`, showShape(shape))
    ;[...labels].forEach((label, axis) => {
      const size = sizes.get(label) ?? shape[axis] ?? 0
      if (size !== shape[axis])
        fail("ShapeError", "einsum", `one size for "${label}" in "${equation}"`, `${size} and ${shape[axis] ?? 0}`)
      sizes.set(label, size)
    })
  }
}

/**
 * Sums products over labelled axes: `einsum("bij,bjk->bik", a, b)`. Labels that are missing from the output are summed.
 * Terms are contracted from left to right. A label may not repeat within one term.
 */
export const einsum = (equation: string, ...tensors: readonly Tensor[]): Tensor => {
  const [inputs, output] = parseEinsum(equation, tensors.length)
  const terms = tensors.map((tensor, i): Term => ({ labels: inputs[i] ?? "", tensor }))
  checkLabels(equation, terms)
  const [head, ...rest] = terms
  if (head === undefined) return fail("ShapeError", "einsum", "at least one tensor", "none")
  for (const term of rest) sameDType("einsum", head.tensor, term.tensor)
  const all = rest.reduce((left, right, i) => contractPair(left, right, output + inputs.slice(i + 2).join("")), head)
  const last = sumOut(all, label => output.includes(label))
  return transpose(last.tensor, positions(last.labels, output))
}
