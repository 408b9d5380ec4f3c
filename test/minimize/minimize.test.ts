import {
  abs,
  add,
  at,
  compile,
  evaluate,
  exp,
  grad,
  item,
  log,
  mul,
  neg,
  scalar,
  sqrt,
  square,
  sub,
  sum,
  tensor,
  toArray,
  toTyped,
  Tree,
  zeros,
  type Tensor
} from "thalweg"
import {
  backtracking,
  bfgs,
  conjugateGradients,
  descendBy,
  gradientDescent,
  lbfgs,
  minimize,
  minimizer,
  nelderMead,
  newtonCg,
  strongWolfe,
  type AnyMethod
} from "thalweg/minimize"
import { adam, lookahead, nag, sgd, withEma } from "thalweg/optimizer"
import { describe, expect, test } from "vitest"
import { thrownBy } from "../support.js"

const f64 = (x: number | readonly number[]) => tensor(x, { dtype: "f64" })
const searching: readonly AnyMethod[] = [lbfgs(), bfgs(), conjugateGradients(), newtonCg(), gradientDescent()]
const named = (methods: readonly AnyMethod[]) => methods.map(method => [method.name, method] as const)

const valley = ({ x, y }: { x: Tensor; y: Tensor }): Tensor =>
  add(square(sub(1, x)), mul(100, square(sub(y, square(x)))))

describe("trees", () => {
  test("a minimum is a tree like its start, of its dtypes", () => {
    const f = ({ a, b }: { a: readonly [Tensor, Tensor]; b: Tensor }) =>
      add(sum(square(sub(a[0], 2))), add(square(sub(a[1], 3)), sum(square(sub(b, 1)))))
    const start = { a: [zeros([2, 2]), scalar(0)] as const, b: zeros([3]) }
    const { at, reason } = minimize(f)(start)
    expect(reason).toBe("converged")
    expect(Tree.leaves(at).map(({ shape, dtype }) => [shape, dtype])).toEqual(
      Tree.leaves(start).map(({ shape, dtype }) => [shape, dtype])
    )
    for (const [leaf, value] of [
      [at.a[0], 2],
      [at.a[1], 3],
      [at.b, 1]
    ] as const)
      for (const x of toTyped(leaf)) expect(x).toBeCloseTo(value, 3)
  })

  test("one leaf of f64 makes all of it f64; the others are rounded where the function sees them", () => {
    const mixed = ({ a, b }: { a: Tensor; b: Tensor }): Tensor => {
      expect([a.dtype, b.dtype]).toEqual(["f32", "f64"])
      return add(square(sub(b, 0.1)), mul(0.5, square(sub(add(b, mul(b, 0)), 0.1))))
    }
    const { at, gradientNorm } = minimize(mixed)({ a: scalar(3), b: scalar(1, "f64") })
    expect(gradientNorm).toBeLessThanOrEqual(1e-6)
    expect([at.a.dtype, at.b.dtype, item(at.a)]).toEqual(["f32", "f64", 3])
    expect(item(at.b)).toBeCloseTo(0.1, 8)
  })

  test("one program for each structure: the function is not called again", () => {
    let calls = 0
    const f = (x: Tensor): Tensor => {
      calls += 1
      return sum(square(sub(x, 1)))
    }
    const run = minimize(f)
    run(f64([2, 3]))
    const once = calls
    expect(once).toBeLessThanOrEqual(4)
    run(f64([5, 6]))
    expect(calls).toBe(once)
    run(f64([5, 6, 7]))
    expect(calls).toBe(2 * once)
  })
})

