import {
  add,
  at,
  cast,
  compile,
  evaluate,
  exp,
  eye,
  grad,
  hessian,
  item,
  jvp,
  log,
  matmul,
  mul,
  pow,
  scalar,
  solve,
  sqrt,
  square,
  sub,
  sum,
  take,
  tensor,
  toArray,
  toTyped,
  transpose,
  vmap,
  zeros,
  type Tensor
} from "thalweg"
import { argmin, bfgs, nelderMead, newtonCg, root, rootBetween, type ArgminOptions } from "thalweg/minimize"
import { describe, expect, test } from "vitest"

const f64 = (x: number | readonly number[] | readonly (readonly number[])[]) => tensor(x, { dtype: "f64" })
const near = (own: Tensor, other: Tensor, digits = 8): void => {
  expect(own.shape).toEqual(other.shape)
  const theirs = toTyped(other)
  toTyped(own).forEach((x, i) => expect(x).toBeCloseTo(theirs[i] as number, digits))
}

const A = f64([
  [1, 2],
  [3, 1],
  [0.5, -1],
  [2, 2]
])
const y = f64([1, 2, -1, 0.3])
const start = zeros([2], "f64")
/** Ridge regression, of which the answer is known: (AᵀA + eˡ I)⁻¹ Aᵀ y. */
const ridge = (w: Tensor, l: Tensor) => add(sum(square(sub(matmul(A, w), y))), mul(exp(l), sum(square(w))))
const closed = (l: Tensor) =>
  solve(add(matmul(transpose(A), A), mul(exp(l), eye(2, 2, "f64"))), matmul(transpose(A), y))

const solvers = [
  ["dense", { tolerance: 1e-11 }],
  ["conjugateGradients", { tolerance: 1e-11, linearSolver: "conjugateGradients" }]
] as const satisfies readonly (readonly [string, ArgminOptions])[]

describe.each(solvers)("ridge regression by its decay, %s", (_, options) => {
  const l = f64(0.3)
  const along = (w: Tensor): Tensor => sum(mul(f64([1, -2]), pow(w, 2)))
  const own = (l: Tensor) => along(argmin(ridge, options)(start, l))
  const known = (l: Tensor) => along(closed(l))

  test("has the value and the derivatives of the closed form, up to the third", () => {
    near(own(l), known(l))
    near(grad(own)(l), grad(known)(l))
    near(hessian(own)(l), hessian(known)(l))
    near(grad(grad(grad(own)))(l), grad(grad(grad(known)))(l))
  })

  test("forward as well, and forward over reverse", () => {
    const fit = (l: Tensor) => argmin(ridge, options)(start, l)
    near(jvp(fit)(l, f64(1))[1], jvp(closed)(l, f64(1))[1])
    near(jvp(grad(own))(l, f64(1))[1], jvp(grad(known))(l, f64(1))[1])
  })

  test("compiled, and for many decays at once", () => {
    near(compile(grad(own))(l), grad(known)(l))
    const many = f64([-1, 0.3, 2])
    near(vmap(grad(own))(many), vmap(grad(known))(many))
    near(compile(vmap(grad(own)))(many), vmap(grad(known))(many))
  })
})

