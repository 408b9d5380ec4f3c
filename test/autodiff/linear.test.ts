import * as t from "thalweg"
import { adam } from "thalweg/optimizer"
import { describe, expect, test } from "vitest"
import { ARGS } from "../../src/dataflow/primitive.js"
import { f64 } from "./samples.js"

type T = t.Tensor

const { add, compile, grad, mul, scan, sin, square, stopGradient, sub, sum } = t

/** The same node to everyone, which tells when somebody asks for its arguments. */
const watched = (node: T, onVisit: () => void): T =>
  new Proxy(node, {
    get: (target, key) => {
      if (key === "args" || key === ARGS) onVisit()
      return Reflect.get(target, key) as unknown
    }
  })

type Step = (x: T) => T

/** How often what one of `n` steps makes of another is visited, while `run` builds (and differentiates) them. */
const visits = (step: Step, n: number, run: (steps: Step) => unknown): number => {
  let count = 0
  run(x => Array.from({ length: n }).reduce<T>(y => watched(step(y), () => count++), x))
  return count
}

const x = f64([0.3, 0.7])
const [twice, cell] = [compile((x: T) => mul(sin(x), 2)), compile((c: T, w: T) => sin(mul(c, w)))]

const optimizer = adam({ learningRate: 0.1 })
const adamStep = compile(optimizer.step<T>)

const steps: Readonly<Record<string, Step>> = {
  primitives: x => sin(mul(x, x)),
  "compiled calls": twice,
  "compiled calls, the argument twice": x => cell(x, x),
  "compiled steps of adam": x => adamStep(x, optimizer.init(x), sin(x))[0],
  loops: x => scan((c: T) => [sin(c), []], x, [], { length: 2 })[0],
  "loops that close over it": x => scan((c: T) => [sin(mul(c, x)), []], x, [], { length: 2 })[0],
  "loops over it": x => scan((c: T, k: T) => [sin(mul(c, k)), c], f64(1), x)[1],
  "inner derivatives": x => sub(x, mul(0.1, grad((y: T) => sum(square(y)))(x))),
  "inner derivatives that close over it": x => grad((y: T) => sum(square(mul(x, y))))(x),
  "inner products with a Hessian": x => t.hvp((y: T) => sum(mul(x, sin(y))))(x, x),
  "derivatives by hand": t.customVjp(
    (x: T) => [sin(x), x] as const,
    (x, ct) => [mul(ct, x)] as const
  ),
  "derivatives by hand that close over it, held constant": x =>
    t.customVjp(
      (y: T) => [mul(y, stopGradient(x)), []] as const,
      (_, ct) => [mul(ct, stopGradient(x))] as const
    )(sin(x))
}

const runs: Readonly<Record<string, (steps: Step) => unknown>> = {
  "a derivative": steps => grad((y: T) => sum(steps(y)))(x),
  "a derivative of a derivative": steps => grad((y: T) => sum(square(grad((z: T) => sum(steps(z)))(y))))(x),
  "a derivative in a loop": steps => scan((c: T) => [grad((y: T) => sum(steps(y)))(c), []], x, [], { length: 2 })[0],
  "a forward derivative": steps => t.jvp(steps)(x, x)
}

describe.each(Object.entries(runs))("%s visits every step as often, however many there are:", (_, run) => {
  test.each(Object.entries(steps))("%s", (_, step) => {
    const [few = 0, more = 0, most = 0] = [5, 10, 15].map(n => visits(step, n, run))
    expect(few).toBeGreaterThan(0)
    expect(most - more).toBe(more - few)
  })
})

describe("building does not visit what is there already:", () => {
  const built = Object.entries(steps).filter(([name]) => !name.startsWith("compiled"))
  test.each(built)("%s", (_, step) => {
    expect(visits(step, 10, steps => steps(x))).toBe(0)
  })
  test.each(Object.entries(steps))("%s, in a traced function", (_, step) => {
    let count = NaN
    grad((y: T) => {
      count = visits(step, 10, steps => steps(y))
      return sum(y)
    })(x)
    expect(count).toBe(0)
  })
})

test("loops whose carries are read one after another are walked once", () => {
  const shift = (c: readonly T[]): readonly T[] => [...c.slice(1), sin(c[0] as T)]
  const carried = (n: number): number => {
    let count = 0
    const start = Array.from({ length: n }, (_, i) => f64(i / n))
    const body = (c: readonly T[]) => [shift(c).map(y => watched(add(y, 1), () => count++)), []] as const
    grad((y: readonly T[]) => scan(body, y, [], { length: 2 })[0][0] as T)(start)
    return count
  }
  const [few = 0, more = 0, most = 0] = [10, 20, 30].map(carried)
  expect(most - more).toBe(more - few)
})
