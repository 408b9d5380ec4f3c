import {
  add,
  compile,
  cond,
  customVjp,
  div,
  eq,
  grad,
  gt,
  item,
  jvp,
  lt,
  matmul,
  mul,
  ne,
  neg,
  rem,
  scalar,
  scan,
  sin,
  sqrt,
  square,
  stack,
  sum,
  tensor,
  toArray,
  toTyped,
  vmap,
  where,
  whileLoop,
  zeros,
  type Tensor
} from "thalweg"
import { dense } from "thalweg/nn"
import { key, normal, split, truncatedNormal } from "thalweg/random"
import { describe, expect, test } from "vitest"

const f64 = (x: number | readonly number[]) => tensor(x, { dtype: "f64" })
const w = tensor([1, 2])
const xs = tensor([
  [1, 0],
  [0, 1],
  [1, 1]
])

describe("what is mapped", () => {
  test("may be trees, with axes for their branches", () => {
    const f = ({ a, b }: { a: Tensor; b: readonly [Tensor, Tensor] }, c: Tensor) =>
      [add(mul(a, b[0]), b[1]), c] as const
    const [ab, c] = vmap(f, [{ a: 0, b: [null, -1] }, null])({ a: xs, b: [w, tensor([[1, 2, 3], [4, 5, 6]])] }, tensor([7])) // prettier-ignore
    expect(toArray(ab)).toEqual([
      [2, 4],
      [2, 7],
      [4, 8]
    ])
    expect(toArray(c)).toEqual([[7], [7], [7]])
  })

  test("may be none at all, if they have an axis", () => {
    const f = (x: Tensor) => add(sum(square(x)), matmul(x, zeros([2, 4])))
    expect(vmap(f)(zeros([0, 2])).shape).toEqual([0, 4])
    expect(vmap(grad((x: Tensor) => sum(f(x))))(zeros([0, 2])).shape).toEqual([0, 2])
  })

  test("may be keys: each draws what it draws alone", () => {
    const keys = split(key(7), 4)
    const draws = vmap((k: Tensor) => [normal(k, [3]), truncatedNormal(k, -1, 1, [2])])(stack(keys))
    expect(draws.map(toArray)).toEqual([keys.map(k => toArray(normal(k, [3]))), keys.map(k => toArray(truncatedNormal(k, -1, 1, [2])))]) // prettier-ignore
  })

  test("may be models, of which many are started and run", () => {
    const layer = dense({ units: 3 })
    const keys = stack(split(key(1), 5))
    const params = vmap((k: Tensor) => layer.init(k, w).params)(keys)
    expect(params.kernel.shape).toEqual([5, 2, 3])
  })
})

test("a sum over examples in a loop, as a loop over their sums", () => {
  const decayed = (x: Tensor) => scan((m: Tensor, g: Tensor) => [add(mul(m, 0.9), g), m] as const, tensor(0), x)
  const [last, path] = compile(vmap(decayed))(xs)
  expect([last.shape, path.shape]).toEqual([[3], [3, 2]])
  const alone = [0, 1, 2].map(i => decayed(tensor([...toTyped(xs)].slice(2 * i, 2 * i + 2))))
  expect(toArray(last)).toEqual(alone.map(([l]) => item(l)))
  expect(toArray(path)).toEqual(alone.map(([, p]) => toArray(p)))
})

describe("loops that examples end at different times", () => {
  const numbers = [1, 27, 6, 97, 4]
  const next = (n: Tensor) => where(eq(rem(n, 2), 0), div(n, 2), add(mul(n, 3), 1))
  const steps = (n: Tensor) =>
    whileLoop(
      ({ n }) => ne(n, 1),
      ({ n, steps }) => ({ n: next(n), steps: add(steps, 1) }),
      { n, steps: scalar(0, "i32") }
    ).steps

  test("go on until the last one has ended; those that have keep what they have", () => {
    const all = tensor(numbers, { dtype: "i32" })
    const alone = numbers.map(n => item(steps(scalar(n, "i32"))))
    expect(alone).toEqual([0, 111, 8, 118, 2])
    expect(toArray(vmap(steps)(all))).toEqual(alone)
    expect(toArray(compile(vmap(steps))(all))).toEqual(alone)
    expect(vmap(steps)(zeros([0], "i32")).shape).toEqual([0])
    const pairs = tensor([numbers, [...numbers].reverse()], { dtype: "i32" })
    expect(toArray(vmap(vmap(steps))(pairs))).toEqual([alone, alone.toReversed()])
  })

  const grown = (max: { readonly max?: number }) => (x: Tensor) =>
    whileLoop(y => lt(y, 100), y => mul(y, add(1.3, mul(0.1, sin(y)))), x, max) // prettier-ignore
  const points = [0.5, 150, 60, 1.5, 90]
  const all = tensor(points, { dtype: "f64" })

  test.each([[{ max: 500 }], [{}]])("have the derivatives that each has alone, %j", max => {
    const push = (x: Tensor) => jvp(grown(max))(x, scalar(1, "f64"))[1]
    expect(toArray(vmap(push)(all))).toEqual(points.map(x => item(push(scalar(x, "f64")))))
    if (!("max" in max)) return
    const slope = grad(grown(max))
    const alone = points.map(x => item(slope(scalar(x, "f64"))))
    expect(new Set(alone).size).toBe(5)
    expect(toArray(vmap(slope)(all))).toEqual(alone)
    expect(toArray(grad((xs: Tensor) => sum(vmap(grown(max))(xs)))(all))).toEqual(alone)
    expect(toArray(compile(vmap(grad(slope)))(all))).toEqual(points.map(x => item(grad(slope)(scalar(x, "f64")))))
  })

  test("choose one of two branches by example", () => {
    const root = (x: Tensor) => cond(gt(x, 0), (x: Tensor) => sqrt(x), (x: Tensor) => neg(x), x) // prettier-ignore
    const xs = tensor([4, -3, 0, 9], { dtype: "f64" })
    expect(toArray(vmap(root)(xs))).toEqual([2, 3, -0, 3])
    expect(toArray(vmap(grad(root))(xs))).toEqual([0.25, -1, -1, 1 / 6])
  })
})

