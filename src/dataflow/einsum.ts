import { checkTensors } from "./check.js"
import { dotGeneral } from "./contract.js"
import { describeValue } from "./describe.js"
import { fail } from "./error.js"
import { diagonal } from "./matrix.js"
import type { Tensor } from "./primitive.js"
import { sum } from "./reduce.js"
import * as shapes from "./rules.js"
import { range, showShape } from "./shape.js"
import { squeeze, transpose } from "./structure.js"

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

/** The output that is not written: the axes of `...`, then the letters that stand once, in the order of the alphabet. */
const impliedBy = (inputs: readonly string[]): string => {
  const letters = [...inputs.map(lettersOf).join("")]
  const once = letters.filter(letter => letters.indexOf(letter) === letters.lastIndexOf(letter))
  return (inputs.some(labels => labels.includes("...")) ? "..." : "") + once.sort().join("")
}

const parseEinsum = (equation: string, count: number): readonly [inputs: readonly string[], output: string] => {
  if (typeof equation !== "string") fail("DataError", "einsum", "an equation, then tensors", describeValue(equation))
  const [left = "", written, ...more] = equation.replaceAll(" ", "").split("->")
  const inputs = left.split(",")
  const output = written ?? impliedBy(inputs)
  const wellFormed = more.length === 0 && [...inputs, output].every(labels => TERM.test(labels))
  const letters = lettersOf(output)
  const distinct = new Set(letters).size === letters.length
  const known = [...letters].every(label => inputs.some(labels => labels.includes(label)))
  if (!wellFormed || !distinct || !known || inputs.length !== count)
    return fail(
      "ShapeError",
      "einsum",
      `an equation such as "ij,jk->ik" with ${count} inputs and distinct labels in the output`,
      `"${equation}"`
    )
  return [inputs, output]
}

/** Letters, and at one place among them perhaps `...`. */
const TERM = /^[a-zA-Z]*(\.{3})?[a-zA-Z]*$/

const lettersOf = (labels: string): string => labels.replace("...", "")

/** What no equation contains: the labels of the axes that `...` stands for, from here on, counted from the last. */
const UNNAMED = 0xe000

const isUnnamed = (label: string): boolean => label.charCodeAt(0) >= UNNAMED

/** A label for each axis, where `...` stands for some. */
const spelled = (labels: string, unnamed: number): string =>
  labels.replace("...", String.fromCharCode(...range(unnamed).map(i => UNNAMED + unnamed - 1 - i)))

const termOf = (labels: string, tensor: Tensor): Term => {
  const letters = lettersOf(labels).length
  const [unnamed, isOpen] = [tensor.shape.length - letters, labels.includes("...")]
  return unnamed === 0 || (isOpen && unnamed > 0)
    ? { labels: spelled(labels, unnamed), tensor }
    : fail(
        "ShapeError",
        "einsum",
        `rank ${letters}${isOpen ? " or more" : ""} for "${labels}"`,
        showShape(tensor.shape)
      )
}

/** The sizes of labels, those of 1 aside that broadcast: of what `...` stands for. */
const sizesOf = (equation: string, terms: readonly Term[]): ReadonlyMap<string, number> => {
  const sizes = new Map<string, number>()
  for (const { labels, tensor } of terms)
    [...labels].forEach((label, axis) => {
      const given = tensor.shape[axis] ?? 0
      if (isUnnamed(label) && given === 1) return
      const size = sizes.get(label) ?? given
      const shown = isUnnamed(label) ? "..." : label
      if (size !== given)
        fail("ShapeError", "einsum", `one size for "${shown}" in "${equation}"`, `${size} and ${given}`)
      sizes.set(label, size)
    })
  return sizes
}

/** A term without axes of size 1 that others have larger. */
const narrowed = ({ labels, tensor }: Term, sizes: ReadonlyMap<string, number>): Term => {
  const isOne = (label: string, axis: number): boolean => tensor.shape[axis] === 1 && (sizes.get(label) ?? 1) !== 1
  const ones = range(labels.length).filter(axis => isOne(labels[axis] ?? "", axis))
  return {
    labels: [...labels].filter((_, axis) => !ones.includes(axis)).join(""),
    tensor: squeeze(tensor, ones)
  }
}

/** A term whose labels differ: of two axes of one label, the diagonal. */
const distinctly = ({ labels, tensor }: Term): Term => {
  const second = range(labels.length).find(i => labels.indexOf(labels[i] ?? "") < i)
  if (second === undefined) return { labels, tensor }
  const first = labels.indexOf(labels[second] ?? "")
  const others = [...labels].filter((_, axis) => axis !== first && axis !== second)
  return distinctly({
    labels: [...others, labels[second]].join(""),
    tensor: diagonal(tensor, 0, first, second)
  })
}

/**
 * Sums products over labelled axes: `"bij,bjk->bik"` is a batched matrix product. Labels that are missing from the
 * output are summed over; of a label that repeats within a term, the diagonal is taken; terms are contracted from left to
 * right.
 *
 * Shapes: a letter per axis; the same letter is the same size everywhere. `...` stands for any axes without a letter,
 * which broadcast, and are summed over if it is missing from the output. An output that is not written, `"ij,jk"`, has the
 * axes of `...` and then the letters that stand once, in the order of the alphabet, large ones first.
 *
 * Throws a `ShapeError` for an equation that does not fit the tensors, a `DTypeError` for two dtypes or to sum `bool`.
 *
 * @example
 * import assert from "node:assert"
 * import { einsum, item, tensor, toArray } from "thalweg"
 *
 * const a = tensor([[1, 2], [3, 4]])
 * const v = tensor([10, 1])
 * assert.deepStrictEqual(toArray(einsum("ij,j->i", a, v)), [12, 34])
 * assert.deepStrictEqual(toArray(einsum("ij->ji", a)), [[1, 3], [2, 4]])
 * assert.strictEqual(item(einsum("i,ij,j->", v, a, v)), 154)
 * assert.strictEqual(item(einsum("ii->", a)), 5)
 * assert.deepStrictEqual(toArray(einsum("...j,j->...", a, v)), [12, 34])
 * assert.deepStrictEqual(toArray(einsum("ji", a)), [[1, 3], [2, 4]])
 */
export const einsum = (equation: string, ...tensors: readonly Tensor[]): Tensor => {
  const [inputs, written] = parseEinsum(equation, checkTensors("einsum", tensors).length)
  const named = tensors.map((tensor, i) => termOf(inputs[i] ?? "", tensor))
  const sizes = sizesOf(equation, named)
  const terms = named.map(term => distinctly(narrowed(term, sizes)))
  const [head, ...rest] = terms
  if (head === undefined) return fail("ShapeError", "einsum", "at least one tensor", "none")
  for (const term of rest) shapes.productDType("einsum", head.tensor, term.tensor)
  const output = spelled(written, Math.max(...named.map(({ labels }) => [...labels].filter(isUnnamed).length)))
  const later = (i: number): string =>
    output +
    terms
      .slice(i)
      .map(({ labels }) => labels)
      .join("")
  const all = rest.reduce((left, right, i) => contractPair(left, right, later(i + 2)), head)
  const last = sumOut(all, label => output.includes(label))
  return transpose(last.tensor, positions(last.labels, output))
}