describe("why it stops", () => {
  const start = { x: f64(-1.2), y: f64(1) }
  test.each(named(searching.slice(0, 4)))("%s converges, and says so", (_, method) => {
    const { reason, message, iterations, gradientNorm } = minimize(valley, { method, tolerance: 1e-8 })(start)
    expect([reason, gradientNorm <= 1e-8]).toEqual(["converged", true])
    expect(message).toMatch(
      new RegExp(
        `^Converged after ${iterations} iterations: the largest absolute element of the gradient, .* at most the tolerance, 1e-8\\.$`
      )
    )
  })

  test("at maxSteps", () => {
    const { reason, iterations, message, history } = minimize(valley, { maxSteps: 3 })(start)
    expect([reason, iterations, history.values.length]).toEqual(["maxSteps", 3, 4])
    expect(message).toMatch(
      /^Stopped after 3 iterations, which is all of maxSteps: .* above the tolerance, 0.000001\.$/
    )
  })

  test.each(named(searching))("%s says of what falls without end that it has no minimum", (_, method) => {
    const { reason, value, message } = minimize((x: Tensor) => neg(sum(square(x))), { method })(f64([1, 2]))
    expect([reason, value]).toEqual(["notFinite", -Infinity])
    expect(message).toContain("no minimum")
  })

  test.each(named([lbfgs(), bfgs(), conjugateGradients(), newtonCg()]))("%s of a line as well", (_, method) => {
    const { reason, value } = minimize((x: Tensor) => sub(mul(2, x), 5), { method })(scalar(1, "f64"))
    expect([reason, value]).toEqual(["notFinite", -Infinity])
  })

  test.each(named(searching.slice(0, 4)))("%s of sums, of f32 too", (_, method) => {
    for (const start of [f64([1, 2]), f64([1]), tensor([1, 2])]) {
      const { reason, value, message } = minimize((x: Tensor) => sum(x), { method })(start)
      expect([reason, value, message.includes("no minimum")]).toEqual(["notFinite", -Infinity, true])
    }
  })

  test.each(named(searching))("%s: a first step that a rounding of the point would hide is longer", (_, method) => {
    const far = (x: Tensor) => mul(1e-9, square(sub(x, 1e12)))
    expect(minimize(far, { method })(scalar(1e12 - 2e4, "f64")).reason).toBe("converged")
  })

  test.each(named(searching))("%s that does not move ends, and says so", (_, method) => {
    const between = (x: Tensor) => square(sub(sub(x, 1e16), 1)) // least where there is no number
    const { at: end, reason, iterations } = minimize(between, { method })(scalar(1e16, "f64"))
    expect([item(end), reason, iterations <= 2]).toEqual([1e16, "lineSearchFailed", true])
  })

  test.each(named(searching))("%s: no product of gradients overflows", (_, method) => {
    const steep = (unit: number) => (x: Tensor) =>
      mul(unit, sum(square(sub(square(x), tensor([1, 2], { dtype: x.dtype })))))
    for (const [unit, start] of [
      [1e200, f64([3, 4])],
      [1e21, tensor([3, 4])]
    ] as const) {
      // prettier-ignore
      const tolerance = 1e-3 * unit
      expect(minimize(steep(unit), { method, tolerance })(start).reason).toBe("converged")
    }
  })

  test.each(named(searching.slice(0, 4)))("%s ends at a kink, where nothing is lower", (_, method) => {
    const { reason, message } = minimize((x: Tensor) => sum(abs(x)), { method, maxSteps: 200 })(f64([1, 0.3]))
    expect(["lineSearchFailed", "converged"]).toContain(reason)
    if (reason === "lineSearchFailed") expect(message).toMatch(/kink/)
  })

  test("an optimizer that runs away is not finite, and it says when", () => {
    const f = (x: Tensor) => sum(square(square(x)))
    const { reason, iterations } = minimize(f, { method: descendBy(sgd({ learningRate: 1 })) })(f64([3]))
    expect(reason).toBe("notFinite")
    expect(iterations).toBeLessThan(20)
  })
})

describe("nelderMead", () => {
  const bowl = (x: Tensor) => sum(square(sub(x, 1)))
  test.each([
    ["of f32 at 0", zeros([2]), {}, {}],
    ["of f32 near it", tensor([0.01, 0.01]), {}, {}],
    ["near 0", f64([1e-5, 1e-5]), {}, {}],
    ["at 0, with a tolerance above its spread there", f64([0, 0]), { tolerance: 1e-3 }, {}],
    ["that rounding would make a point", f64([3, 2]), {}, { spread: 1e-20 }],
    ["of one variable", f64([1e-9]), {}, {}],
    ["of many", zeros([6], "f64"), { tolerance: 1e-2 }, { zeroSpread: 1e-9 }]
  ] as const)("begins with a simplex that is wider than the tolerance: %s", (_, start, options, own) => {
    const { at, value, reason, message } = minimize(bowl, { ...options, method: nelderMead(own) })(start)
    expect(reason).toBe("converged")
    expect(message).toMatch(/the width of the simplex, .* is at most the tolerance/)
    expect(value).toBeLessThan(1e-3)
    expect(item(bowl(at))).toBe(value)
  })

  test("is at the place whose value it tells, before the first step too", () => {
    const state = minimizer(bowl, { method: nelderMead() }).init(f64([0, 0]))
    expect(toArray(state.at)).toEqual(toArray(state.point))
    expect(item(bowl(state.at))).toBe(item(state.value))
  })
})

