import { readFileSync } from "node:fs"
import { zeros, type Tensor } from "thalweg"
import { combinators, optimizers, type AnyOptimizer } from "thalweg/optimizer"
import { fixed } from "thalweg/transform"
import { expect, test, vi } from "vitest"
import { needsOf, overDescent, stateOf } from "./table.behaviour.js"
import { constantsOf } from "./table.docstrings.js"
import { isMadeOfOthers, showFields } from "./table.options.js"
import { page, pagePath } from "./table.page.js"
import { reachOf } from "./table.reach.js"
import { combinatorRows, optimizerRows, scheduleRows } from "./table.rows.js"

vi.setConfig({ testTimeout: 600_000 }) // for a busy machine; nothing here is about speed

const rowOf = <R extends { readonly name: string }>(rows: readonly R[], name: string): R => {
  const found = rows.find(row => row.name === name)
  if (found === undefined) throw new Error(`no row ${name}`)
  return found
}

test("the page says what the catalogue says", async () => {
  expect(readFileSync(pagePath, "utf8"), `${pagePath} is out of date: npm run table`).toBe(await page())
})

test("every docstring is found, and says more than a name", () => {
  const summaries = [...optimizerRows, ...combinatorRows, ...scheduleRows].map(({ summary }) => summary)
  expect(summaries.filter(summary => !/^[A-Z][a-z]+ .+[.]$/.test(summary))).toEqual([])
})

test("every optimizer names its source, but one that is made of others", () => {
  const silent = optimizerRows.filter(({ source, fields }) => source === undefined && !isMadeOfOthers(fields))
  expect(silent.map(({ name }) => name)).toEqual([])
})

test("a source is the first that is named, with its number", () => {
  const sources = ["adam", "sgd", "scheduledNadam"].map(name => rowOf(optimizerRows, name).source)
  expect(sources).toEqual([
    { reference: "Kingma & Ba 2015", arXiv: "1412.6980" },
    { reference: "Robbins & Monro 1951", arXiv: undefined },
    { reference: "Dozat 2016", arXiv: undefined }
  ])
  expect(rowOf(combinatorRows, "accumulate").source).toBeUndefined()
})

test("what a docstring says of other libraries is told, and nothing else of it", () => {
  expect(rowOf(optimizerRows, "adagrad").reach).toBe(
    'PyTorch: `epsPlace: "outside"`, ε 1e-10, and `rateDecay`. optax and Keras: a₀ 0.1, ε 1e-7.'
  )
  expect(rowOf(combinatorRows, "maximize").reach).toBe("")
})

test.each([
  [
    "Does it.\n\nSource: A et al. 2001; as in optax. Its rate is ours. Another thing.",
    "As in optax. Its rate is ours."
  ],
  ["Does it.\n\nSource: A 2001, with no ε. Ours is that of Keras.", "A 2001, with no ε. Ours is that of Keras."],
  ["As PyTorch's.\n\nSource: A 2001.", ""]
])("of %j it tells %j", (text, reach) => {
  expect(reachOf(text)).toBe(reach)
})

test("a row is a constant, mostly of its own name", () => {
  const found = constantsOf("src/optimizer/combinators.ts", "projecting")
  expect([...found.keys()].every(name => Object.hasOwn(combinators, name))).toBe(true)
  expect(["lookahead", "ontoBox"].map(name => found.get(name))).toEqual([undefined, "projectOntoBox"])
  expect(constantsOf("src/schedule/catalogue.ts", "schedules").get("linear")).toBe("linear")
  expect(() => constantsOf("src/optimizer/catalogue.ts", "optimisers")).toThrow("no catalogue")
})

test("a state counts in tensors like the parameter, whatever else it holds", () => {
  const holding = (init: (params: Tensor) => Tensor[]) => ({
    fields: {},
    make: (): AnyOptimizer => ({
      ...optimizers.signSgd(),
      init: params => ({ count: zeros([]), inner: init(params as Tensor) })
    })
  })
  expect(stateOf(holding(p => [p, zeros([]), p, zeros([2])]))).toBe("2")
  expect(stateOf(holding(({ shape: [n = 0, m = 0] }) => [zeros([n]), zeros([m])]))).toBe("axes")
  expect(stateOf(holding(p => [zeros([p.shape[0] ?? 0, 1]), p, zeros([1, p.shape[1] ?? 0])]))).toBe("1 + axes")
  expect(stateOf(holding(p => [p, zeros([1, p.shape[1] ?? 0])]))).toBe("1 + units")
  expect(stateOf(rowOf(optimizerRows, "sgd"))).toBe("0 to 1")
})

test("what an optimizer asks for is seen from its steps", () => {
  const asked = ["sgd", "nag", "asgd", "polyakSgd", "dpSgd"].map(name => needsOf(rowOf(optimizerRows, name)))
  expect(asked.map(needs => Object.values(needs).map(Number))).toEqual([
    [0, 0, 0, 0, 0],
    [0, 0, 0, 1, 0],
    [0, 0, 0, 0, 1],
    [1, 0, 0, 0, 0],
    [0, 0, 1, 0, 0]
  ])
  expect(needsOf(overDescent(rowOf(combinatorRows, "sam")))).toMatchObject({ loss: false, objective: true })
  expect(needsOf(overDescent(rowOf(combinatorRows, "reduceOnPlateau"))).loss).toBe(true)
})

test("options without a default come first", () => {
  const { fields } = optimizers.adagrad
  expect(showFields({ eps: fields.eps, seed: fixed(fields.eps.range) })).toBe("`seed`, `eps = 1e-8`")
})
