import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { topological } from "../../src/dataflow/order.js"
import { isLoop, type Tensor } from "../../src/dataflow/primitive.js"
import { gradientError, gradients, lossOf } from "./differences.js"
import { rows } from "./rows.js"
import { binaryRows, unaryRows, type Row } from "./rows.elementwise.js"
import { reduceRows } from "./rows.movement.js"
import type { Sample } from "./samples.js"

const TOLERANCE = 1e-8

const isZero = ({ f, at }: Sample): boolean =>
  gradients(lossOf(f), at)
    .flat()
    .every(g => g === 0)

const hold = ({ samples, expected, tolerance = TOLERANCE }: Row): void => {
  const agrees = fc.property(samples, sample => {
    if (expected === "zero") expect(isZero(sample)).toBe(true)
    else expect(gradientError(sample)).toBeLessThan(tolerance)
  })
  fc.assert(agrees, { seed: 1, numRuns: 12 })
}

/** Whether the graph of one of a row's samples has a node like this. */
const reaches = (list: readonly Row[], wanted: (node: Tensor) => boolean): boolean =>
  list
    .flatMap(({ samples }) => fc.sample(samples, { seed: 1, numRuns: 12 }))
    .some(({ f, at }) => topological([f(...at)]).some(vertex => !isLoop(vertex) && wanted(vertex)))

describe("the rows of a function contain it", () => {
  const functions = [unaryRows, binaryRows, reduceRows].flatMap(table => Object.entries(table))
  test.each(functions)("%s", (fn, list) => {
    expect(reaches(list, ({ op }) => "fn" in op && op.fn === fn)).toBe(true)
  })
  const kinds = Object.entries(rows).filter(([kind]) => kind !== "input")
  test.each(kinds)("%s", (kind, list) => {
    expect(reaches(list, node => node.op.kind === kind)).toBe(true)
  })
})

describe.each(Object.entries(rows))("%s", (_, list) => {
  test.each(list.map(row => [row.name, row] as const))("%s", (_name, row) => hold(row))
})
