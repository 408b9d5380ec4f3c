import { readFileSync } from "node:fs"
import {
  abs,
  add,
  at,
  compile,
  concat,
  div,
  exp,
  grad,
  item,
  jacobian,
  log,
  matmul,
  maximum,
  minimum,
  mul,
  neg,
  norm,
  reshape,
  scalar,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  tensor,
  toArray,
  toTyped,
  type Tensor
} from "thalweg"
import {
  gaussNewton,
  leastSquares,
  leastSquaresMinimizer,
  levenbergMarquardt,
  type AnyLeastSquaresMethod,
  type LeastSquaresMethod,
  type RobustLoss
} from "thalweg/minimize"
import { describe, expect, test } from "vitest"

const f64 = (x: number | readonly number[] | readonly (readonly number[])[]) => tensor(x, { dtype: "f64" })
const near = (x: Tensor, right: readonly number[], most: number): void => {
  toTyped(x).forEach((value, i) => expect(Math.abs(value - (right[i] as number))).toBeLessThanOrEqual(most))
}
const one = (t: Tensor): Tensor => reshape(t, [1])

interface Golden {
  readonly t: readonly number[]
  readonly y: readonly number[]
  readonly sigma: readonly number[]
  readonly robust: readonly {
    readonly loss: RobustLoss
    readonly scale: number
    readonly at: readonly number[]
    readonly value: number
    readonly covariance: readonly (readonly number[])[]
  }[]
  readonly bounded: readonly {
    readonly problem: keyof typeof problems
    readonly start: readonly number[]
    readonly lower: readonly (number | string)[]
    readonly upper: readonly (number | string)[]
    readonly at: readonly number[]
    readonly value: number
    readonly evaluations: number
  }[]
  readonly weighted: readonly {
    readonly absolute: boolean
    readonly at: readonly number[]
    readonly covariance: readonly (readonly number[])[]
  }[]
}

const golden = JSON.parse(readFileSync(new URL("../golden/least_squares.json", import.meta.url), "utf8")) as Golden
const [times, observed] = [f64(golden.t), f64(golden.y)]

const problems = {
  decay: (x: Tensor) => sub(add(at(x, 0), mul(at(x, 1), exp(neg(mul(at(x, 2), times))))), observed),
  rosenbrock: (x: Tensor) => concat([one(mul(10, sub(at(x, 1), square(at(x, 0))))), one(sub(1, at(x, 0)))]),
  wood: (x: Tensor) => {
    const [a, b, c, d] = [0, 1, 2, 3].map(i => at(x, i)) as [Tensor, Tensor, Tensor, Tensor]
    const residuals = [
      mul(10, sub(b, square(a))),
      sub(1, a),
      mul(Math.sqrt(90), sub(d, square(c))),
      sub(1, c),
      mul(Math.sqrt(10), sub(add(b, d), 2)),
      div(sub(b, d), Math.sqrt(10))
    ]
    return concat(residuals.map(one))
  }
}

/** The largest relative difference. scipy ends where its cost does not change any more, which leaves half of the digits. */
const off = (own: Tensor, right: readonly number[]): number =>
  Math.max(
    ...[...toTyped(own)].map((x, i) => Math.abs(x - (right[i] ?? NaN)) / Math.max(1e-3, Math.abs(right[i] ?? NaN)))
  )

