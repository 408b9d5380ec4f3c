import {
  add,
  at,
  cast,
  compile,
  concat,
  cond,
  dynamicSlice,
  dynamicUpdateSlice,
  explain,
  flip,
  grad,
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
  sub,
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
  "one that is changed twice": x => written((x, i, value) => scatterAdd(scatterSet(x, i, value), sub(49, i), value), x),
  "few of many f32": x =>
    written((x, i, value) => scatterAdd(x, concat([i, i]), cast(concat([value, value]), "f32")), cast(x, "f32")),
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
  "one that is read between two changes": x =>
    written((x, i, value) => {
      const next = scatterAdd(x, i, value)
      return scatterSet(next, i, reshape(sum(mul(next, next)), [1]))
    }, x),
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
  "one that is stacked on its way to another": x =>
    walked((x, place) => {
      const next = scatterAdd(x, place, seven)
      return [scatterSet(next, place, mul(seven, 2)), next]
    }, x),
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
    expect(said(f)).toMatch(/scatter(Set|Add) in place; (24|20|12) B →/)
  })
  test.each(Object.entries(copied))("is copied where somebody needs it: %s", (_, f) => {
    expect(said(f)).not.toContain("in place;")
  })
})

/** Sums up what is read of a vector at the place of each iteration. */
const readAt =
  (read: (x: Tensor, place: Tensor) => Tensor) =>
  (x: Tensor): Tensor =>
    scan(
      (c: Tensor, i: Tensor) => [add(mul(c, 0.5), sum(mul(read(x, i), 3))), []],
      cast(scalar(0), x.dtype),
      iota([9], 0)
    )[0]

const product = (x: Tensor, i: Tensor, j: Tensor): Tensor => mul(take(x, i), take(x, j))

const reading: Cases = {
  "one element": readAt((x, i) => product(x, i, i)),
  "two elements": readAt((x, i) => product(x, i, sub(SIZE - 1, i))),
  "a slice": readAt((x, i) => dynamicSlice(x, [i], [4])),
  "a slice of f32": x => cast(readAt((x, i) => dynamicSlice(x, [i], [4]))(cast(x, "f32")), "f64"),
  "an element of a carry": x =>
    scan(([c, y]: Pair, i: Tensor) => [[add(c, product(y, i, i)), y] as const, []], [at(x, 0), x] as const, iota([9], 0))[0][0], // prettier-ignore
  "an element of a carry that is written over": x =>
    sum(scan((c: Tensor, i: Tensor) => [scatterSet(c, i, product(c, i, add(i, 1))), []], x, iota([9], 0))[0]),
  "an element, for as long as a condition holds": x =>
    whileLoop(
      ({ c }) => lt(c, 20),
      ({ i, c }) => ({ i: add(i, 1), c: add(c, product(x, i, i)) }),
      { i: scalar(0, "i32"), c: scalar(0, "f64") },
      { max: SIZE - 1 }
    ).c
}

describe("the derivative of a loop adds where the loop has read:", () => {
  test.each(Object.entries(reading))("%s", (_, f) => {
    const inLoops = said(grad(f)).split("\n").filter(line => line.startsWith("    ")) // prettier-ignore
    expect(inLoops.join()).toContain("scatterAdd in place; ")
    expect(inLoops.filter(line => /scatter(Set|Add);|loop\[50/.test(line))).toEqual([])
    const program = { inputs: [start], build: ([x]: readonly Tensor[]) => [grad(f)(x as Tensor)], toString: () => "" }
    expect(difference(engine, program)).toBeUndefined()
  })
})