test("a derivative of a loop goes back over what was kept where that lies, however much there may be", () => {
  const last = (x: Tensor) =>
    whileLoop(
      y => lt(y, 9),
      y => mul(y, add(y, 1)),
      x,
      { max: 1000 }
    )
  const slopes = vmap(grad(last))
  expect(String(slopes(f64([1, 2, 3])))).not.toContain("transpose")
  expect(toArray(slopes(f64([2, 10])))).toEqual([toArray(grad(last)(f64(2))), 1])
})

test("a derivative written by hand is that of the examples, also of what they share", () => {
  const product = customVjp(
    (a: Tensor, b: Tensor) => [mul(a, b), [a, b]] as const,
    ([a, b], ct) => [mul(ct, mul(2, b)), mul(ct, mul(2, a))] as const // twice the truth, to tell them apart
  )
  const total = (a: Tensor, b: Tensor) => sum(vmap(product, [0, null])(a, b))
  expect(toArray(grad(total)(xs, w))).toEqual([
    [2, 4],
    [2, 4],
    [2, 4]
  ])
  expect(toArray(grad((b: Tensor) => total(xs, b))(w))).toEqual([4, 4])
})

describe("errors", () => {
  const f = (x: Tensor, y: Tensor) => add(x, y)
  test.each<readonly [string, () => unknown, string, string]>([
    ["sizes differ", () => vmap(f)(xs, w), "ShapeError", 'vmap at "1": expected 3 examples, as at "0"; got 2'],
    [
      "an axis is not there",
      () => vmap(f, [0, 1])(xs, w),
      "AxisError",
      'vmap at "1": expected an axis from -1 to 0; got 1'
    ],
    ["a scalar is mapped", () => vmap(f)(xs, tensor(1)), "AxisError", 'vmap at "1": expected'],
    ["nothing is mapped", () => vmap(f, [null, null])(xs, w), "AxisError", "vmap: expected at least one tensor with an axis of examples; got none"], // prettier-ignore
    ["an axis is no whole number", () => vmap(f, [0.5, 0])(xs, w), "AxisError", 'vmap at "0": expected an axis, or null for a tensor that all examples share; got 0.5'], // prettier-ignore
    ["an argument has none", () => vmap(f, [0] as never)(xs, w), "AxisError", "vmap: expected an axis, null, or one of these for each of"], // prettier-ignore
    ["a branch is misspelt", () => vmap(({ a }: { a: Tensor }) => a, [{ b: 0 }])({ a: xs }), "AxisError", 'vmap at "0": expected'], // prettier-ignore
    ["axes are no list", () => vmap(f, 0 as never), "AxisError", "vmap: expected a list of axes, one for each argument; got 0"], // prettier-ignore
    ["the result is none", () => vmap((() => 3) as never)(xs), "TreeError", 'vmap at "(root)": expected a result that is a tensor, an array or a plain record; got 3'], // prettier-ignore
    [
      "an argument is none",
      () => vmap(f)(3 as never, w),
      "TreeError",
      'vmap at "0": expected an argument that is a tensor'
    ],
    ["it is no function", () => vmap(3 as never), "DataError", "vmap: expected a function; got 3"],
    ["a value is read", () => vmap((x: Tensor) => mul(x, item(sum(x))))(xs), "UnboundInputError", "item"]
  ])("where %s", (_, run, name, message) => {
    expect(run).toThrow(expect.objectContaining({ name, message: expect.stringContaining(message) as string }))
  })
})