describe("as scipy.optimize has it", () => {
  test.each(golden.robust)("under the loss $loss of scale $scale", ({ loss, scale, ...right }) => {
    for (const method of [levenbergMarquardt(), gaussNewton()]) {
      const { at, value, covariance, reason } = leastSquares(problems.decay, {
        ...(loss === "linear" ? {} : { loss, scale }),
        method: method
      })(f64([1, 1, 1]))
      expect(reason).toBe("converged")
      expect(off(at, right.at)).toBeLessThan(2e-8)
      expect(Math.abs(value / right.value - 1)).toBeLessThan(1e-14)
      expect(off(covariance, right.covariance.flat())).toBeLessThan(1e-6)
    }
  })

  test.each(golden.bounded)("within bounds: $problem from $lower to $upper", ({ problem, start, ...right }) => {
    const side = (bounds: readonly (number | string)[]): Tensor =>
      f64(bounds.map(b => (b === "inf" ? Infinity : b === "-inf" ? -Infinity : Number(b))))
    const [lower, upper] = [side(right.lower), side(right.upper)]
    const { at, value, reason, evaluations } = leastSquares(problems[problem], { lower, upper })(f64(start))
    expect(reason).toBe("converged")
    expect(off(at, right.at)).toBeLessThan(2e-8)
    expect(Math.abs(value - right.value)).toBeLessThan(1e-14 * (1 + right.value))
    expect(evaluations.residuals).toBeLessThan(right.evaluations + 20)
  })

  test.each(golden.weighted)("with sigma, absolute: $absolute", ({ absolute, ...right }) => {
    const weights = div(1, square(f64(golden.sigma)))
    const fit = leastSquares(problems.decay, { weights, absoluteSigma: absolute })(f64([1, 1, 1]))
    expect(off(fit.at, right.at)).toBeLessThan(1e-7)
    expect(off(fit.covariance, right.covariance.flat())).toBeLessThan(1e-6)
  })
})

const line = ({ a, b }: { a: Tensor; b: Tensor }) =>
  sub(add(a, mul(b, f64([0, 1, 2, 3, 4, 5]))), f64([1, 3, 5.1, 7, 9, 11.2]))
const start = { a: f64(0), b: f64(0) }

