import {
  add,
  at,
  cast,
  compile,
  cond,
  dynamicUpdateSlice,
  explain,
  flip,
  gt,
  iota,
  lt,
  mul,
  reshape,
  scalar,
  scan,
  scatterAdd,
  scatterSet,
  stack,
  sum,
  take,
  tensor,
  whileLoop,
  type Tensor
} from "thalweg"
import { describe, expect, test } from "vitest"
import { wasmEngine } from "../../../src/engine/wasm/engine.js"
import { hostOf } from "../../../src/engine/wasm/host.js"
import { difference } from "./agreement.js"

const SIZE = 50
const start = mul(cast(iota([SIZE], 0), "f64"), 1 / 7)
const seven = tensor([7], { dtype: "f64" })
const places = tensor([[1], [2], [9], [7], [9]], { dtype: "i32" })

type Write = (x: Tensor, place: Tensor, value: Tensor) => Tensor

/** Changes a carry at one place after the other. */
const written = (write: Write, x: Tensor): Tensor =>
  whileLoop(
    ({ i }) => lt(i, SIZE),
    ({ i, x }) => ({ i: add(i, 1), x: write(x, reshape(i, [1]), reshape(add(cast(i, "f64"), 0.5), [1])) }),
    { i: scalar(0, "i32"), x }
  ).x

/** Goes over places with a carry, and stacks what a step tells. */
const walked = (step: (x: Tensor, place: Tensor) => readonly [Tensor, Tensor], x: Tensor): Tensor => {
  const [last, told] = scan(step, x, places)
  return add(sum(told), last)
}

type Pair = readonly [Tensor, Tensor]

/** Goes over places with two carries. */
const paired = (step: (pair: Pair, place: Tensor) => Pair, x: Tensor): Tensor => {
  const start: Pair = [x, flip(x)]
  const [last] = scan((pair: Pair, place: Tensor) => [step(pair, place), []] as const, start, places)
  return stack(last)
}

type Cases = Readonly<Record<string, (x: Tensor) => Tensor>>

const inPlace: Cases = {
  dynamicUpdateSlice: x => written((x, place, value) => dynamicUpdateSlice(x, value, [at(place, 0)]), x),
  scatterSet: x => written(scatterSet, x),
  scatterAdd: x => written(scatterAdd, x),
  "scatterAdd of f32": x => written((x, place, value) => scatterAdd(x, place, cast(value, "f32")), cast(x, "f32")),
  "what is read before it is written": x => written((x, i, value) => scatterSet(x, i, add(take(x, i), value)), x),
  "rows of a matrix": x => written((x, i, value) => scatterSet(x, i, reshape(value, [1, 1])), reshape(x, [SIZE, 1])),
  "a loop over slices": x => walked((x, place) => [scatterAdd(x, place, seven), at(x, 9)], x),
  "one that is read, by what is computed before": x =>
    walked((x, place) => {
      const next = scatterSet(x, place, seven)
      return [next, mul(sum(next), take(x, place))]
    }, x),
  "one that is given back beside what it becomes": x => paired(([a], place) => [scatterSet(a, place, seven), a], x),
  "one that becomes two": x =>
    paired(([a, b], place) => {
      const next = scatterSet(a, place, take(b, place))
      return [next, next]
    }, x)
}

const copied: Cases = {
  "one that is read later": x => written((x, i, value) => add(scatterSet(x, i, value), mul(0.5, flip(x))), x),
  "one that it is changed by": x => walked(x => [scatterSet(x, flip(iota([SIZE], 0)), x), seven], x), // prettier-ignore
  "two that change places": x => paired(([a, b], place) => [scatterSet(b, place, seven), scatterAdd(a, place, seven)], x) // prettier-ignore
}

const others: Cases = {
  "one that is captured": x =>
    add(
      written((y, i, value) => scatterSet(y, i, add(value, take(x, i))), x),
      x
    ),
  "one in a branch": x => cond(gt(sum(x), 0), x => scatterSet(x, at(places, 0), seven), flip, x), // prettier-ignore
  "one whose every state is stacked": x => walked((x, place) => [scatterSet(x, place, seven), x], x),
  "an argument": x => scatterSet(x, at(places, 0), seven),
  "an argument that is wanted as well": x => stack([scatterSet(x, at(places, 0), seven), x])
}

const engine = wasmEngine(hostOf()!)

describe("what is changed in place is changed for nobody else", () => {
  test.each(Object.entries({ ...inPlace, ...copied, ...others }))("%s", (_, f) => {
    const program = { inputs: [start], build: ([x]: readonly Tensor[]) => [f(x as Tensor)], toString: () => "" }
    expect(difference(engine, program)).toBeUndefined()
  })
})

const said = (f: (x: Tensor) => Tensor): string => {
  const run = compile(f)
  run(start)
  return explain(run)
}

describe("a carry that is changed at few places", () => {
  test.each(Object.entries(inPlace))("costs what it is changed by: %s", (_, f) => {
    expect(said(f)).toMatch(/scatter(Set|Add) in place; (20|12) B →/)
  })
  test.each(Object.entries(copied))("is copied where somebody needs it: %s", (_, f) => {
    expect(said(f)).not.toContain("in place;")
  })
})
