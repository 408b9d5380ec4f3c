import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sameShape, showShape } from "../dataflow/shape.js"
import { isTensor } from "../dataflow/tensor.js"
import { toTyped } from "../engine/index.js"
import { requireIntegers } from "../nn/labels.js"
import { codeField } from "../options/fields.js"

/** Integer labels, one for each example. */
export const stratifyField = /* @__PURE__ */ codeField("a tensor of labels", isTensor, "none")

/** Which part each example goes to, in the order in which they are visited. */
type Assignment = Int32Array

/** The labels of some examples, or a named error. */
const labelsOf = (operation: string, labels: Tensor, n: number): readonly number[] => {
  requireIntegers(operation, labels)
  if (!sameShape(labels.shape, [n]))
    fail("ShapeError", operation, `one label for each example, [${n}]`, showShape(labels.shape), "stratify")
  return Array.from(toTyped(labels))
}

/** Cuts a line of examples where the fractions end, to the nearest. */
const cut = (n: number, fractions: readonly number[]): Assignment => {
  const parts = new Int32Array(n)
  fractions.reduce((passed, fraction, part) => {
    parts.fill(part, Math.round(passed * n), Math.round((passed + fraction) * n))
    return passed + fraction
  }, 0)
  return parts
}

/** 1 where there is some, else 0. */
const has = (counts: readonly number[], part: number): number => Math.min(1, counts[part] ?? 0)

/**
 * How many of each class go to each part: its share, rounded down; what is left over goes, one each, first to parts that
 * have none, then to those that are furthest behind their shares of all.
 */
const quotas = (sizes: readonly number[], fractions: readonly number[]): readonly (readonly number[])[] => {
  const behind = fractions.map(() => 0)
  return sizes.map(size => {
    const counts = fractions.map(fraction => Math.floor(fraction * size))
    counts.forEach((count, part) => (behind[part] = (behind[part] ?? 0) + size * (fractions[part] ?? 0) - count))
    const left = size - counts.reduce((sum, count) => sum + count, 0)
    const next = [...behind.keys()]
      .sort((a, b) => has(counts, a) - has(counts, b) || (behind[b] ?? 0) - (behind[a] ?? 0))
      .slice(0, left)
    for (const part of next) {
      behind[part] = (behind[part] ?? 0) - 1
      counts[part] = (counts[part] ?? 0) + 1
    }
    return counts
  })
}

/** The places of each class in a list of labels, classes in ascending order. */
const placesByClass = (labels: readonly number[]): readonly (readonly [label: number, places: readonly number[]])[] => {
  const found = new Map<number, number[]>()
  labels.forEach((label, place) => {
    const places = found.get(label)
    if (places === undefined) found.set(label, [place])
    else places.push(place)
  })
  return [...found].sort(([a], [b]) => a - b)
}

/** Cuts every class by itself. A part that would have none of a class is a `DataError`. */
const cutByClass = (
  operation: string,
  labels: readonly number[],
  fractions: readonly number[],
  names: readonly string[]
): Assignment => {
  const classes = placesByClass(labels)
  if (classes.length < 2) fail("DataError", operation, "labels of two classes or more", "one class", "stratify")
  const counts = quotas(
    classes.map(([, places]) => places.length),
    fractions
  )
  const parts = new Int32Array(labels.length)
  classes.forEach(([label, places], c) => {
    const owners = (counts[c] ?? []).flatMap((count, part) => {
      if (count === 0)
        fail("DataError", operation, `some of class ${label} in ${names[part]}`, `${places.length} of it`, "stratify")
      return Array.from<number>({ length: count }).fill(part)
    })
    places.forEach((place, i) => (parts[place] = owners[i] ?? 0))
  })
  return parts
}

/**
 * Assigns examples, which are visited in an order, to parts of some sizes, whose names are told in errors: at the places
 * where the fractions end, or with labels so that every class is in every part, within one of its share.
 */
export const assign = (
  operation: string,
  order: Int32Array,
  fractions: readonly number[],
  names: readonly string[],
  stratify: Tensor | undefined
): Assignment => {
  if (stratify === undefined) return cut(order.length, fractions)
  const labels = labelsOf(operation, stratify, order.length)
  return cutByClass(
    operation,
    Array.from(order, example => labels[example] ?? 0),
    fractions,
    names
  )
}