describe("what it tells", () => {
  test("residuals as the function gives them, a tree as well, and weights like it", () => {
    const both = (p: { a: Tensor; b: Tensor }) => ({ data: line(p), prior: sub(p.a, 2) })
    const { residuals, value, at } = leastSquares(both, { weights: { data: scalar(1), prior: scalar(4) } })(start)
    expect([residuals.data.shape, residuals.prior.shape]).toEqual([[6], []])
    expect(item(residuals.prior)).toBe(item(at.a) - 2)
    expect(item(add(sum(square(residuals.data)), mul(4, square(residuals.prior)))) / 2).toBeCloseTo(value, 13)
  })

  test("what has weight 0 may be NaN", () => {
    const apart = (a: Tensor, y: Tensor) => sub(a, y)
    const {
      at: found,
      value,
      degreesOfFreedom
    } = leastSquares(apart, { weights: f64([1, 1, 0]) })(f64(0), f64([1, 3, NaN]))
    expect([toArray(found), value, degreesOfFreedom]).toEqual([expect.closeTo(2, 12), expect.closeTo(1, 12), 1])
  })

  test("a weight of 0 leaves a residual out, of the degrees of freedom too", () => {
    const without = leastSquares((p: { a: Tensor; b: Tensor }) => concat([one(at(line(p), 0)), one(at(line(p), 2)), one(at(line(p), 5))]))(start) // prettier-ignore
    const { at: found, covariance, degreesOfFreedom } = leastSquares(line, { weights: f64([1, 0, 1, 0, 0, 1]) })(start)
    expect(degreesOfFreedom).toBe(1)
    expect(item(found.a)).toBeCloseTo(item(without.at.a), 12)
    expect(off(covariance, [...toTyped(without.covariance)])).toBeLessThan(1e-12)
  })

  test("f32 is computed in f32, mixed leaves in f64", () => {
    const growth = ({ a, b }: { a: Tensor; b: Tensor }) =>
      sub(mul(a, exp(mul(b, tensor([0, 1, 2, 3], { dtype: a.dtype })))), tensor([1, 2, 4.1, 8], { dtype: a.dtype }))
    const { at: found, reason, standardErrors } = leastSquares(growth)({ a: scalar(0.5), b: scalar(0.1) })
    expect([reason, found.a.dtype, standardErrors.b.dtype]).toEqual(["converged", "f32", "f32"])
    expect(item(found.b)).toBeCloseTo(0.68489, 4)
    const mixed = ({ a, b }: { a: Tensor; b: Tensor }) => sub(add(mul(0, b), f64([1, 2, 3])), b.dtype === "f64" && a.dtype === "f32" ? b : 0) // prettier-ignore
    expect(leastSquares(mixed)({ a: scalar(1), b: f64(0) }).indistinguishable).toEqual(["a"])
  })

  test("history and evaluations", () => {
    const { history, evaluations, iterations, value, gradientCosine } = leastSquares(problems.wood)(
      f64([-3, -1, -3, -1])
    )
    expect([history.values.length, history.gradientCosines.length]).toEqual([iterations + 1, iterations + 1])
    expect([history.values[0], history.values.at(-1), history.gradientCosines.at(-1)]).toEqual([
      9596,
      value,
      gradientCosine
    ])
    expect(evaluations.jacobians).toBe(iterations + 1)
    expect(evaluations.residuals).toBeGreaterThanOrEqual(evaluations.jacobians)
  })

  test("the gradient of the cost, of a robust loss as well", () => {
    for (const loss of ["linear", "huber", "softL1", "cauchy", "arctan"] as const) {
      const options = loss === "linear" ? {} : { loss, scale: 0.3 }
      const { init } = leastSquaresMinimizer(problems.decay, options)
      const { gradient, value } = init(f64([0.4, 1.5, 0.7]))
      const cost = (x: Tensor) => leastSquaresMinimizer(problems.decay, options).init(x).value
      const right = grad(cost)(f64([0.4, 1.5, 0.7]))
      expect(item(value)).toBeGreaterThan(0)
      expect(off(gradient, [...toTyped(right)])).toBeLessThan(1e-12)
    }
  })

  test("a covariance that is that of its Jacobian", () => {
    const { at: x, covariance, value } = leastSquares(problems.decay)(f64([1, 1, 1]))
    const j = toArray(jacobian(problems.decay)(x)) as number[][]
    const [c, s2] = [toArray(covariance) as number[][], (2 * value) / (j.length - 3)]
    // C (JᵀJ) = s² I
    for (const i of [0, 1, 2])
      for (const k of [0, 1, 2]) {
        const entry = [0, 1, 2].reduce((total, l) => total + (c[i]?.[l] ?? NaN) * j.reduce((sum, row) => sum + (row[l] ?? NaN) * (row[k] ?? NaN), 0), 0) // prettier-ignore
        expect(entry / s2).toBeCloseTo(i === k ? 1 : 0, 11)
      }
  })

  test("one program for each structure: the function is not called again", () => {
    let calls = 0
    const fit = leastSquares((x: Tensor) => {
      calls += 1
      return sub(square(x), 2)
    })
    fit(f64([1, 2]))
    const once = calls
    fit(f64([3, 4]))
    expect(calls).toBe(once)
  })
})

