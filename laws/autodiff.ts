import fc from "fast-check"
import {
  add,
  compile,
  type cond,
  evaluate,
  type grad,
  type hvp,
  type jacobian,
  type jvp,
  mul,
  type stopGradient,
  sum,
  Tree,
  type Tensor,
  type valueAndGrad,
  type vjp,
  reshape,
  flatten,
  scalar,
  sin,
  sqrt,
  lt,
  tanh,
  type whileLoop
} from "thalweg"
import { fit } from "./arbitrary/draw.js"
import { moderate, pool, range, sizeOf } from "./arbitrary/numbers.js"
import { arbSmoothProgram, lossOf, type Program } from "./arbitrary/program.js"
import { arbTensor, filledLike } from "./arbitrary/tensor.js"
import { arbTree } from "./arbitrary/tree.js"
import { exact, relative, unfused } from "./equality.js"
import { law, type Law } from "./law.js"
import { outline } from "./sides.js"

/** The ways to differentiate that are held to laws. */
export interface Autodiff {
  readonly grad: typeof grad
  readonly valueAndGrad: typeof valueAndGrad
  readonly vjp: typeof vjp
  readonly jvp: typeof jvp
  readonly hvp: typeof hvp
  readonly jacobian: typeof jacobian
  readonly stopGradient: typeof stopGradient
  readonly whileLoop: typeof whileLoop
  readonly cond: typeof cond
}

type Point = readonly Tensor[]

/** Derivatives of one function, computed in two orders of operations in f64: the rounding of some dozen of them. */
const rounded = relative(1e-10, 1)

/**
 * Differences of fourth order with this step are off by about h⁴ of a fifth derivative, and by 1e-16 / h of rounding.
 */
const STEP = 1e-3
const differenced = relative(1e-6, 1)

const program = arbSmoothProgram()
const numbers = pool(moderate)
const sloped = fc.tuple(program, numbers)
const pair = fc.tuple(program, program)

/** `Σ a·b` over all leaves. */
const inner = (a: Tree, b: Tree): Tensor => {
  const products = Tree.leaves(Tree.zipWith((x: Tensor, y: Tensor) => sum(mul(x, y)))(a, b))
  return products.reduce(add, scalar(0, "f64"))
}

const combine = (a: number, x: Point, b: number, y: Point): Point => x.map((t, i) => add(mul(t, a), mul(y[i] ?? t, b)))

const moved = (x: Point, v: Point, by: number): Point => combine(1, x, by, v)

/** `(8 (f₁ - f₋₁) - (f₂ - f₋₂)) / 12h` along a direction. */
const alongDifferences = (f: (x: Point) => Point, x: Point, v: Point): Point => {
  const at = (steps: number): Point => f(moved(x, v, steps * STEP))
  const near = combine(1, at(1), -1, at(-1))
  const far = combine(1, at(2), -1, at(-2))
  return combine(8 / (12 * STEP), near, -1 / (12 * STEP), far)
}

const gradients = ({ grad, valueAndGrad }: Autodiff): readonly Law[] => [
  law("grad is linear in the function", rounded, fc.tuple(pair, moderate, moderate), ([[p, q], a, b]) => {
    const [f, g] = [lossOf(p), lossOf(q)]
    const together = (x: Point): Tensor => add(mul(f(x), a), mul(g(x), b))
    return [grad(together)(p.inputs), combine(a, grad(f)(p.inputs), b, grad(g)(p.inputs))]
  }),
  law("grad agrees with central differences", differenced, sloped, ([p, v]) => {
    const [f, direction] = [lossOf(p), filledLike(p.inputs, v, 0)]
    return [[inner(grad(f)(p.inputs), direction)], alongDifferences(x => [f(x)], p.inputs, direction)]
  }),
  law("a gradient looks like the parameters", exact, arbTree(arbTensor({ dtypes: ["f32", "f64"] })), params => {
    const loss = (tree: Tree): Tensor =>
      Tree.reduce(scalar(0, "f64"), (total, t) => add(total, lossOf({ inputs: [], build: xs => xs })([sin(t)])))(tree)
    return [outline(grad(loss)(params)), outline(params)]
  }),
  law("valueAndGrad gives the value and the gradient", exact, program, p => {
    const f = lossOf(p)
    return [valueAndGrad(f)(p.inputs), [f(p.inputs), grad(f)(p.inputs)]]
  }),
  law("gradients compile", exact, program, p => {
    const slope = grad(lossOf(p))
    return [compile(slope, unfused)(p.inputs), evaluate(slope(p.inputs))]
  })
]

