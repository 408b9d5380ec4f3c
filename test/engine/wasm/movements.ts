import fc from "fast-check"
import * as t from "thalweg"
import type { Padding, Tensor } from "thalweg"
import { arbShape, arbTensor, type Program } from "thalweg/laws"
import { bits, foldIn, key, split, uniform } from "thalweg/random"

/** A tensor, an axis of it, numbers to choose by, a key, and indices below three times the axis, or beyond. */
interface Given {
  readonly x: Tensor
  readonly axis: number
  readonly nat: (index: number, below: number) => number
  readonly key: Tensor
  readonly places: Tensor
}

const numeric = (x: Tensor): Tensor => (x.dtype === "bool" ? t.cast(x, "i32") : x)

/** Elements on both sides or fewer, down to none at all. */
const padding = ({ x, nat }: Given, interior: readonly number[]): readonly Padding[] =>
  x.shape.map((n, i): Padding => {
    const low = nat(i, 9) - 4
    const rest = n + Math.max(0, n - 1) * interior[i]! + low
    return [low, Math.max(-rest, nat(i + 1, 9) - 4)]
  })

const padded = (given: Given): Tensor => {
  const isWide = given.nat(3, 2) === 0
  const interior = given.x.shape.map((_, i) => (isWide && i === given.axis ? 20 : given.nat(i + 2, 3)))
  return t.pad(given.x, padding(given, interior), { interior, value: given.nat(4, 2) })
}

/** The tensor, computed and backwards, side by side. */
const beside = ({ x, axis }: Given): Tensor => t.concat([x, t.flip(x, axis), t.where(t.eq(x, x), x, t.flip(x))], axis)

const cutOut = (given: Given): Tensor => {
  const { axis, nat } = given
  const all = beside(given)
  const length = all.shape[axis]!
  const start = nat(0, length)
  const at = (value: number, others: readonly number[]): readonly number[] =>
    others.map((other, i) => (i === axis ? value : other))
  const [zeros, ones] = [all.shape.map(() => 0), all.shape.map(() => 1)]
  return t.slice(all, {
    start: at(start, zeros),
    stop: at(start + nat(1, length - start) + 1, all.shape),
    step: at(1 + nat(2, 4), ones)
  })
}

const thrice = (x: Tensor, axis: number): Tensor => t.concat([x, x, x], axis)

const none = (x: Tensor, axis: number): Tensor => t.slice(x, { stop: x.shape.map((n, i) => (i === axis ? 0 : n)) })