describe("why it stops", () => {
  const rosenbrock = f64([-1.2, 1])
  test("at maxSteps", () => {
    const { reason, iterations, message } = leastSquares(problems.rosenbrock, { maxSteps: 3 })(rosenbrock)
    expect([reason, iterations]).toEqual(["maxSteps", 3])
    expect(message).toMatch(
      /^Stopped after 3 iterations, which is all of maxSteps: the cosine .* above gradientTolerance, 1e-10\.$/
    )
  })

  test.each([
    [{ gradientTolerance: 1e-3 }, /^Converged after \d+ iterations: the cosine .* at most gradientTolerance, 0.001\.$/],
    [{ gradientTolerance: 0, stepTolerance: 1e-2 }, /the step that is left, .* at most stepTolerance, 0.01\.$/],
    [
      { gradientTolerance: 0, stepTolerance: 0, costTolerance: 1e-3 },
      /lowered the cost by .* at most costTolerance, 0.001\.$/
    ],
    [{ gradientTolerance: 0, stepTolerance: 0 }, /no more than rounding does, .* does not fall any more\.$/]
  ])("by %o", (options, words) => {
    const { reason, message } = leastSquares(problems.decay, options)(f64([1, 1, 1]))
    expect(reason).toBe("converged")
    expect(message).toMatch(words)
  })

  test("a start that has no residuals left", () => {
    const { iterations, reason, value } = leastSquares(problems.rosenbrock)(f64([1, 1]))
    expect([iterations, reason, value]).toEqual([0, "converged", 0])
  })

  const pair = (unit: number) => (x: Tensor) =>
    mul(unit, sub(concat([square(x), square(x)]), tensor([1, 2, 3, 4], { dtype: x.dtype })))

  test.each<readonly [number, { readonly method?: AnyLeastSquaresMethod; readonly loss?: RobustLoss }]>([
    [1e200, {}],
    [1e-200, {}],
    [1e200, { method: gaussNewton() }],
    [1e-200, { method: gaussNewton() }],
    [1e-200, { loss: "huber" }],
    [1e-200, { loss: "arctan", method: gaussNewton() }]
  ])("residuals that have no squares: times %d, %j", (unit, options) => {
    const { at, reason, value, standardErrors } = leastSquares(pair(unit), options)(f64([1.5, 1.6]))
    expect([reason, value]).toEqual(["converged", unit > 1 ? Infinity : 0]) // what the cost is, as far as a number can say it
    near(at, [Math.SQRT2, Math.sqrt(3)], 1e-9)
    near(standardErrors, [Math.SQRT1_2 / 2, Math.sqrt(3) / 6], 1e-9)
  })

  test.each([1e20, 1e-23])("of f32: times %d", unit => {
    const { at, reason } = leastSquares(pair(unit))(tensor([3, 4]))
    expect(reason).toBe("converged")
    near(at, [Math.SQRT2, Math.sqrt(3)], 1e-5)
  })

  test("a derivative that is wrong: no step lowers the cost", () => {
    const wrong = (x: Tensor) => add(neg(x), mul(2, stopGradient(x)))
    for (const method of [levenbergMarquardt(), gaussNewton()]) {
      const { reason, message, at: found } = leastSquares(wrong, { method: method })(f64([1, 2]))
      expect(reason).toBe("stalled")
      expect(message).toMatch(/no step, however short, lowers the cost of 2.5/)
      expect(toArray(found)).toEqual([1, 2])
    }
  })

  test.each([1, 1e200])(
    "a method of one's own, of whose memory only a part follows the unit of residuals: %d",
    unit => {
      const own: LeastSquaresMethod<{ readonly steps: Tensor; readonly length: Tensor }> = {
        ...gaussNewton(),
        init: (_, { residuals }) => ({ steps: scalar(0, "i32"), length: norm(residuals) }),
        step: (problem, { memory, ...iterate }) => {
          const made = gaussNewton().step(problem, { ...iterate, memory: [] })
          return {
            ...made,
            memory: { steps: add(memory.steps, 1), length: minimum(memory.length, norm(made.residuals)) }
          }
        },
        rescaled: ({ steps, length }, change) => ({ steps, length: change(length) })
      }
      const { init, step } = leastSquaresMinimizer(pair(unit), { method: own })
      const begun = init(f64([1.5, 1.6]))
      expect(begun.memory.steps.dtype).toBe("i32")
      expect(item(begun.memory.length) / unit).toBeCloseTo(Math.hypot(1.25, 0.56, 0.75, 1.44), 12)
      const { memory, iterations } = step(step(step(begun)))
      expect([item(memory.steps), item(iterations)]).toEqual([3, 3])
      expect(item(memory.length) / unit).toBeCloseTo(2, 6) // what is left: 1, 1, 1, 1
      const { rescaled: _, ...unchanged } = own
      const kept = leastSquaresMinimizer(pair(unit), { method: unchanged })
      expect(item(kept.init(f64([1.5, 1.6])).memory.length)).toBeLessThan(4) // in the unit in which it was made
    }
  )

  test("beyond where it is finite is too long a step", () => {
    const { reason, at: found } = leastSquares((x: Tensor) => sub(log(x), f64([1, 2])))(f64([20, 0.01]))
    expect(reason).toBe("converged")
    expect(item(at(found, 0))).toBeCloseTo(Math.E, 12)
  })

  test("a minimum that is nowhere: it goes on", () => {
    const { reason } = leastSquares((x: Tensor) => exp(x), { maxSteps: 20 })(f64([1, 1]))
    expect(reason).toBe("maxSteps")
  })
})

