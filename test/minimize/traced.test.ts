import { add, compile, grad, item, jvp, mul, scalar, square, sub, tensor, vmap, type Tensor } from "thalweg"
import { argmin, findRoot, findRootBetween, leastSquares, minimize, root } from "thalweg/minimize"
import { describe, expect, test } from "vitest"

const s = (x: number): Tensor => scalar(x, "f64")
const bowl = (x: Tensor, a: Tensor): Tensor => square(sub(x, a))
const off = (x: Tensor, a: Tensor): Tensor => sub(x, a)

/** As functions of one datum: handed over, closed over, or as where it begins. */
const readers: readonly (readonly [string, (a: Tensor) => Tensor, string])[] = [
  ["minimize, of data", a => minimize(bowl)(s(1), a).at, "minimize: expected values that it can read (as a graph, with derivatives: argmin)"],
  ["minimize, of what is closed over", a => minimize((x: Tensor) => bowl(x, a))(s(1)).at, "minimize: "],
  ["minimize, of a start", a => minimize((x: Tensor) => bowl(x, s(1)))(a).at, "minimize: "],
  ["minimize, of which a number is taken", a => add(a, minimize(bowl)(s(1), a).value), "minimize: "],
  ["leastSquares", a => leastSquares(off)(s(1), a).at, "leastSquares: expected values that it can read"],
  ["leastSquares, of weights", a => leastSquares((x: Tensor) => off(x, s(2)), { weights: mul(a, a) })(s(1)).at, "leastSquares: "],
  ["findRoot", a => findRoot(off)(s(1), a).at, "findRoot: expected values that it can read (as a graph, with derivatives: root)"],
  ["findRootBetween", a => findRootBetween(off)(-9, 9, a).at, "findRootBetween: expected values that it can read (as a graph, with derivatives: rootBetween)"],
  ["findRootBetween, of ends", a => findRootBetween((x: Tensor) => off(x, s(3)))(a, 9).at, "findRootBetween: "]
] // prettier-ignore

describe.each(readers)("%s", (_, run, words) => {
  const refused = (make: () => unknown): void => {
    let told = ["nothing", ""]
    try {
      make()
    } catch (error) {
      told = [(error as Error).name, (error as Error).message]
    }
    expect(told[0]).toBe("UnboundInputError")
    expect((told[1] ?? "").slice(0, words.length)).toBe(words)
  }

  test("is refused inside grad and jvp, where its derivative would be cut off", () => {
    refused(() => jvp(run)(s(2), s(1)))
    refused(() => grad(run)(s(2)))
  })

  test("is refused inside grad of grad", () => {
    refused(() => grad(grad(run))(s(2)))
  })
})

test("inside compile and vmap, where there are no values, it is refused as well", () => {
  const run = (a: Tensor): Tensor => minimize(bowl)(s(1), a).at
  const refusal = expect.objectContaining({ name: "UnboundInputError" }) as Error
  expect(() => compile(run)(s(2))).toThrow(refusal)
  expect(() => vmap(run)(tensor([1, 2], { dtype: "f64" }))).toThrow(refusal)
})

test("what does not depend on their arguments may be read inside grad and jvp", () => {
  const run = (a: Tensor): Tensor => mul(a, minimize(bowl)(s(1), s(3)).at)
  const [value, change] = jvp(run)(s(2), s(1))
  for (const [own, right] of [[value, 6], [change, 3], [grad(run)(s(2)), 3]] as const) expect(item(own)).toBeCloseTo(right, 6) // prettier-ignore
})

test("argmin and root are for there", () => {
  for (const run of [(a: Tensor) => argmin(bowl)(s(1), a), (a: Tensor) => root(off)(s(1), a)])
    expect(item(jvp(run)(s(2), s(1))[1])).toBeCloseTo(1, 6)
})
