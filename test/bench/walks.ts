import * as t from "thalweg"
import { adam, masked, partition, sgd, type Optimizer } from "thalweg/optimizer"
import { equations } from "thalweg/show"
import { decodeOptimizer } from "thalweg/spec"
import { chain, clockAt, scale, type AnyF, type Transform } from "thalweg/transform"
import { inTurn, medians, timed } from "./measure.js"
import { printTable } from "./table.js"

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i)
const named = <A>(n: number, make: () => A): Readonly<Record<string, A>> =>
  Object.fromEntries(range(n).map(i => [`layer${i}`, make()]))

const [one, plain] = [t.scalar(1), sgd({ learningRate: 1 })]
const layers = (n: number) => named(n, () => ({ kernel: one, bias: one }))
const names = (n: number): readonly string[] => range(n).map(i => `layer${i}`)
const rules = (n: number) => new Map(names(n).map(name => [`${name}/*`, name]))

type Params = ReturnType<typeof layers>

const stepped = (opt: Optimizer<AnyF>, params: Params) => () => opt.step(params, opt.init(params), params)

const updated =
  ({ init, update }: Transform<AnyF>) =>
  () =>
    update(one, init(one), one, clockAt(0))

/** Starts an optimizer under a pattern that matches nothing. */
const misspelt = (n: number) => () => {
  try {
    masked("x".repeat(n))(plain).init(layers(n))
  } catch {
    // which says what is near
  }
}

/** A loop of which one result is read; each carry reads the next. */
const loop = (n: number, x: t.Tensor): t.Tensor => {
  const next = (carry: readonly t.Tensor[], last: t.Tensor) => carry.map((c, i) => t.mul(c, carry[i + 1] ?? last))
  const init: readonly t.Tensor[] = range(n).map(() => x)
  return t.scan((carry, last: t.Tensor) => [next(carry, last), []], init, t.ones([2]))[0][0] ?? x
}

/** A loop that reads one element of a vector after the other. */
const readEach =
  (n: number) =>
  (x: t.Tensor): t.Tensor =>
    t.scan(
      (c: t.Tensor, i: t.Tensor) => [t.add(t.mul(c, 0.5), t.square(t.take(x, i))), c],
      t.scalar(0, "f64"),
      t.iota([n], 0)
    )[0]

/** What is measured, at a smallest size: a walk over so many leaves, labels, patterns, parts. */
const walks: Readonly<Record<string, readonly [n: number, run: (n: number) => () => unknown]>> = {
  "Tree.map": [4000, n => () => t.Tree.map(x => x)(layers(n))],
  "Tree.sameStructure": [4000, n => () => t.Tree.sameStructure(layers(n), layers(n))],
  "masked, as many patterns": [500, n => stepped(masked([...rules(n).keys()])(plain), layers(n))],
  "partition, as many labels": [
    250,
    n =>
      stepped(
        partition(
          named(n, () => plain),
          rules(n)
        ),
        layers(n)
      )
  ],
  "a misspelt pattern": [500, misspelt],
  split: [
    2000,
    n => () =>
      t.split(
        t.zeros([n]),
        range(n).map(() => 1)
      )
  ],
  "chain of transforms": [1000, n => updated(chain<readonly AnyF[]>(...range(n).map(() => scale(0.5))))],
  "plan a loop of carries": [200, n => () => t.compile((x: t.Tensor) => loop(n, x))(one)],
  "differentiate a loop of carries": [100, n => () => t.grad((x: t.Tensor) => loop(n, x))(one)],
  "differentiate a loop that reads elements": [
    16000,
    n =>
      (
        run => () =>
          run(t.ones([n], "f64"))
      )(t.compile(t.grad(readEach(n))))
  ],
  "map a chain over examples": [
    1000,
    n => () => t.vmap((x: t.Tensor) => range(n).reduce(y => t.sin(y), x))(t.ones([2]))
  ],
  "map a loop of carries": [100, n => () => t.vmap((x: t.Tensor) => loop(n, x))(t.ones([2]))],
  equations: [100, n => () => equations(adam(), { params: layers(n) })],
  "decode labels": [500, n => () => decodeOptimizer({ optimizer: "partition", optimizers: { a: { optimizer: "adam" } }, labels: range(n).map(i => [`${i}`, "a"]) })] // prettier-ignore
}

/** Milliseconds of walks against their size, doubled twice. Where time is linear, ratios are near 2. */
export const benchWalks = async (part: number, rounds: number): Promise<void> => {
  const rows = await inTurn(Object.entries(walks), async ([name, [whole, run]]) => {
    const n = Math.ceil(whole * part)
    const times = await medians(
      [n, 2 * n, 4 * n].map(size => timed(run(size))),
      rounds
    )
    const [a = NaN, b = NaN, c = NaN] = times
    return [`${name}: ${n}`, a, b, c, b / a, c / b]
  })
  printTable("walks, ms", ["", "n", "2n", "4n", "ratio", "ratio"], rows)
}