describe("where J loses rank at a minimum that is none of the residuals", () => {
  const cosh = (x: Tensor) => mul(0.5, add(exp(x), exp(neg(x))))
  const freudensteinRoth = (x: Tensor) => {
    const [a, b] = [at(x, 0), at(x, 1)]
    return [add(a, sub(mul(sub(mul(sub(5, b), b), 2), b), 13)), add(a, sub(mul(sub(mul(add(b, 1), b), 14), b), 29))]
  }
  type Case = readonly [string, (x: Tensor) => Tensor | readonly Tensor[], readonly number[], readonly number[], number]
  test.each<Case>([
    ["one residual", x => cosh(sub(x, 0.3)), [1], [0.3], 0.5],
    ["one that moves beside one that does not", x => [cosh(sub(x, 0.3)), add(1, mul(0, x))], [1], [0.3], 1],
    ["two of one bend", x => [add(square(sub(x, 1)), 3), add(mul(2, square(sub(x, 1))), 3)], [3], [1], 9],
    ["Freudenstein and Roth", freudensteinRoth, [0.5, -2], [11.412779, -0.8968053], 24.492126839]
  ])("%s: it has converged as far as rounding lets it", (_, f, from, right, cost) => {
    for (const unit of [1, 2 ** 40]) {
      const scaled = (x: Tensor) => [f(x)].flat().map(r => mul(unit, r))
      const { reason, message, value, at: found, evaluations } = leastSquares(scaled)(f64(from))
      expect(reason).toBe("converged")
      expect(message).toMatch(
        /as far as rounding lets it: residuals bend so that down the slope the cost of .* falls by less/
      )
      expect(value / unit ** 2).toBeCloseTo(cost, 8)
      near(found, right, 1e-7)
      expect(evaluations.residuals).toBeLessThan(50)
    }
    const { reason } = leastSquares(f)(tensor(from))
    expect(reason).toBe("converged")
  })

  test.each<readonly [string, (x: Tensor) => Tensor]>([
    ["as steep on both sides", x => add(1, abs(sub(x, 1 / 3)))],
    ["steeper on one side", x => add(1, maximum(mul(0.01, sub(1 / 3, x)), sub(x, 1 / 3)))],
    ["beside a bend", x => add(add(1, abs(sub(x, 1 / 3))), mul(0.3, square(x)))]
  ])("a kink is none: %s", (_, f) => {
    expect(leastSquares(f)(f64([3.7])).reason).toBe("stalled")
  })
})