describe("values that are not finite", () => {
  test.each(named([...searching, nelderMead()]))("%s: beyond a border they count as too long a step", (_, method) => {
    // log is NaN below 0, and the first step goes there
    const f = (x: Tensor) => sum(sub(mul(0.01, x), log(x)))
    const { reason, at } = minimize(f, { method, tolerance: 1e-5, maxSteps: 5000 })(f64([0.001, 20]))
    expect(reason).toBe("converged")
    for (const x of toTyped(at)) expect(x).toBeCloseTo(100, 0)
  })

  test.each(named(searching))("%s: so do infinite ones", (_, method) => {
    const f = (x: Tensor) => sum(sub(exp(mul(30, x)), mul(2, x)))
    const { reason, at } = minimize(f, { method, tolerance: 1e-5, maxSteps: 5000 })(f64([-20, 0]))
    expect(reason).toBe("converged")
    for (const x of toTyped(at)) expect(x).toBeCloseTo(Math.log(1 / 15) / 30, 4)
  })

  test("and gradients that are, where the value is finite", () => {
    const f = (x: Tensor) => add(sub(1, sqrt(x)), square(x)) // at 0 the slope is infinite
    const { reason, at } = minimize(f)(scalar(2, "f64"))
    expect(reason).toBe("converged")
    expect(item(at)).toBeCloseTo(16 ** (-1 / 3), 6)
  })
})

describe("line searches", () => {
  const rosen = (x: Tensor) => valley({ x: at(x, 0), y: at(x, 1) })
  test.each([
    ["strongWolfe", strongWolfe({ curvature: 0.1 })],
    ["backtracking", backtracking({ shrink: 0.3 })]
  ] as const)("lbfgs works with %s", (_, lineSearch) => {
    const { reason } = minimize(rosen, { method: lbfgs({ lineSearch }), maxSteps: 300 })(f64([-1.2, 1]))
    expect(reason).toBe("converged")
  })

  test.each([0.9, 0.1, 0.01])("strongWolfe finds what it promises, with c₂ = %d", curvature => {
    const problem = {
      size: 1,
      dtype: "f64" as const,
      objective: (_: Tree) => scalar(0, "f64"),
      vectorOf: (x: Tree) => x as Tensor,
      treeOf: (x: Tensor) => x,
      value: (x: Tensor) => hill(at(x, 0)),
      valueAndGradient: (x: Tensor) => [hill(at(x, 0)), grad((x: Tensor) => hill(at(x, 0)))(x)] as const,
      hessianProduct: (_: Tensor, v: Tensor) => v
    }
    // falls, rises, falls: the bracket closes on the first valley or a lower one
    const hill = (x: Tensor): Tensor => add(mul(0.05, square(sub(x, 4))), mul(-1, exp(neg(square(sub(x, 1))))))
    for (const first of [1e-6, 0.1, 1, 10, 1e6]) {
      const point = f64([-3])
      const [value, gradient] = problem.valueAndGradient(point)
      const direction = neg(gradient)
      const found = evaluate({
        ...strongWolfe({ curvature }).search(problem, { point, value, gradient }, direction, scalar(first, "f64"))
      } as unknown as Record<string, Tensor>)
      const slope = -item(sum(square(gradient)))
      const length = item(found["length"] as Tensor)
      expect(item(found["value"] as Tensor)).toBeLessThanOrEqual(item(value) + 1e-4 * length * slope)
      expect(Math.abs(item(sum(mul(found["gradient"] as Tensor, direction))))).toBeLessThanOrEqual(curvature * -slope)
    }
  })

  test("c₁ has to be below c₂", () => {
    expect(() => strongWolfe({ sufficient: 0.5, curvature: 0.4 })).toThrow(
      "strongWolfe: expected curvature to be a number above sufficient, 0.5; got 0.4"
    )
  })
})

describe("states", () => {
  const { init, step } = minimizer(valley, { method: bfgs() })
  const start = { x: f64(-1.2), y: f64(1) }
  const next = compile(step)

  test("can be branched: what is done to one does not show in the other", () => {
    let state = init(start)
    for (let i = 0; i < 5; i++) state = next(state)
    const [a, b] = [next(next(state)), next(next(state))]
    expect(Tree.leaves(a).map(toArray)).toEqual(Tree.leaves(b).map(toArray))
    expect(item(a.iterations)).toBe(7)
  })

  test("that stopped at maxSteps go on where there are more", () => {
    const short = minimizer(valley, { method: bfgs(), maxSteps: 2 })
    const stopped = short.step(short.step(init(start)))
    expect([item(stopped.status), item(short.step(stopped).iterations), item(step(stopped).iterations)]).toEqual([
      2, 2, 3
    ])
  })

  test("at a start that is not finite says so", () => {
    expect(item(init({ x: f64(NaN), y: f64(1) }).status)).toBe(3)
  })
})

