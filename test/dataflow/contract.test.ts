import { describe, expect, test } from "vitest"
import { cast, einsum, full, matmul, outer, reshape, toTyped, transpose, type Tensor } from "thalweg"
import { f32, f64, i32, observe, pattern } from "./values.js"

type Place = Readonly<Record<string, number>>

/** Every assignment of numbers below the sizes to their labels, the last label changing fastest. */
const places = (sizes: Readonly<Record<string, number>>): readonly Place[] =>
  Object.entries(sizes).reduce<readonly Place[]>(
    (all, [label, n]) => all.flatMap(place => Array.from({ length: n }, (_, i) => ({ ...place, [label]: i }))),
    [{}]
  )

/** Einstein's sum from its definition: for each place of all labels, one product. */
const sumOfProducts = (equation: string, tensors: readonly Tensor[]) => {
  const [left = "", output = ""] = equation.split("->")
  const inputs = left.split(",")
  const sizes = Object.fromEntries(
    inputs.flatMap((labels, i) => [...labels].map((label, axis) => [label, tensors[i]?.shape[axis] ?? 0]))
  )
  const offset = (labels: string, place: Place): number =>
    [...labels].reduce((sum, label) => sum * (sizes[label] ?? 0) + (place[label] ?? 0), 0)
  const data = tensors.map(t => toTyped(t))
  const shape = [...output].map(label => sizes[label] ?? 0)
  const totals = new Array<number>(shape.reduce((product, n) => product * n, 1)).fill(0)
  for (const place of places(sizes)) {
    const to = offset(output, place)
    totals[to] = (totals[to] ?? 0) + inputs.reduce((p, labels, i) => p * (data[i]?.[offset(labels, place)] ?? NaN), 1)
  }
  return { shape, data: totals }
}

/** Small whole numbers, so that no order of summation rounds. */
const operands = (equation: string, sizes: Readonly<Record<string, number>>): readonly Tensor[] =>
  (equation.split("->")[0] ?? "").split(",").map(labels => pattern([...labels].map(label => sizes[label] ?? 0)))

const sizes = { a: 2, b: 3, c: 4, d: 5, i: 3, j: 4, k: 2, l: 5, n: 1, z: 0 }

describe("einsum is the sum over the labels that are missing from the output", () => {
  test.each([
    "ij,jk->ik",
    "ij,jk->ki",
    "ij,jk->",
    "ij,jk->j",
    "ij,ij->ij",
    "ij,ji->i",
    "ij->ji",
    "ij->",
    "ij->i",
    "abc->cab",
    "i,j->ij",
    "i,j->",
    ",i->i",
    ",->",
    "->",
    "abc,acd->abd",
    "abc,cb->ac",
    "abc,bd->acd",
    "ab,bc,cd->ad",
    "ab,bc,cd->dab",
    "ab,cd,bc->ad",
    "i,i,i->i",
    "i,i,i->",
    "ij,jk,kl,li->",
    "nab,bc->nac",
    "az,zb->ab",
    "az,b->zab",
    "ABc,cB->A"
  ])("%s", equation => {
    const tensors = operands(equation, { ...sizes, A: 2, B: 3 })
    expect(observe(einsum(equation, ...tensors))).toEqual({ dtype: "f64", ...sumOfProducts(equation, tensors) })
  })

  test.each([
    ["ij,jk", "ij,jk->ik"],
    ["ji", "ji->ij"],
    ["bA,Ac", "bA,Ac->bc"],
    ["bA", "bA->Ab"],
    ["ii", "ii->"],
    ["i,i", "i,i->"],
    ["iij", "iij->j"],
    ["j,i", "j,i->ij"],
    ["k...i", "k...i->...ik"],
    ["...,...", "...,...->..."],
    ["", "->"]
  ])("%j means %j", (implicit, written) => {
    const known: Readonly<Record<string, number>> = { ...sizes, A: 3 }
    const tensors = implicit.split(",").map(labels => pattern([...labels.replace("...", "x")].map(label => known[label] ?? 2))) // prettier-ignore
    expect(observe(einsum(implicit, ...tensors))).toEqual(observe(einsum(written, ...tensors)))
  })

  test("spaces do not matter", () => {
    const [a, b] = [pattern([2, 3]), pattern([3, 4])]
    expect(observe(einsum(" ij , jk -> ik ", a, b))).toEqual(observe(einsum("ij,jk->ik", a, b)))
  })
})

describe("matmul is the sum over the inner axis, batches broadcast", () => {
  test.each<[left: readonly number[], right: readonly number[], equation: string]>([
    [[2, 3], [3, 4], "ij,jk->ik"],
    [[1, 1], [1, 1], "ij,jk->ik"],
    [[5, 7], [7, 9], "ij,jk->ik"],
    [[4, 4], [4, 4], "ij,jk->ik"],
    [[3], [3, 2], "j,jk->k"],
    [[2, 3], [3], "ij,j->i"],
    [[3], [3], "j,j->"],
    [[2, 3, 4], [2, 4, 2], "bij,bjk->bik"],
    [[2, 3, 4], [4, 2], "bij,jk->bik"],
    [[3, 4], [2, 4, 2], "ij,bjk->bik"],
    [[4], [2, 4, 2], "j,bjk->bk"],
    [[2, 3, 4], [4], "bij,j->bi"],
    [[2, 1, 3, 4], [5, 4, 2], "anij,bjk->abik"]
  ])("%j · %j", (left, right, equation) => {
    const [a, b] = [pattern(left), pattern(right)]
    const expected = sumOfProducts(equation, [a, b])
    expect(observe(matmul(a, b))).toEqual({ dtype: "f64", ...expected })
    expect(observe(matmul(cast(a, "i32"), cast(b, "i32")))).toEqual({ dtype: "i32", ...expected })
  })

  test("of transposed operands", () => {
    const [a, b] = [pattern([3, 5]), pattern([4, 5])]
    expect(observe(matmul(a, transpose(b)))).toEqual(observe(einsum("ij,kj->ik", a, b)))
    expect(observe(matmul(transpose(b), transpose(transpose(b))))).toEqual(observe(einsum("ij,ik->jk", b, b)))
  })

  test("in f32 rounds every product and every sum, of 256 and of such sums", () => {
    const inTurn = (terms: readonly number[]): number => terms.reduce((a, b) => Math.fround(a + b), 0)
    const values = Array.from({ length: 600 }, (_, i) => Math.fround(Math.sin(i)))
    const terms = values.map(x => Math.fround(x * Math.fround(0.1)))
    const parts = [terms.slice(0, 256), terms.slice(256, 512), terms.slice(512)].map(inTurn)
    expect(observe(matmul(f32([values]), full([600, 1], 0.1))).data).toEqual([inTurn(parts)])
  })

  test("passes on what is not a number", () => {
    expect(observe(matmul(f64([[0, 1]]), f64([[Infinity], [1]]))).data).toEqual([NaN])
    expect(observe(matmul(f64([[NaN, 1]]), f64([[0], [1]]))).data).toEqual([NaN])
  })
})

test("outer has the shape of its first argument followed by that of its second", () => {
  expect(observe(outer(i32([1, 2]), i32([[3], [4]])))).toEqual({ dtype: "i32", shape: [2, 2, 1], data: [3, 4, 6, 8] })
  expect(observe(outer(f64(2), f64([3])))).toEqual({ dtype: "f64", shape: [1], data: [6] })
  expect(observe(outer(reshape(f64([1]), [1]), f64(3)))).toEqual({ dtype: "f64", shape: [1], data: [3] })
})
