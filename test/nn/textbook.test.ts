import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { zeros, type Tensor } from "thalweg"
import { activation, batchNorm, conv2d, dense, globalAveragePool, relu, sequential, summary } from "thalweg/nn"
import { attentive, convolutional, simpleRecurrent } from "../../examples/lib/textbook.js"

interface Row {
  readonly output: readonly number[]
  readonly trainable: number
  readonly nonTrainable: number
}

type Layers = readonly (Row & { readonly path: string })[]

const { models } = JSON.parse(readFileSync("test/golden/textbook.json", "utf8")) as {
  readonly models: Readonly<Record<string, Row & { readonly input: readonly number[]; readonly layers: Layers }>>
}

const normalized = sequential({
  conv: conv2d({ outputs: 8, window: 3, strides: 2, padding: "same", bias: false }),
  norm: batchNorm(),
  relu: activation(relu),
  pool: globalAveragePool(),
  classes: dense({ units: 10 })
})

const summaries: Readonly<Record<string, (input: Tensor) => string>> = {
  convolutional: input => summary(convolutional, input),
  normalized: input => summary(normalized, input),
  simpleRecurrent: input => summary(simpleRecurrent, input),
  attentive: input => summary(attentive, input)
}

/** What a summary says of each path, and at the end of the whole, whose line names no layer. */
const rowsOf = (printed: string): Layers => {
  const [, , head = "", , ...lines] = printed.split("\n")
  const count = (cell = "0"): number => Number(cell.replaceAll(",", ""))
  return lines
    .filter(line => !line.startsWith("─"))
    .map(line => {
      const [path = "", ...cells] = line.split(/ {2,}/)
      const [output = "", parameters, state] = path === "total" ? cells : cells.slice(1)
      const nonTrainable = head.includes("state") ? count(state) : 0
      return { path, output: JSON.parse(output) as number[], trainable: count(parameters), nonTrainable }
    })
}

/** Keras lists the parts of a part in another order. */
const byPath = (rows: Layers): Layers => rows.toSorted((a, b) => (a.path < b.path ? -1 : 1))
const outermost = (rows: Layers): Layers => rows.filter(({ path }) => !path.includes("/"))

test("the file has these models", () => {
  expect(Object.keys(models)).toEqual(Object.keys(summaries))
})

test.each(Object.entries(models))("summary: Keras's shapes and counts of %s", (name, { input, layers, ...whole }) => {
  const rows = rowsOf(summaries[name]?.(zeros(input)) ?? "")
  expect(outermost(rows)).toEqual([...outermost(layers), { path: "total", ...whole }])
  const names = layers.map(({ path }) => path)
  expect(byPath(rows.filter(({ path }) => names.includes(path)))).toEqual(byPath(layers))
})