describe("optimizers", () => {
  const bowl = ({ w }: { w: Tensor }) => sum(mul(f64([1, 3]), square(sub(w, f64([2, -1])))))
  const start = { w: f64([5, 5]) }

  test("as many steps of the optimizer lead to the same place", () => {
    const optimizer = adam({ learningRate: 0.1 })
    let [params, state] = [start, optimizer.init(start)]
    for (let i = 0; i < 7; i++) [params, state] = optimizer.step(params, state, grad(bowl)(params))
    const { at, evaluations } = minimize(bowl, { method: descendBy(optimizer), maxSteps: 7 })(start)
    expect(toArray(at.w)).toEqual(toArray(params.w))
    expect(evaluations).toEqual({ values: 8, gradients: 8, hessianProducts: 0 })
  })

  test("that look ahead take their gradient there, and those that average are judged by the average", () => {
    const ahead = minimize(bowl, { method: descendBy(nag({ learningRate: 0.02 })), maxSteps: 2000 })(start)
    const averaged = minimize(bowl, {
      method: descendBy(withEma(0.9)(sgd({ learningRate: 0.05 }))),
      maxSteps: 2000
    })(start)
    const both = minimize(bowl, { method: descendBy(lookahead()(sgd({ learningRate: 0.05 }))), maxSteps: 2000 })(start)
    for (const { reason, at } of [ahead, averaged, both]) {
      expect(reason).toBe("converged")
      expect(toTyped(at.w)[0]).toBeCloseTo(2, 5)
    }
    expect(averaged.evaluations.gradients).toBe(2 * averaged.iterations + 1)
  })
})

describe("mistakes", () => {
  const f = (x: Tensor) => sum(square(x))
  test.each<readonly [string, () => unknown, string]>([
    [
      "a function that is not scalar",
      () => minimize((x: Tensor) => square(x))(f64([1, 2])),
      "ShapeError: minimize: expected a function with a scalar result; got f64[2]"
    ],
    [
      "one that returns no tensor",
      () => minimize((() => 3) as never)(f64([1, 2])),
      "DataError: minimize: expected a function with a scalar result; got 3"
    ],
    [
      "one of whole numbers",
      () => minimize(() => scalar(3, "i32"))(f64([1])),
      "DTypeError: minimize: expected a function with a result of f32 or f64; got i32"
    ],
    [
      "leaves of whole numbers",
      () => minimize(({ a }: { a: Tensor; n: Tensor }) => sum(a))({ a: f64([1]), n: scalar(1, "i32") }),
      'DTypeError: minimize at "n": expected a start of f32 or f64; got a tensor i32[]'
    ],
    [
      "an empty tree",
      () => minimize(() => scalar(1))([]),
      "TreeError: minimize: expected a start with at least one element; got no leaf"
    ],
    [
      "an empty leaf",
      () => minimize(f)(zeros([0])),
      "TreeError: minimize: expected a start with at least one element; got empty leaves"
    ],
    [
      "a start that is not finite",
      () => minimize(({ x, y }: { x: Tensor; y: Tensor }) => sum(mul(y, log(x))))({ x: f64(-1), y: f64([1, 2]) }),
      "DataError: minimize: expected a start at which the function and its gradient are finite; " +
        "got x: -1, y: f64[2] from 1 to 2 (log of -1 gives NaN in f64[], computed from the argument 0/x"
    ],
    [
      "the same, whatever a method makes of it",
      () => minimize((x: Tensor) => sum(log(x)), { method: nelderMead({ spread: 3 }) })(f64([0, 1])),
      "DataError: minimize: expected a start at which the function and its gradient are finite; got the start: f64[2] from 0 to 1 (log of 0"
    ],
    [
      "a gradient there that is not",
      () => minimize((x: Tensor) => sqrt(x))(f64(0)),
      "DataError: minimize: expected a start at which the function and its gradient are finite; got the start: 0 ("
    ],
    ["no function", () => minimize(3 as never), "DataError: minimize: expected a function; got 3"],
    [
      "no method",
      () => minimize(f, { method: adam() as never }),
      "HyperparameterError: minimize: expected method to be a method, such as lbfgs(); got a record with keys "
    ],
    [
      "a tolerance below 0",
      () => minimize(f, { tolerance: -1 }),
      "HyperparameterError: minimize: expected tolerance to be a finite number ≥ 0; got -1"
    ],
    [
      "an option that there is none of",
      () => minimizer(f, { maxStep: 3 } as never),
      'HyperparameterError: minimizer: expected options among method, tolerance, lower, upper, maxSteps, fusedMultiplyAdd; got "maxStep" (did you mean "maxSteps"?)'
    ],
    [
      "an option of a method out of range",
      () => lbfgs({ memory: 0 }),
      "HyperparameterError: lbfgs: expected memory to be a whole number ≥ 1; got 0"
    ],
    [
      "no optimizer",
      () => descendBy({} as never),
      "DataError: descendBy: expected an optimizer, such as adam(); got a record with keys (none)"
    ]
  ])("%s", (_, make, message) => {
    const told = String(thrownBy(make))
    expect(told.slice(0, message.length)).toBe(message)
  })
})