const products = ({ vjp, jvp }: Autodiff): readonly Law[] => [
  law("a pullback is linear", rounded, fc.tuple(program, numbers, numbers, moderate, moderate), ([p, u, v, a, b]) => {
    const [value, pullback] = vjp(p.build)(p.inputs)
    const [ct, other] = [filledLike(value, u, 0), filledLike(value, v, 1)]
    return [pullback(combine(a, ct, b, other)), combine(a, pullback(ct), b, pullback(other))]
  }),
  law("a pullback does not mind that the value was read", exact, fc.tuple(program, numbers), ([p, v]) => {
    const [[read, pullback], [value, other]] = [vjp(p.build)(p.inputs), vjp(p.build)(p.inputs)]
    evaluate(read)
    const ct = filledLike(value, v, 0)
    return [pullback(ct), other(ct)]
  }),
  law("pullbacks obey the chain rule", rounded, fc.tuple(pair, numbers), ([[f, g], v]) => {
    const [value, pullback] = vjp((x: Point) => g.build(f.build(x)))(f.inputs)
    const [between, pullF] = vjp(f.build)(f.inputs)
    const [, pullG] = vjp(g.build)(between)
    const ct = filledLike(value, v, 0)
    return [pullback(ct), pullF(pullG(ct))]
  }),
  law("jvp obeys the chain rule", rounded, fc.tuple(pair, numbers), ([[f, g], v]) => {
    const direction = filledLike(f.inputs, v, 0)
    const between = jvp(f.build)(f.inputs, direction)
    return [jvp((x: Point) => g.build(f.build(x)))(f.inputs, direction), jvp(g.build)(...between)]
  }),
  law("jvp and vjp are adjoint", rounded, fc.tuple(program, numbers, numbers), ([p, v, w]) => {
    const direction = filledLike(p.inputs, v, 0)
    const [value, pushed] = jvp(p.build)(p.inputs, direction)
    const ct = filledLike(value, w, 1)
    return [inner(pushed, ct), inner(direction, vjp(p.build)(p.inputs)[1](ct))]
  }),
  law("jvp agrees with central differences", differenced, sloped, ([p, v]) => {
    const direction = filledLike(p.inputs, v, 0)
    return [jvp(p.build)(p.inputs, direction)[1], alongDifferences(p.build, p.inputs, direction)]
  }),
  law("vjp and jvp give the value", exact, program, p => {
    const value = p.build(p.inputs)
    return [
      [vjp(p.build)(p.inputs)[0], jvp(p.build)(p.inputs, p.inputs)[0]],
      [value, value]
    ]
  })
]

const seconds = ({ grad, hvp, jacobian, jvp }: Autodiff): readonly Law[] => [
  law("hvp is symmetric", rounded, fc.tuple(program, numbers, numbers), ([p, v, w]) => {
    const [a, b] = [filledLike(p.inputs, v, 0), filledLike(p.inputs, w, 1)]
    const product = hvp(lossOf(p))
    return [inner(a, product(p.inputs, b)), inner(b, product(p.inputs, a))]
  }),
  law("hvp agrees with differences of the gradient", differenced, sloped, ([p, v]) => {
    const [f, direction] = [lossOf(p), filledLike(p.inputs, v, 0)]
    return [hvp(f)(p.inputs, direction), alongDifferences(grad(f), p.inputs, direction)]
  }),
  law("jacobian times direction is jvp", rounded, sloped, ([p, v]) => {
    const x = p.inputs.slice(0, 1)
    const direction = filledLike(x, v, 0)
    const f = (xs: Point): Tensor => flatten(p.build(xs)[0] ?? scalar(0, "f64"))
    const applied = jacobian(f)(x).map((matrix, i) => {
      const [rows = 0] = matrix.shape
      const columns = direction[i] ?? matrix
      const flat = reshape(matrix, [rows, sizeOf(columns.shape)])
      return sum(mul(flat, flatten(columns)), { axes: 1 })
    })
    return [applied.reduce(add), jvp(f)(x, direction)[1]]
  })
]