describe("derivatives", () => {
  /** One that is not quadratic, in two leaves, of data with whole numbers among them. */
  const f = ({ a, b }: { a: Tensor; b: Tensor }, { t, order }: { t: Tensor; order: Tensor }) =>
    add(sum(add(exp(a), exp(sub(take(t, order), a)))), add(pow(sub(b, at(t, 0)), 4), mul(square(b), at(t, 1))))
  const first = { a: zeros([2], "f64"), b: f64(0.1) }
  const order = tensor([1, 0], { dtype: "i32" })
  const total = (options: ArgminOptions) => (t: Tensor) => {
    const { a, b } = argmin(f, options)(first, { t, order })
    return add(sum(mul(f64([1, 3]), a)), square(b))
  }
  const t = f64([1.2, 0.7])

  test.each<readonly [string, ArgminOptions]>([
    ["lbfgs", {}],
    ["bfgs", { method: bfgs() }],
    ["newtonCg and conjugate gradients", { method: newtonCg(), linearSolver: "conjugateGradients" }]
  ])("agree with central differences: %s", (_, options) => {
    const own = compile(total({ tolerance: 1e-10, ...options }))
    const slopes = toTyped(grad(total({ tolerance: 1e-10, ...options }))(t))
    const h = 1e-5
    slopes.forEach((slope, i) => {
      const [up, down] = [h, -h].map(by => item(own(add(t, f64([0, 1].map(k => (k === i ? by : 0))))))) as [
        number,
        number
      ]
      expect(slope).toBeCloseTo((up - down) / (2 * h), 6)
    })
  })

  test("of second order agree with differences of the first, where the Hessian depends on the data", () => {
    const slopes = compile(grad(total({ tolerance: 1e-10 })))
    const curves = toArray(hessian(total({ tolerance: 1e-10 }))(t)) as number[][]
    const h = 1e-5
    ;[0, 1].forEach(i => {
      const [up, down] = [h, -h].map(by => toTyped(slopes(add(t, f64([0, 1].map(k => (k === i ? by : 0))))))) as [
        Float64Array,
        Float64Array
      ]
      ;[0, 1].forEach(k => {
        expect(curves[k]?.[i]).toBeCloseTo(((up[k] as number) - (down[k] as number)) / (2 * h), 5)
      })
    })
  })

  test("do not depend on the method, even where it has none", () => {
    const by = (method: ArgminOptions["method"]) => grad(total({ method, tolerance: 1e-9, maxSteps: 5000 }))(t)
    near(by(nelderMead()), by(bfgs()), 5)
  })

  test("by the start are 0", () => {
    const bowl = (x: Tensor, c: Tensor) => square(sub(x, c))
    expect(item(grad((s: Tensor) => argmin(bowl)(s, f64(2)))(f64(1)))).toBe(0)
  })

  test("in f32, and of trees of both dtypes", () => {
    const mixed = ({ a, b }: { a: Tensor; b: Tensor }, c: Tensor) =>
      add(square(sub(cast(a, "f64"), c)), mul(2, square(sub(b, mul(3, c)))))
    const fit = (c: Tensor) => argmin(mixed)({ a: scalar(1), b: f64(0) }, c)
    expect([fit(f64(1)).a.dtype, fit(f64(1)).b.dtype]).toEqual(["f32", "f64"])
    const single = (c: Tensor) => argmin((x: Tensor, c: Tensor) => sum(square(sub(x, mul(c, c)))))(zeros([2]), c)
    expect(toArray(jvp(single)(scalar(3), scalar(1))[1])).toEqual([6, 6])
  })

  test("without data it is a constant", () => {
    near(argmin((x: Tensor) => sum(square(sub(x, 3))))(zeros([2], "f64")), f64([3, 3]), 6)
  })

  test("a singular Hessian is an error of the derivative alone", () => {
    const flat = (x: Tensor, c: Tensor) => square(sub(sum(x), c))
    const fit = (c: Tensor) => at(argmin(flat)(zeros([2], "f64"), c), 0)
    expect(item(fit(f64(4)))).toBeCloseTo(2, 6)
    expect(() => item(grad(fit)(f64(4)))).toThrow("argmin: expected an invertible matrix; got 0 as pivot 1")
  })

  test("conjugate gradients that do not arrive give NaN", () => {
    const options: ArgminOptions = { linearSolver: "conjugateGradients", maxProducts: 1, solverTolerance: 0 }
    const steep = (x: Tensor, c: Tensor) => sum(mul(f64([1, 1e7, 3e3]), square(sub(x, mul(c, f64([1, 0.3, 0.7]))))))
    const fit = (c: Tensor) => sum(argmin(steep, options)(zeros([3], "f64"), c))
    expect(item(grad(fit)(f64(1)))).toBeNaN()
  })
})

describe("bounds", () => {
  const f = (x: Tensor, c: Tensor) => add(sum(square(sub(x, c))), mul(0.5, square(sum(x))))
  test.each(solvers)("hold what they hold under changes of the data too: %s", (_, options) => {
    const fit = (c: Tensor) => argmin(f, { ...options, lower: 0 })(f64([1, 1, 1]), c)
    const c = f64([3, -1, 2])
    expect(toTyped(fit(c))[1]).toBe(0)
    const along = (v: Tensor) => sum(mul(f64([1, 5, -2]), fit(v)))
    const slopes = toTyped(grad(along)(c))
    expect(Math.abs(slopes[1] as number)).toBe(0)
    ;[0, 2].forEach(i => {
      const [up, down] = [1e-4, -1e-4].map(by => item(along(add(c, f64([0, 1, 2].map(k => (k === i ? by : 0))))))) as [
        number,
        number
      ]
      expect(slopes[i]).toBeCloseTo((up - down) / 2e-4, 5)
    })
    near(jvp(fit)(c, f64([0, 1, 0]))[1], zeros([3], "f64"))
  })

  test("are checked as of minimize, as far as that goes without values", () => {
    const fit = (x: Tensor) => argmin(f, { lower: 2, upper: 1 })(x, x)
    expect(() => fit(f64([1, 1]))).toThrow('argmin at "[0]": expected lower bounds that are not above upper ones')
    expect(() => argmin(f, { lower: 2, method: bfgs() })).toThrow("argmin: expected a method that takes bounds")
  })
})