describe("parameters that cannot be told apart", () => {
  test("are named, by path and place; the others keep their errors", () => {
    const model = ({ a, b, c }: { a: Tensor; b: Tensor; c: Tensor }) =>
      add(line({ a: c, b: mul(a, at(b, 0)) }), mul(0, at(b, 1)))
    const { indistinguishable, standardErrors, covariance, message, reason, degreesOfFreedom } = leastSquares(model)({
      a: f64(1),
      b: f64([1, 2]),
      c: f64(0)
    })
    expect([reason, indistinguishable, degreesOfFreedom]).toEqual(["converged", ["a", "b[0]", "b[1]"], 4])
    expect(message).toMatch(
      /The residuals do not depend on b\[1\] here\. The residuals cannot tell a and b\[0\] apart\.$/
    )
    expect(item(standardErrors.c)).toBeCloseTo(item(leastSquares(line)(start).standardErrors.a), 12)
    expect([...toTyped(covariance)].filter(Number.isNaN).length).toBe(15)
  })

  test("however they are scaled; and what is scaled alone is told apart", () => {
    const scaled =
      (unit: number) =>
      ({ a, b }: { a: Tensor; b: Tensor }) =>
        line({ a, b: mul(unit, b) })
    for (const unit of [1e-12, 1e12]) {
      const { indistinguishable, at: found } = leastSquares(scaled(unit))(start)
      expect(indistinguishable).toEqual([])
      expect(item(found.b) * unit).toBeCloseTo(2.0257142857, 9)
    }
    const sums = ({ a, b }: { a: Tensor; b: Tensor }) => line({ a: add(a, mul(1e9, b)), b: scalar(2, "f64") })
    expect(leastSquares(sums)(start).indistinguishable).toEqual(["a", "b"])
  })

  test("are those of the Jacobian: a robust loss without curvature is another matter, and is told", () => {
    for (const loss of ["huber", "cauchy", "arctan"] as const) {
      const one = leastSquares((x: Tensor) => sub(at(x, 0), f64([5, 6, 7])), { loss, upper: 1 })(f64([0]))
      expect([one.indistinguishable, one.degreesOfFreedom, toArray(one.standardErrors)]).toEqual([[], 2, [NaN]])
      expect(one.message).toMatch(/The loss has no curvature here to tell the errors of \[0\] by\.$/)
      const two = leastSquares((x: Tensor) => sub(x, f64([5, 6])), { loss, upper: 1 })(f64([0, 0]))
      expect(two.indistinguishable).toEqual([])
      expect(two.message).toMatch(/the errors of \[0\] and \[1\] by\.$/)
    }
    const same = (x: Tensor) => sub(add(at(x, 0), at(x, 1)), f64([5, 6, 7]))
    const { indistinguishable, message } = leastSquares(same, { loss: "huber" })(f64([5, 1]))
    expect(indistinguishable).toEqual(["[0]", "[1]"])
    expect(message).toMatch(/The residuals cannot tell \[0\] and \[1\] apart\.$/)
  })

  test("one that nothing depends on", () => {
    const constant = ({ a }: { a: Tensor; b: Tensor }) => line({ a: exp(a), b: scalar(2, "f64") })
    const { indistinguishable, message, at: found } = leastSquares(constant)({ a: f64(5), b: f64(1e12) })
    expect(item(found.a)).toBeCloseTo(Math.log(1.05), 9)
    expect(indistinguishable).toEqual(["b"])
    expect(message).toMatch(/The residuals do not depend on b here\.$/)
  })

  test("several that nothing depends on, and one that matters elsewhere", () => {
    const { message } = leastSquares(({ a }: { a: Tensor; b: Tensor }) => line({ a, b: scalar(2, "f64") }))({
      a: f64(5),
      b: f64([1, 2])
    })
    expect(message).toMatch(/The residuals do not depend on b\[0\] and b\[1\] here\.$/)
    const flat = leastSquares((p: Tensor) => sub(mul(square(p), f64([1, 2])), f64([1, 2])))(f64(0))
    expect(flat.message).toMatch(/The residuals do not depend on \(root\) here\.$/)
  })

  test("in groups", () => {
    type Four = Readonly<Record<"a" | "b" | "c" | "d", Tensor>>
    const sums = ({ a, b, c, d }: Four) => line({ a: add(a, c), b: add(b, mul(3, d)) })
    const found = leastSquares(sums)({ a: f64(1), b: f64(1), c: f64(2), d: f64(0) })
    expect(found.message).toMatch(/The residuals cannot tell a and c apart, nor b and d apart\.$/)
    expect(found.indistinguishable).toEqual(["a", "b", "c", "d"])
    const chain = ({ a, b, c, d }: Four) => line({ a: add(a, add(b, mul(2, d))), b: add(b, c) })
    expect(leastSquares(chain)({ a: f64(1), b: f64(1), c: f64(2), d: f64(0) }).message).toMatch(
      /The residuals cannot tell a, b, c and d apart\.$/
    )
  })

  test("as many residuals as parameters leave nothing to tell errors by", () => {
    const { standardErrors, degreesOfFreedom, indistinguishable } = leastSquares(problems.rosenbrock)(f64([0, 0]))
    expect([toArray(standardErrors), degreesOfFreedom, indistinguishable]).toEqual([[NaN, NaN], 0, []])
    const known = leastSquares(problems.rosenbrock, { absoluteSigma: true })(f64([0, 0]))
    expect(off(known.covariance, [1, 2, 2, 4.01])).toBeLessThan(1e-9)
  })
})