const stops = ({ grad, stopGradient }: Autodiff): readonly Law[] => [
  law("no derivative flows through stopGradient", exact, program, p => {
    const slope = grad((x: Point) => lossOf(p)(x.map(stopGradient)))(p.inputs)
    return [slope, outline(p.inputs)]
  }),
  law("stopGradient keeps the value", exact, arbTensor(), t => [stopGradient(t), t])
]

/** A step from a point to one like it, bounded, made of a random program. */
const stepOf =
  (p: Program) =>
  (x: Point): Point => {
    const results = p.build(x)
    return x.map((t, i) => tanh(fit(results[i % results.length] ?? t, t.shape)))
  }

const repeated = fc.tuple(program, numbers, fc.nat(3), fc.nat(2))

const control = ({ grad, hvp, jvp, whileLoop, cond }: Autodiff): readonly Law[] => {
  const looped =
    (p: Program, times: number, options: { readonly max?: number }) =>
    (x: Point): Point =>
      whileLoop(
        ({ n }) => lt(n, times),
        ({ n, x: now }) => ({ n: add(n, 1), x: stepOf(p)(now) }),
        { n: scalar(0, "i32"), x },
        options
      ).x
  const unrolled =
    (p: Program, times: number) =>
    (x: Point): Point =>
      range(times).reduce(stepOf(p), x)
  const loss =
    (f: (x: Point) => Point) =>
    (x: Point): Tensor =>
      lossOf({ inputs: [], build: f })(x)
  return [
    law("derivatives of whileLoop are those of its steps", rounded, repeated, ([p, v, times, more]) => {
      const direction = filledLike(p.inputs, v, 0)
      const both = (f: (x: Point) => Point): Tree => [grad(loss(f))(p.inputs), hvp(loss(f))(p.inputs, direction)]
      return [both(looped(p, times, { max: times + more + 1 })), both(unrolled(p, times))]
    }),
    law("jvp of whileLoop without max is that of its steps", rounded, repeated, ([p, v, times]) => {
      const direction = filledLike(p.inputs, v, 0)
      return [jvp(looped(p, times, {}))(p.inputs, direction), jvp(unrolled(p, times))(p.inputs, direction)]
    }),
    law("the branch that cond does not choose has no derivative", rounded, program, p => {
      // Infinitely steep where it is.
      const steep = (x: Point): Tensor => add(loss(p.build)(x), x.map(t => sum(sqrt(mul(t, 0)))).reduce(add))
      const chosen = (x: Point): Tensor => cond(lt(scalar(0), 1), loss(p.build), steep, x)
      return [grad(chosen)(p.inputs), grad(loss(p.build))(p.inputs)]
    })
  ]
}

/**
 * Lists the laws of differentiation over random smooth programs in f64: linearity, the chain rule, the adjoint of
 * reverse and forward mode, symmetry of second derivatives, loops and branches as what they run (all within 1e-10, the rounding of another order of
 * operations) and agreement with central differences (within 1e-6, their truncation); values and shapes exactly.
 *
 * @example
 * import assert from "node:assert"
 * import * as thalweg from "thalweg"
 * import { autodiffLaws, checkAll } from "thalweg/laws"
 *
 * assert(checkAll(autodiffLaws(thalweg), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const autodiffLaws = (autodiff: Autodiff): readonly Law[] => [
  ...gradients(autodiff),
  ...products(autodiff),
  ...seconds(autodiff),
  ...control(autodiff),
  ...stops(autodiff)
]