describe("what is refused", () => {
  test("to differentiate by what is closed over", () => {
    const own = (l: Tensor) => sum(argmin((w: Tensor) => ridge(w, l))(start))
    expect(() => grad(own)(f64(0.3))).toThrow(
      "argmin: expected differentiated values to come in as arguments; got one that is closed over"
    )
    expect(item(own(f64(0.3)))).toBeCloseTo(item(sum(closed(f64(0.3)))), 5)
  })

  test("a search that does not converge is NaN, and so is its derivative, even where H and ∂θ∇f are known without x", () => {
    const bowl = (x: Tensor, c: Tensor) => sub(sum(mul(f64([1, 40]), square(x))), sum(mul(x, c)))
    const one = (options: ArgminOptions) => (c: Tensor) => sum(argmin(bowl, options)(f64([3, 4]), c))
    const c = f64([1, 2])
    for (const [, options] of solvers) {
      const own = one({ ...options, maxSteps: 1 })
      expect(item(own(c))).toBeNaN()
      expect(toArray(grad(own)(c))).toEqual([NaN, NaN])
      expect(item(jvp(own)(c, c)[1])).toBeNaN()
      near(grad(one(options))(c), f64([1 / 2, 1 / 80]))
    }
    const unreached: ArgminOptions = { tolerance: 0 } // the line search fails where rounding hides what is lower
    const kink = (x: Tensor, c: Tensor) => sum(sqrt(square(sub(x, c))))
    expect(item(argmin(kink, unreached)(f64(0.3), f64(1)))).toBeNaN()
  })

  test("such a derivative is NaN, not a Hessian that cannot be inverted, where H is of x and where bounds hold x", () => {
    const curved = (x: Tensor, c: Tensor) => sum(add(exp(mul(3, x)), exp(sub(c, mul(2, x)))))
    for (const [, solver] of solvers)
      for (const bounds of [{}, { lower: f64([3, -Infinity]) }]) {
        const options: ArgminOptions = { ...solver, ...bounds, maxSteps: 1 }
        const own = (c: Tensor) => sum(argmin(curved, options)(f64([3, 4]), c))
        expect(toArray(grad(own)(f64([1, 2])))).toEqual([NaN, NaN])
        expect([...toTyped(hessian(own)(f64([1, 2])))]).toEqual([NaN, NaN, NaN, NaN])
      }
  })

  test("one example of many that does not converge takes no other along", () => {
    const bowl = (x: Tensor, c: Tensor) => mul(c, square(sub(x, 1)))
    const many = toArray(vmap((c: Tensor) => argmin(bowl)(f64(0), c))(f64([1, -1, 2]))) as number[]
    expect(many.map(x => Math.round(x))).toEqual([1, NaN, 1])
  })

  test("what is not finite is NaN", () => {
    expect(toArray(argmin((x: Tensor) => sum(log(x)))(f64([-1, 2])))).toEqual([NaN, NaN])
  })

  test("options that there are none of", () => {
    expect(() => argmin(ridge, { fusedMultiplyAdd: true } as never)).toThrow(
      "argmin: expected options among method, tolerance, lower, upper, maxSteps, linearSolver, solverTolerance, maxProducts"
    )
  })
})

describe("roots", () => {
  const squareRoot = (a: Tensor) => root((x: Tensor, a: Tensor) => sub(square(x), a))(scalar(1, "f64"), a)
  const between = (a: Tensor) => rootBetween((x: Tensor, a: Tensor) => sub(square(x), a))(0, 10, a)
  test.each([
    ["near a start", squareRoot],
    ["between two ends", between]
  ] as const)("%s have the derivatives of the closed form, up to the third", (_, own) => {
    const a = f64(3)
    near(own(a), pow(a, 0.5))
    near(grad(own)(a), mul(0.5, pow(a, -0.5)))
    near(grad(grad(own))(a), mul(-0.25, pow(a, -1.5)))
    near(grad(grad(grad(own)))(a), mul(0.375, pow(a, -2.5)))
    near(compile(vmap(grad(own)))(f64([1, 4, 9])), f64([1 / 2, 1 / 4, 1 / 6]))
  })

  test("of systems, whose Jacobian is not symmetric", () => {
    const f = ({ x, y }: { x: Tensor; y: Tensor }, p: Tensor) => [sub(mul(x, y), at(p, 0)), sub(x, mul(at(p, 1), y))]
    const own = (p: Tensor) => root(f)({ x: f64(1), y: f64(1) }, p).x // √(p₀ p₁)
    const p = f64([6, 1.5])
    near(grad(own)(p), f64([0.25, 1]))
    near(jvp(own)(p, f64([1, 1]))[1], f64(1.25))
  })

  test("that are not found are NaN, and so are their derivatives", () => {
    const none = (x: Tensor, c: Tensor) => add(square(x), c)
    for (const own of [(c: Tensor) => root(none)(f64(2), c), (c: Tensor) => rootBetween(none)(0, 2, c)]) {
      expect(item(own(f64(1)))).toBeNaN()
      expect(item(grad(own)(f64(1)))).toBeNaN()
    }
    expect(toArray(evaluate(root((x: Tensor) => sub(x, 1), { maxSteps: 1 })(f64(0))))).toBe(1)
  })

  test("at which the slope is 0 have no derivative", () => {
    const touch = (a: Tensor) => rootBetween((x: Tensor, a: Tensor) => pow(sub(x, a), 3))(-1, 3, a)
    expect(() => item(grad(touch)(f64(1)))).toThrow("rootBetween: expected an invertible matrix; got 0 as pivot 0")
  })
})
