import { mul, pipe, scalar, Tree, zeros, type Tensor } from "thalweg"
import * as catalogue from "thalweg/optimizer"
import { dataflow, equations } from "thalweg/show"
import type { StateFamily, Transform } from "thalweg/transform"
import { describe, expect, test } from "vitest"
import { all } from "./all.js"

/** Whether every line is a node or an edge between nodes, and nothing stands alone but a result. */
const drawn = (graph: string): boolean => {
  const [head, ...lines] = graph.trimEnd().split("\n")
  const ids = new Set(lines.flatMap(line => /^ {2}([nr]\d+)(?:\["[^"]+"\]|\(\["[^"]+"\]\))$/.exec(line)?.[1] ?? []))
  const edges = lines.flatMap(line => {
    const [, from, to] = /^ {2}(n\d+) -->(?:\|[a-z]+\|)? ([nr]\d+)$/.exec(line) ?? []
    return from === undefined || to === undefined ? [] : [[from, to]]
  })
  return head === "graph LR" && ids.size + edges.length === lines.length && edges.flat().every(id => ids.has(id))
}

describe.each(all)("%s", (_, optimizer) => {
  test.each([[[]], [[5]], [[3, 4]]])("can be shown for the shape %j", shape => {
    const text = equations(optimizer, { shape })
    const latex = equations(optimizer, { shape, notation: "latex" })
    expect(text.split("\n").filter(line => line.startsWith("p' = "))).toHaveLength(1)
    expect(latex.split("\n")).toHaveLength(text.split("\n").length + 2)
    for (const shown of [text, latex]) expect(shown).not.toMatch(/undefined|NaN|\[object/)
    expect(drawn(dataflow(optimizer, { shape }))).toBe(true)
  })

  test("can be shown for several parameters", () => {
    const params = { enc: { w: zeros([3, 4]), b: zeros([4]) }, head: [zeros([2])] }
    const text = equations(optimizer, { params })
    const latex = equations(optimizer, { params, notation: "latex" })
    const names = text.split("\n").map(line => line.replace(/ = .*/, ""))
    expect(new Set(names).size).toBe(names.length)
    expect(names).toStrictEqual(expect.arrayContaining(["enc_w'", "enc_b'", "head₀'"]))
    for (const shown of [text, latex]) expect(shown).not.toMatch(/undefined|NaN|\[object/)
    expect(drawn(dataflow(optimizer, { params }))).toBe(true)
  })
})

test("a gradient comes of the point where it is taken, and what is deployed is a result", () => {
  const nag = dataflow(catalogue.nag({ learningRate: 0.1, momentum: 0.9 }))
  const [, point] = /(n\d+)\["∇f\(□\)"\]/.exec(nag) ?? []
  const [, gradient] = /(n\d+)\(\["g"\]\)/.exec(nag) ?? []
  expect(nag).toContain(`  ${point} --> ${gradient}\n`)
  expect(drawn(nag)).toBe(true)
  const free = dataflow(catalogue.scheduleFreeSgd({ learningRate: 0.1 }))
  const [, result] = /(r\d+)\(\["deployed'"\]\)/.exec(free) ?? []
  const [, average] = /(r\d+)\(\["average'"\]\)/.exec(free) ?? []
  const source = (id = "") => new RegExp(`(n\\d+) --> ${id}\n`).exec(free)?.[1]
  expect([source(result), drawn(free)]).toStrictEqual([source(average), true])
})

test("labels are escaped, and the same optimizer has the same graph", () => {
  const graph = dataflow(pipe(catalogue.sgd({ learningRate: 0.1 }), catalogue.ifFinite()))
  expect(graph).toContain('["□ #lt; ∞"]')
  expect(dataflow(pipe(catalogue.sgd({ learningRate: 0.1 }), catalogue.ifFinite()))).toBe(graph)
})

interface ThreeF extends StateFamily {
  readonly type: Tensor
}
const three = scalar(3, "f64")
const threefold: Transform<ThreeF> = {
  init: () => three,
  update: updates => [Tree.map(u => mul(u, three))(updates), three]
}

test("a number that is also a result is written out where it is used", () => {
  const graph = dataflow(catalogue.optimizer(threefold))
  expect(drawn(graph)).toBe(true)
  expect(graph).toContain('["3·□"]')
})
