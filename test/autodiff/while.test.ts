import * as t from "thalweg"
import { describe, expect, test } from "vitest"
import { programOf, trace } from "../../src/engine/trace.js"
import { errorOf, gradientError, gradients, lossOf, slopeOf } from "./differences.js"
import { loopRows } from "./rows.loops.js"
import { f64, i32, range } from "./samples.js"
import { thrownBy } from "../support.js"
import fc from "fast-check"

type T = t.Tensor

const {
  abs,
  add,
  compile,
  cond,
  div,
  grad,
  gt,
  hvp,
  item,
  jvp,
  lt,
  mul,
  scalar,
  sin,
  sqrt,
  sub,
  sum,
  where,
  whileLoop
} = t

/** Newton's method, as often as its error asks for it. */
const root =
  (options: t.WhileLoopOptions = {}) =>
  (a: T): T =>
    whileLoop(
      x => gt(abs(sub(mul(x, x), a)), 1e-13),
      x => mul(0.5, add(x, div(a, x))),
      a,
      options
    )

/** The steps that it takes, one by one. */
const unrolled =
  (steps: number) =>
  (a: T): T =>
    range(steps).reduce(x => mul(0.5, add(x, div(a, x))), a)

const [bounded, unbounded] = [root({ max: 30 }), root()]
const [one, points] = [f64(1), [0.3, 2, 5, 900]]
const stepsFor = (a: number): number =>
  range(30).find(n => item(abs(sub(t.square(unrolled(n)(f64(a))), a))) <= 1e-13) ?? NaN

/** Some derivatives of a function of one number. */
const derivatives = {
  grad: (f: typeof bounded) => grad(f),
  "grad of grad": (f: typeof bounded) => grad(grad(f)),
  hvp: (f: typeof bounded) => (a: T) => hvp(f)(a, one),
  "grad of jvp": (f: typeof bounded) => grad((a: T) => jvp(f)(a, one)[1]),
  hessian: (f: typeof bounded) => t.hessian(f)
}
const forward = {
  jvp: (f: typeof bounded) => (a: T) => jvp(f)(a, one)[1],
  "jvp of jvp": (f: typeof bounded) => (a: T) => jvp((b: T) => jvp(f)(b, one)[1])(a, one)[1]
}

describe("the derivatives of a loop are those of the steps that it makes", () => {
  test("that many", () => {
    expect(points.map(stepsFor).every(n => n > 3 && n < 12)).toBe(true)
  })
  test.each(Object.entries({ ...derivatives, ...forward }))("%s, with max", (_, derivative) => {
    const [looped, run] = [derivative(bounded), compile(derivative(bounded))]
    for (const a of points) {
      const expected = [item(derivative(unrolled(stepsFor(a)))(f64(a)))]
      expect(errorOf([item(looped(f64(a)))], expected)).toBeLessThan(1e-13)
      expect(errorOf([item(run(f64(a)))], expected)).toBeLessThan(1e-13)
    }
  })
  test.each(Object.entries(forward))("%s, without", (_, derivative) => {
    const [looped, run] = [derivative(unbounded), compile(derivative(unbounded))]
    for (const a of points) {
      const expected = [item(derivative(unrolled(stepsFor(a)))(f64(a)))]
      expect(errorOf([item(looped(f64(a)))], expected)).toBeLessThan(1e-13)
      expect(errorOf([item(run(f64(a)))], expected)).toBeLessThan(1e-13)
    }
  })
})

describe("third derivatives", () => {
  test.each(loopRows.map(row => [row.name, row.samples] as const))("%s", (_, samples) => {
    const agrees = fc.property(samples, ({ f, at }) => {
      expect(gradientError({ f: slopeOf(slopeOf(f)), at })).toBeLessThan(1e-6)
    })
    fc.assert(agrees, { seed: 5, numRuns: 1 })
  })
})

describe("forward mode through loops without bound", () => {
  const nested = (x: T, w: T): T =>
    whileLoop(
      ({ n }: { n: T; y: T }) => lt(n, 4),
      ({ n, y }) => ({
        n: add(n, 1),
        y: whileLoop(
          z => lt(abs(z), 5),
          z => add(mul(z, 1.5), mul(sin(x), w)),
          sin(y)
        )
      }),
      { n: i32(0), y: x }
    ).y
  const flat = (x: T, w: T): T =>
    range(4).reduce(y => {
      let z = sin(y)
      while (Math.abs(item(z)) < 5) z = add(mul(z, 1.5), mul(sin(x), w))
      return z
    }, x)
  const [at, along] = [
    [f64(0.8), f64(0.4)],
    [f64(1), f64(-2)]
  ] as const
  test("within each other", () => {
    const push = (f: typeof nested): number => item(jvp(([x, w]: readonly [T, T]) => f(x, w))(at, along)[1])
    expect(errorOf([push(nested)], [push(flat)])).toBeLessThan(1e-13)
  })
  test.each([1, 2])("within a scan, whose derivative goes back and forth, of order %i", order => {
    const shrunk = (x: T, w: T): T =>
      whileLoop(
        z => gt(abs(z), 0.2),
        z => mul(z, mul(0.45, sin(w))),
        x
      )
    const f = (x: T): T => {
      const body = (c: T, s: T): readonly [T, T] => [add(mul(c, 0.5), shrunk(add(c, s), add(x, 1))), sin(c)]
      const [c, all] = t.scan(body, x, f64([0.2, 0.5, 0.1]))
      return add(c, sum(all))
    }
    const push =
      (g: typeof f): typeof f =>
      (x: T) =>
        jvp(g)(x, one)[1]
    const [g, h, x] = [order === 1 ? f : push(f), 1e-3, 0.63]
    const value = (steps: number): number => item(g(f64(x + steps * h)))
    const difference = (8 * (value(1) - value(-1)) - (value(2) - value(-2))) / (12 * h)
    expect(errorOf([item(push(g)(f64(x)))], [difference])).toBeLessThan(1e-9)
    expect(errorOf([item(compile(push(g))(f64(x)))], [difference])).toBeLessThan(1e-9)
  })
  test("in which the carry of integers decides", () => {
    const f = (x: T): T =>
      whileLoop(
        ({ n }: { n: T; p: T }) => gt(n, 0),
        ({ n, p }) => ({ n: sub(n, 1), p: mul(p, x) }),
        { n: i32(5), p: f64(1) }
      ).p
    expect(item(jvp(f)(f64(2), one)[1])).toBe(80)
    expect(item(compile((x: T) => jvp(f)(x, one)[1])(f64(2)))).toBe(80)
  })
})