/** What moves elements, takes some or adds to some; each is computed from and goes on into something. */
const makers: readonly ((given: Given) => Tensor)[] = [
  padded,
  given => t.where(t.eq(padded(given), 0), 1, 2),
  beside,
  given => t.eq(beside(given), 0),
  cutOut,
  given => t.reshape(cutOut(given), [-1, 1]),
  ({ x, axis }) => t.stack([x, t.flip(x), x], axis),
  ({ key, nat }) =>
    t.expandDims(
      t.stack(
        [0, 1, 2].map(i => bits(foldIn(key, i), [3])),
        1
      ),
      nat(0, 3)
    ),
  ({ x, key }) => uniform(key, x.shape, { dtype: x.dtype === "f64" ? "f64" : "f32" }),
  ({ x, key, nat }) => bits(split(key, 3)[nat(0, 3)]!, x.shape),
  ({ x, axis, places }) => t.take(thrice(x, axis), places, axis),
  ({ x, axis, places, nat }) =>
    t.prod(t.take(none(t.stack([thrice(numeric(x), axis)], -1), x.shape.length), t.add(places, 100 * nat(3, 2)), axis)),
  ({ x, axis, places, nat }) => {
    const late = t.take(t.flip(thrice(x, axis)), t.add(places, 100 * nat(2, 2)), axis)
    const early = t.take(thrice(x, axis), t.sub(places, 100 * nat(3, 2)), axis)
    return t.concat([late, none(early, axis)], axis)
  },
  ({ x, axis, nat }) => [t.sum, t.prod][nat(0, 2)]!(numeric(none(x, axis)), { axes: nat(1, x.shape.length) }),
  ({ x, axis, nat }) =>
    t.pad(
      none(x, axis),
      x.shape.map((_, i) => [nat(i, 3), nat(i + 1, 3)] as const),
      { interior: x.shape.map(() => 2), value: nat(2, 2) }
    ),
  ({ x, axis, places }) => t.scatterAdd(numeric(x), none(places, 0), none(numeric(x), axis), axis),
  ({ x }) => {
    const [last, all] = t.scan((a, b) => [t.where(t.eq(a, b), a, b), a] as const, x, none(t.expandDims(x, 0), 0))
    return t.concat([t.expandDims(last, 0), all])
  },
  ({ x, axis, places, nat }) => {
    const long = thrice(numeric(x), axis)
    const updates = t.take(long, places, axis)
    const scatter = nat(3, 2) === 1 ? t.scatterSet : t.scatterAdd
    return scatter(nat(4, 2) === 1 ? long : t.zeros(long.shape, long.dtype), places, updates, axis)
  },
  ({ x, axis }) => t.takeAlongAxis(x, t.argSort(x, axis), axis),
  ({ x, axis, nat }) => {
    const y = t.cast(x, "f64")
    return t.argSort(t.where(t.gt(y, nat(1, 3)), [NaN, -0, Infinity, -Infinity][nat(2, 4)]!, t.mul(y, 0)), axis)
  },
  ({ x, axis, nat }) => {
    const y = x.dtype === "f64" ? x : t.cast(x, "f32")
    const places = t.rem(t.argSort(y, axis), 1 + nat(0, y.shape[axis]!))
    return t.grad((z: Tensor) => t.sum(t.mul(z, t.takeAlongAxis(z, places, axis))))(y)
  },
  ({ x, axis, nat }) => (nat(0, 2) === 0 ? t.argMax : t.argMin)(x, axis),
  ({ x, axis, nat }) => {
    const y = t.cast(x, "f32")
    return t.argMax(t.where(t.gt(y, nat(1, 3)), NaN, y), axis)
  },
  ({ x, axis, nat }) => t.cumSum(numeric(x), { axis, reverse: nat(0, 2) === 1 }),
  ({ key, nat }) => t.stack(split(foldIn(key, nat(0, 9)), 1 + nat(1, 17)))
]

/** Makes random movements of elements, of odd sizes, some of which fill blocks of memory to the last byte. */
export const arbMovement: fc.Arbitrary<Program> = fc
  .record({
    x: arbTensor({ shape: arbShape({ sizes: [1, 2, 3, 4, 5, 16, 17], maxRank: 3, mostElements: 2000 }) }),
    axis: fc.nat(2),
    numbers: fc.array(fc.nat(1000), { minLength: 5, maxLength: 5 }),
    chosen: fc.array(fc.nat(makers.length - 1), { minLength: 1, maxLength: 3 })
  })
  .map(({ x, axis, numbers, chosen }) => {
    const nat: Given["nat"] = (index, below) => (below <= 0 ? 0 : numbers[index % numbers.length]! % below)
    const own = t.expandDims(x, 0)
    const along = axis % own.shape.length
    const [length, isWrong] = [3 * own.shape[along]!, nat(4, 6) === 0]
    const last = isWrong ? [-1, length][nat(3, 2)]! : nat(2, length)
    const inputs = [own, key(nat(0, 1000)), t.tensor([nat(0, 3), nat(1, 3), 0, last], { dtype: "i32" })]
    const build: Program["build"] = ([given, seed, places]) =>
      chosen.map(maker => makers[maker]!({ x: given!, axis: along, nat, key: seed!, places: places! }))
    return { inputs, build, toString: () => build(inputs).map(String).join("\n") }
  })