describe("bounds", () => {
  test("by numbers, by trees, by parts of them", () => {
    expect(item(leastSquares(line, { upper: 1.5 })(start).at.b)).toBe(1.5)
    expect(item(leastSquares(line, { upper: { a: Infinity, b: 1.5 } })(start).at.b)).toBe(1.5)
    expect(item(leastSquares(line, { upper: { a: 9, b: f64(1.5) } })(start).at.b)).toBe(1.5)
    const listed = ([a, b]: readonly [Tensor, Tensor]) => line({ a, b })
    expect(item(leastSquares(listed, { upper: [Infinity, 1.5] })([start.a, start.b]).at[1])).toBe(1.5)
  })

  test("in f32 the point is within them in f32", () => {
    const { at: found } = leastSquares((x: Tensor) => sub(x, tensor([1, 2])), { upper: 0.1 })(tensor([0, 0]))
    expect(toTyped(found).every(x => x === Math.fround(0.1))).toBe(true)
  })

  test("are reached to the last bit, so that what a variable does at one is seen", () => {
    const right = f64([[0.2, 0.2], [-0.5, 0.4]]) // prettier-ignore
    const small = (x: Tensor) => concat([matmul(right, sub(x, f64([0.9, -1.8]))), mul(0.5, square(x))])
    const two = leastSquares(small, { lower: f64([-0.7, -0.2]), upper: f64([0.3, 0.6]) })(f64([-0.2, 0.2]))
    expect([two.reason, toArray(two.at)]).toEqual(["converged", [0.3, -0.2]])

    const wide = f64([
      [0.838522, 0.832911, -0.806586, 0.641095, 0.621592, -0.556078],
      [0.872866, -0.95116, -0.65235, 0.983929, 0.131739, 0.667143],
      [-0.522627, -0.029795, -0.163406, 0.58589, -0.938684, -0.422352],
      [-0.381726, -0.596137, 0.928596, 0.009434, -0.000127, 0.677008],
      [-0.368357, -0.543159, -0.914429, -0.506194, -0.934961, 0.777952],
      [-0.479883, -0.1678, -0.741651, 0.809216, -0.907771, -0.347038]
    ])
    const center = f64([1.157564, -2.834261, -0.206869, 1.097019, 0.354424, 2.761105])
    const large = (x: Tensor) => concat([matmul(wide, sub(x, center)), mul(0.5, square(x))])
    const fit = leastSquares(large, {
      lower: f64([-0.759029, -1.417724, -1.899334, -0.227802, -0.528659, -0.285081]),
      upper: f64([0.458458, -0.576416, -1.581515, 0.527141, 0.128315, 0.434722])
    })(f64([-0.349116, -1.19768, -1.768663, 0.420587, -0.073997, -0.120915]))
    expect(fit.reason).toBe("converged")
    expect(fit.value).toBeCloseTo(17.82509130856557, 12) // as scipy.optimize.least_squares has it
    expect([item(at(fit.at, 0)), item(at(fit.at, 5))]).toEqual([0.458458, 0.434722])
  })

  test("all variables at them", () => {
    const {
      at: found,
      iterations,
      reason
    } = leastSquares(line, { lower: { a: 0, b: 0 }, upper: { a: 0, b: 0 } })(start)
    expect([item(found.a), item(found.b), iterations, reason]).toEqual([0, 0, 0, "converged"])
  })
})

