import {
  add,
  compile,
  cos,
  evaluate,
  grad,
  hessian,
  hvp,
  item,
  jacobian,
  jvp,
  matmul,
  mul,
  ones,
  scan,
  sin,
  square,
  sub,
  sum,
  tanh,
  toArray,
  toTyped,
  transpose,
  vjp,
  zeros,
  type Tensor
} from "thalweg"
import { describe, expect, test } from "vitest"
import { errorOf } from "./differences.js"
import { direction, f64, range } from "./samples.js"

const w = f64([[1, -2, 0.5], [0.3, 2, -1]]) // prettier-ignore
const f = (x: Tensor): Tensor => sin(matmul(w, mul(x, x)))
const g = (y: Tensor): Tensor => mul(tanh(y), sum(y))
const h = (x: Tensor): Tensor => sum(mul(sin(x), square(sum(x))))
const x = f64([0.4, -0.7, 1.1])
const basis = (n: number, i: number): Tensor => f64(range(n).map(k => (k === i ? 1 : 0)))
const near = (a: Tensor, b: Tensor): void => {
  expect(a.shape).toEqual(b.shape)
  expect(errorOf(toTyped(a), toTyped(b))).toBeLessThan(1e-12)
}

describe("Jacobians", () => {
  const j = jacobian(f)(x)
  test("rows are pullbacks of a basis", () => {
    const [, pullback] = vjp(f)(x)
    range(2).forEach(i => near(f64((toArray(j) as number[][])[i] ?? []), pullback(basis(2, i))))
  })
  test("columns are pushforwards of a basis", () => {
    const columns = toArray(transpose(j)) as number[][]
    range(3).forEach(i => near(f64(columns[i] ?? []), jvp(f)(x, basis(3, i))[1]))
  })
  test("chain: that of a composition is the product", () => {
    near(jacobian((v: Tensor) => g(f(v)))(x), matmul(jacobian(g)(f(x)), j))
  })
  test("of a record of arguments, a leaf each", () => {
    const at = { a: f64([1, 2]), b: f64([[1, 2, 3]]) }
    const found = jacobian(({ a, b }: { a: Tensor; b: Tensor }) => mul(a, sum(b)))(at)
    expect(toArray(found.a)).toEqual([[6, 0], [0, 6]]) // prettier-ignore
    expect(found.b.shape).toEqual([2, 1, 3])
    expect(toArray(found.b)).toEqual([[[1, 1, 1]], [[2, 2, 2]]])
  })
  test("of a scalar is its gradient", () => near(jacobian(h)(x), grad(h)(x)))
  test("of the identity is the identity", () => {
    expect(toArray(jacobian((v: Tensor) => v)(f64([5, 6])))).toEqual([[1, 0], [0, 1]]) // prettier-ignore
  })
  test("of a constant is zero", () => near(jacobian((_: Tensor) => ones([2], "f64"))(x), zeros([2, 3], "f64")))
  test("of nothing, by nothing", () => {
    expect(jacobian((v: Tensor) => sin(v))(zeros([0], "f64")).shape).toEqual([0, 0])
    expect(toArray(jacobian((v: Tensor) => add(sum(v), 1))(zeros([0], "f64")))).toEqual([])
  })
  test("twice: all second derivatives of a vector", () => {
    const second = jacobian(jacobian(f))(x)
    expect(second.shape).toEqual([2, 3, 3])
    near(second, transpose(second, [0, 2, 1]))
  })
})

describe("Hessians", () => {
  const H = hessian(h)(x)
  test("symmetric", () => near(H, transpose(H)))
  test("columns are products with a basis", () => {
    range(3).forEach(i => near(f64((toArray(H) as number[][])[i] ?? []), hvp(h)(x, basis(3, i))))
  })
  test("of a matrix argument", () => {
    expect(hessian((m: Tensor) => sum(square(m)))(zeros([2, 2], "f64")).shape).toEqual([2, 2, 2, 2])
  })
  test("forward over reverse, reverse over forward, reverse over reverse", () => {
    const v = direction(1)(x)
    const forwardReverse = hvp(h)(x, v)
    near(forwardReverse, grad((y: Tensor) => jvp(h)(y, v)[1])(x))
    near(forwardReverse, grad((y: Tensor) => sum(mul(grad(h)(y), v)))(x))
  })
  test("forward over forward", () => {
    const v = direction(1)(x)
    near(jvp((y: Tensor) => jvp(h)(y, v)[1])(x, v)[1], sum(mul(v, hvp(h)(x, v))))
  })
})