describe("without max there is no reverse mode", () => {
  const a = f64(2)
  test.each<[string, () => unknown]>([
    ["grad", () => item(grad(unbounded)(a))],
    ["grad, compiled", () => compile(grad(unbounded))(a)],
    ["hvp", () => item(hvp(unbounded)(a, one))],
    ["grad of jvp", () => item(grad((x: T) => jvp(unbounded)(x, one)[1])(a))],
    ["vjp", () => item(t.vjp(unbounded)(a)[1](one))],
    ["jacobian", () => item(t.jacobian(unbounded)(a))],
    ["within a scan", () => item(grad((x: T) => t.scan(c => [unbounded(c), []], x, [], { length: 2 })[0])(a))]
  ])("%s", (_, call) => {
    const error = thrownBy(call) as { name: string; mistake: Record<string, string> }
    expect([error.name, error.mistake["operation"], error.mistake["received"]]).toEqual([
      "GradientError",
      "whileLoop",
      "a loop without it"
    ])
    expect(error.mistake["expected"]).toMatch(/^max, the most iterations/)
  })
  test("but what does not flow through it has a derivative", () => {
    const counted = (x: T): T =>
      mul(
        x,
        t.cast(
          whileLoop(
            n => lt(n, t.cast(t.floor(x), "i32")),
            n => add(n, 1),
            i32(0)
          ),
          "f64"
        )
      )
    expect(item(grad(counted)(f64(3.5)))).toBe(3)
  })
})

describe("max", () => {
  test("reached, the loop ends, and so does its derivative", () => {
    const power = (max: number) => (x: T) =>
      whileLoop(
        () => scalar(true),
        y => mul(y, x),
        x,
        { max }
      )
    expect(item(power(3)(f64(2)))).toBe(16)
    expect(item(grad(power(3))(f64(2)))).toBe(4 * 8)
  })
  test("costs memory, not time: the loops of the derivative are told how many iterations were made", () => {
    const f = (x: T): T =>
      whileLoop(
        y => lt(y, 100),
        y => add(mul(y, y), x),
        x,
        { max: 1_000_000 }
      )
    const flat = (x: T): T => range(3).reduce(y => add(mul(y, y), x), x)
    expect(item(compile(grad(f))(f64(2)))).toBe(item(grad(flat)(f64(2))))
    const { structure, leaves } = t.Tree.flatten([f64(2)])
    const loops = programOf(trace(grad(grad(f)), structure, leaves)).steps.map(({ op }) => op)
    const scans = loops.filter(op => op.kind === "scan")
    expect(scans.length).toBeGreaterThan(2)
    expect(scans.every(({ counted }) => counted)).toBe(true)
  })
})

describe("the branch that is not taken has no derivative", () => {
  const choose = (x: T): T =>
    cond(
      gt(x, 0),
      (y: T) => sqrt(y),
      y => mul(y, 0),
      x
    )
  const blend = (x: T): T => where(gt(x, 0), sqrt(x), mul(x, 0))
  test("where an infinite one times 0 would be NaN", () => {
    expect(item(grad(blend)(f64(0)))).toBeNaN()
    for (const f of [choose, compile(choose)]) {
      expect(item(grad(f)(f64(0)))).toBe(0)
      expect(item(jvp(f)(f64(0), one)[1])).toBe(0)
      expect(item(grad(grad(f))(f64(0)))).toBe(0)
      expect(item(hvp(f)(f64(0), one))).toBe(0)
      expect(item(grad(f)(f64(4)))).toBe(0.25)
    }
    expect(item(compile(grad(choose))(f64(0)))).toBe(0)
  })
  test("in a loop, element by element", () => {
    const f = (xs: T): T => sum(t.scan((c: T, x: T) => [c, choose(x)] as const, f64(0), xs)[1])
    expect(t.toArray(grad(f)(f64([0, 4, -1, 0, 1])))).toEqual([0, 0.25, 0, 0, 0.5])
  })
})

test("a loop in f32 has a gradient in f32", () => {
  const x = scalar(2)
  expect(grad(bounded)(x).dtype).toBe("f32")
  expect(
    gradients(
      lossOf((a: T) =>
        whileLoop(
          y => lt(y, 100),
          y => mul(y, y),
          a,
          { max: 9 }
        )
      ),
      [x]
    )[0]
  ).toEqual([1024])
})

test("a derivative in reverse mode that keeps more than a tensor holds says how many iterations fit", () => {
  const grown = (max: number) => (x: T) => sum(whileLoop(y => lt(sum(y), 9), y => mul(y, y), x, { max })) // prettier-ignore
  const x = f64([1.5, 2])
  expect(() => grad(grown(2e9))(x)).toThrow(
    "whileLoop: expected a max of at most 1073741824, for a derivative in reverse mode that keeps f64[2] of each iteration; got 2000000000"
  )
  expect(t.toArray(grown(2e9)(x))).toEqual(t.toArray(grown(9)(x)))
})
