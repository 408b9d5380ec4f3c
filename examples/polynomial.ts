// A polynomial of too low a degree underfits; one of too high a degree overfits, unless something holds it back.
import assert from "node:assert"
import {
  acos,
  add,
  arange,
  concat,
  cos,
  div,
  linspace,
  mul,
  pipe,
  reshape,
  sub,
  toArray,
  Tree,
  type Tensor
} from "thalweg"
import { dense, dropout, halfSquaredError, rootMeanSquaredError } from "thalweg/nn"
import { sequential, stateless, zerosInitializer } from "thalweg/nn"
import { sgd, withL2 } from "thalweg/optimizer"
import { key, split } from "thalweg/random"
import { assess, fit, predict, splitDataset } from "thalweg/train"
import { houseColumns } from "./lib/houses.js"
import { grid, learningCurve, lineChart, writeSvg } from "./lib/plot/index.js"

// how dirty the air is, by the distance to where people work, which is scaled to [-1, 1]
const data = { x: div(sub(houseColumns(["dis"]), 6.7), 5.6), y: sub(mul(houseColumns(["nox"]), 10), 5.5) }
const [splitKey, trainKey] = split(key(1))
const shares = { few: 0.05, more: 0.35, validation: 0.2, test: 0.4 }
const { few, more, validation, test } = splitDataset(splitKey, shares)(data)
const many = Tree.zipWith((a: Tensor, b: Tensor) => concat([a, b], 0))(few, more)
const [miles, line] = [(x: Tensor) => add(mul(x, 5.6), 6.7), reshape(linspace(-1, 0.5, 200), [200, 1])]

const learn = ({ degree = 12, train = few, l2 = 0, rate = 0, patience = Infinity }) => {
  const chebyshev = stateless("chebyshev", x => cos(mul(acos(x), arange(degree + 1, { start: 1, dtype: "f32" }))))
  const model = sequential(chebyshev, dropout({ rate }), dense({ units: 1, kernel: zerosInitializer }))
  const optimizer = pipe(sgd({ learningRate: 0.1, momentum: 0.9 }), withL2(l2, { mask: "**/kernel" }))
  const earlyStopping = patience < Infinity ? { patience, restoreBest: true } : undefined
  const options = { train, validation, epochs: 1000, batchSize: 256, key: trainKey, earlyStopping }
  const { trained, history } = fit({ model, loss: halfSquaredError, optimizer })(options)
  const error = assess(model, { root: rootMeanSquaredError })
  const points = concat([miles(line), predict(model)(trained, line)], 1)
  return { training: error(trained, train).root, test: error(trained, test).root, history, points }
}

const of = (degree: number) => learn({ degree })
const degrees = { 1: of(1), 2: of(2), 3: of(3), 4: of(4), 6: of(6), 8: of(8), 10: of(10), 12: of(12) }
const [stiff, right, free] = [degrees[1], degrees[3], degrees[12]]
const held = { L2: learn({ l2: 0.1 }), dropout: learn({ rate: 0.3 }), "early stopping": learn({ patience: 30 }) }
const cured = { "more data": learn({ train: many }), ...held }
console.table({ "degree 1": stiff, "degree 3": right, "degree 12": free, ...cured }, ["training", "test"])

const rows = (t: Tensor) => toArray(t) as [number, number][]
const seen = { name: "examples", points: rows(concat([miles(few.x), few.y], 1)), scattered: true }
const fits = (title: string, curves: Readonly<Record<string, { readonly points: Tensor }>>) => {
  const lines = Object.entries(curves).map(([name, { points }]) => ({ name, points: rows(points) }))
  return lineChart({ title, x: { title: "distance (miles)" }, y: { title: "nitric oxides" }, series: [seen, ...lines] })
}
const errors = (["training", "test"] as const).map(name => ({
  name,
  points: Object.entries(degrees).map(([degree, at]) => [Number(degree), at[name]] as const)
}))
const figures = [
  lineChart({ title: "Error by degree", x: { title: "degree" }, y: { title: "error (RMS)" }, series: errors }),
  fits("25 examples", { "degree 1": stiff, "degree 3": right, "degree 12": free }),
  learningCurve({ title: "Degree 12 while it learns", epochs: free.history.slice(0, 300), scale: "log" }),
  fits("Degree 12, held back", cured)
]
await writeSvg("examples/out/polynomial.svg", grid(figures, 2))

assert.ok(stiff.training > 1.1 * right.training && stiff.test > 1.1 * right.test, "degree 1 underfits")
assert.ok(free.training < 0.8 * right.training && free.test > 1.3 * right.test, "degree 12 overfits")
for (const [name, { test }] of Object.entries(cured)) assert.ok(test < 0.8 * free.test, `${name} helps`)