describe("linearity", () => {
  const [, pullback] = vjp(f)(x)
  const [u, v] = [direction(1)(f(x)), direction(2)(f(x))]
  const [s, t] = [direction(1)(x), direction(2)(x)]
  test("of the pullback", () => near(pullback(sub(mul(2, u), v)), sub(mul(2, pullback(u)), pullback(v))))
  test("of the pushforward", () => near(jvp(f)(x, sub(mul(2, s), t))[1], sub(mul(2, jvp(f)(x, s)[1]), jvp(f)(x, t)[1])))
  test("of the gradient in the function", () => {
    const both = grad((y: Tensor) => sub(mul(2, h(y)), sum(sin(y))))(x)
    near(both, sub(mul(2, grad(h)(x)), cos(x)))
  })
  test("a pullback is called again with another cotangent, and gives the same for the same", () => {
    const first = pullback(u)
    near(pullback(v), vjp(f)(x)[1](v))
    near(pullback(u), first)
  })
})

describe("the chain rule", () => {
  test("pullbacks compose backwards", () => {
    const [y, back] = vjp(f)(x)
    const [z, backToo] = vjp(g)(y)
    const ct = direction(1)(z)
    near(vjp((v: Tensor) => g(f(v)))(x)[1](ct), back(backToo(ct)))
  })
  test("pushforwards compose forwards", () => {
    const [y, dy] = jvp(f)(x, direction(1)(x))
    near(jvp((v: Tensor) => g(f(v)))(x, direction(1)(x))[1], jvp(g)(y, dy)[1])
  })
})

describe("pullbacks and pushforwards under derivatives", () => {
  test("a pullback differentiated by its cotangent is the pushforward", () => {
    const [y, pullback] = vjp(f)(x)
    const v = direction(1)(x)
    const byCotangent = grad((ct: Tensor) => sum(mul(pullback(ct), v)))(direction(2)(y))
    near(byCotangent, jvp(f)(x, v)[1])
  })
  test("a pullback of a point that is differentiated", () => {
    const norm = (y: Tensor): Tensor => {
      const [value, pullback] = vjp(f)(y)
      return sum(pullback(value))
    }
    near(grad(norm)(x), grad((y: Tensor) => sum(grad((z: Tensor) => mul(0.5, sum(square(f(z)))))(y)))(x))
  })
  test("a compiled pushforward, and one of a compiled function", () => {
    const v = direction(1)(x)
    near(compile((y: Tensor) => jvp(f)(y, v)[1])(x), jvp(f)(x, v)[1])
    near(jvp(compile(f))(x, v)[1], jvp(f)(x, v)[1])
  })
  test("a pushforward through a loop is a loop of pushforwards", () => {
    const body = (c: Tensor, k: Tensor) => [sin(mul(c, k)), square(c)] as const
    const [value, tangent] = jvp((c: Tensor) => scan(body, c, f64([1, 2, 3])))(f64(0.3), f64(1))
    const step = ([c, dc]: readonly [Tensor, Tensor], k: Tensor) => {
      const [[next, y], [dnext, dy]] = jvp((at: Tensor) => body(at, k))(c, dc)
      return [
        [next, dnext],
        [y, dy]
      ] as const
    }
    const [[last, dlast], [ys, dys]] = scan(step, [f64(0.3), f64(1)] as const, f64([1, 2, 3]))
    near(value[0], last)
    near(value[1], ys)
    near(tangent[0], dlast)
    near(tangent[1], dys)
  })
  test("evaluating first changes nothing", () => {
    const [, pullback] = vjp(f)(x)
    near(evaluate(pullback(evaluate(f(x)))), pullback(f(x)))
    expect(item(evaluate(grad((y: Tensor) => sin(y))(f64(0))))).toBe(1)
  })
})
