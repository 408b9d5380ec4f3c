import { mul, pipe, scalar, Tree, type Tensor } from "thalweg"
import * as catalogue from "thalweg/optimizer"
import type { StateFamily, Transform } from "thalweg/transform"
import { describe, expect, test } from "vitest"
import { all } from "./all.js"

/** Whether every line is a node or an edge between nodes, and nothing stands alone but a result. */
const drawn = (graph: string): boolean => {
  const [head, ...lines] = graph.trimEnd().split("\n")
  const ids = new Set(lines.flatMap(line => /^ {2}([nr]\d+)(?:\["[^"]+"\]|\(\["[^"]+"\]\))$/.exec(line)?.[1] ?? []))
  const edges = lines.flatMap(line => {
    const [, from, to] = /^ {2}(n\d+) -->(?:\|[a-z]\|)? ([nr]\d+)$/.exec(line) ?? []
    return from === undefined || to === undefined ? [] : [[from, to]]
  })
  return head === "graph LR" && ids.size + edges.length === lines.length && edges.flat().every(id => ids.has(id))
}

describe.each(all)("%s", (_, optimizer) => {
  test("is made here (else say in `given` with what)", () => {
    expect(optimizer).toBeDefined()
  })

  test.each([[[]], [[5]], [[3, 4]]])("can be shown for the shape %j", shape => {
    if (optimizer === undefined) return
    const text = catalogue.equations(optimizer, { shape })
    const latex = catalogue.equations(optimizer, { shape, notation: "latex" })
    expect(text.split("\n").filter(line => line.startsWith("p' = "))).toHaveLength(1)
    expect(latex.split("\n")).toHaveLength(text.split("\n").length + 2)
    for (const shown of [text, latex]) expect(shown).not.toMatch(/undefined|NaN|\[object/)
    expect(drawn(catalogue.dataflow(optimizer, { shape }))).toBe(true)
  })
})

test("labels are escaped, and the same optimizer has the same graph", () => {
  const graph = catalogue.dataflow(pipe(catalogue.sgd({ learningRate: 0.1 }), catalogue.ifFinite()))
  expect(graph).toContain('["□ #lt; ∞"]')
  expect(catalogue.dataflow(pipe(catalogue.sgd({ learningRate: 0.1 }), catalogue.ifFinite()))).toBe(graph)
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
  const graph = catalogue.dataflow(catalogue.optimizer(threefold))
  expect(drawn(graph)).toBe(true)
  expect(graph).toContain('["3·□"]')
})