describe("mistakes", () => {
  const fails = (make: () => unknown, name: string, message: string): void =>
    expect(make).toThrow(expect.objectContaining({ name, message }) as Error)

  test("are named", () => {
    fails(() => leastSquares((x: Tensor) => one(at(x, 0)))(f64([1, 2])), "ShapeError", "leastSquares: expected at least as many residuals as the 2 parameters; got 1") // prettier-ignore
    fails(() => leastSquares(() => tensor([1, 2], { dtype: "i32" }))(start), "DTypeError", "leastSquares: expected a result of f32 or f64; got a tensor i32[2]") // prettier-ignore
    fails(() => leastSquares(() => 3 as never)(start), "TreeError", 'leastSquares at "(root)": expected a result that is a tensor, an array or a plain record; got 3') // prettier-ignore
    fails(() => leastSquares(3 as never), "DataError", "leastSquares: expected a function; got 3")
    fails(() => leastSquares(line, { loss: "hubert" as never }), "HyperparameterError", 'leastSquares: expected loss to be linear or huber or softL1 or cauchy or arctan; got "hubert"') // prettier-ignore
    fails(() => leastSquares(line, { method: "lm" as never }), "HyperparameterError", 'leastSquares: expected method to be a method of least squares, such as levenbergMarquardt(); got "lm"') // prettier-ignore
    expect(() => leastSquares(line, { tolerance: 1 } as never)).toThrow(/did you mean "stepTolerance"/)
  })

  test("of bounds", () => {
    fails(() => leastSquares(line, { lower: { a: 2, b: 0 }, upper: { a: 1, b: 1 } })(start), "DataError", 'leastSquares at "a": expected lower bounds that are not above upper ones; got 2 above 1') // prettier-ignore
    fails(() => leastSquares(line, { lower: { a: 0, b: 2 } })(start), "DataError", 'leastSquares at "b": expected a start within its bounds, at least 2; got 0') // prettier-ignore
    expect(() => leastSquares(line, { lower: { c: 2 } })(start)).toThrow(/^leastSquares at .* a record with keys a, b; got a record with keys c/) // prettier-ignore
    fails(() => leastSquares(line, { lower: NaN })(start), "DataError", 'leastSquares at "a": expected lower to be a number or infinite; got NaN') // prettier-ignore
    fails(() => leastSquares(line, { upper: { a: f64([1, 2]), b: 1 } })(start), "ShapeError", 'leastSquares at "a": expected upper to be a number or f64[]; got f64[2]') // prettier-ignore
    fails(() => leastSquares(line, { lower: 0, method: gaussNewton() }), "HyperparameterError", "leastSquares: expected a method that keeps bounds, such as levenbergMarquardt(); got gaussNewton") // prettier-ignore
  })

  test("of weights", () => {
    fails(() => leastSquares(line, { weights: f64([1, 1, 1, 1, -1, 1]) }), "HyperparameterError", "leastSquares: expected weights that are finite and ≥ 0; got -1") // prettier-ignore
    expect(() => leastSquares(line, { weights: f64([1, 1]) })(start)).toThrow(/^leastSquares at "weights": /)
    expect(() => leastSquares(line, { weights: { a: f64(1) } })(start)).toThrow(/^leastSquares at "weights": /)
  })

  test("of a start where nothing is finite: says where that begins", () => {
    expect(() => leastSquares((x: Tensor) => sub(log(x), f64([1, 2])))(f64([-1, 2]))).toThrow(
      /a start at which the function and its Jacobian are finite; got the start: f64\[2\] from -1 to 2 \(log of -1 gives NaN/
    )
    expect(() => leastSquares((x: Tensor) => sub(sqrt(x), f64([1, 2])))(f64([0, 2]))).toThrow(/gives -?Infinity/)
  })
})

describe("transitions", () => {
  test("a state is saved and gone on from; a start outside is moved to the bounds", () => {
    const { init, step } = leastSquaresMinimizer(problems.rosenbrock, { upper: f64([0.5, Infinity]) })
    const first = init(f64([2, 2]))
    expect(toArray(first.at)).toEqual([0.5, 2])
    let state = first
    const next = compile(step)
    while (item(state.status) === 0) state = next(state)
    expect(item(at(state.at, 0))).toBe(0.5)
    expect(item(state.status)).toBe(1)
    expect(item(step(state).iterations)).toBe(item(state.iterations))
  })

  test("where residuals are not finite it stops, with status 3", () => {
    const { init } = leastSquaresMinimizer((x: Tensor) => log(x))
    expect(item(init(f64([-1])).status)).toBe(3)
  })

  test("kinks", () => {
    const { reason, value } = leastSquares((x: Tensor) => add(1, abs(sub(x, f64([1, 2])))))(f64([20, 0.01]))
    expect([reason, value]).toEqual(["converged", 1])
  })
})
