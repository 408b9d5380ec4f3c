import { add, broadcastTo, div, gt, neg, pipe, scalar, sqrt, square, sum, Tree, where, type Tensor } from "thalweg"
import {
  accumulate,
  adam,
  clipByNorm,
  equations,
  ifFinite,
  lookahead,
  optimizer,
  rmsprop,
  sgd,
  sm3,
  withEma,
  withMomentum,
  withWeightDecay
} from "thalweg/optimizer"
import { cosine } from "thalweg/schedule"
import {
  chain,
  scale,
  scaleByLearningRate,
  trace,
  type CountF,
  type StatelessF,
  type Transform
} from "thalweg/transform"
import { describe, expect, test } from "vitest"

const plain = sgd({ learningRate: 0.1 })
const lines = (...all: readonly string[]): string => all.join("\n")
const aligned = (...rows: readonly string[]): string =>
  `\\begin{aligned}\n${rows.map(row => `  ${row}`).join(" \\\\\n")}\n\\end{aligned}`

describe("as text", () => {
  test.each([
    ["sgd", equations(plain), "p' = p - 0.1·g"],
    [
      "momentum",
      equations(sgd({ learningRate: 0.1, momentum: 0.9 })),
      lines("velocity' = 0.9·velocity + g", "p' = p - 0.1·velocity'")
    ],
    [
      "Nesterov",
      equations(sgd({ learningRate: 1, momentum: 0.9, nesterov: true })),
      lines("velocity' = 0.9·velocity + g", "p' = p - g - 0.9·velocity'")
    ],
    [
      "adam",
      equations(adam()),
      lines(
        "t' = t + 1",
        "mu' = 0.9·mu + 0.1·g",
        "nu' = 0.999·nu + 0.001·g²",
        "p' = p - 0.001·mu'/(1 - 0.9^t')/(√(nu'/(1 - 0.999^t')) + 1e-8)"
      )
    ],
    [
      "adam that may divide 0 by 0",
      equations(adam({ eps: 0 }))
        .split("\n")
        .slice(-2)
        .join("\n"),
      lines("x₁ = √(nu'/(1 - 0.999^t'))", "p' = p - 0.001·mu'/(1 - 0.9^t')/(1 if x₁ = 0 else x₁)")
    ],
    [
      "what begins at 0 and only grows is known not to be negative",
      equations(rmsprop({ learningRate: 0.1 })),
      lines("nu' = 0.9·nu + 0.1·g²", "p' = p - 0.1·g/√(nu' + 1e-8)")
    ],
    ["clipByNorm", equations(pipe(sgd({ learningRate: 1 }), clipByNorm(2))), "p' = p - 2·g/max(√(Σ g²), 2)"],
    [
      "lookahead",
      equations(pipe(plain, lookahead())),
      lines(
        "t' = t + 1",
        "slow' = slow + 0.5·(p - 0.1·g - slow) if t' mod 5 = 0 else slow",
        "p' = slow' if t' mod 5 = 0 else p - 0.1·g"
      )
    ],
    [
      "an average of what comes out",
      equations(pipe(plain, withEma(0.9))),
      lines("p' = p - 0.1·g", "average' = 0.9·average + 0.1·p'", "weight' = 0.9·weight + 0.1")
    ],
    [
      "a count that may stand still is no t",
      equations(pipe(plain, ifFinite())),
      lines(
        "x₁ = all(|g| < ∞) and |loss| < ∞",
        "inRow' = 0 if x₁ else inRow + 1",
        "count' = count + 1 if x₁ else count",
        "skipped' = skipped + (0 if x₁ else 1)",
        "p' = p - 0.1·g if x₁ else p"
      )
    ],
    ["schedules", equations(sgd({ learningRate: t => div(1, add(t, 2)) })), lines("t' = t + 1", "p' = p - g/(t + 2)")],
    [
      "matrices",
      equations(sm3({ learningRate: 0.1 }), { shape: [2, 3] }).split("\n")[0],
      "x₁ = min(state₀, state₁) + g²"
    ]
  ])("%s", (_, shown, expected) => {
    expect(shown).toBe(expected)
  })

  test("the order of combinators", () => {
    const decayed = pipe(plain, withWeightDecay(0.5), withMomentum(0.9))
    const apart = pipe(plain, withMomentum(0.9), withWeightDecay(0.5))
    expect(equations(decayed)).toBe(lines("velocity' = 0.9·velocity - 0.1·g - 0.05·p", "p' = p + velocity'"))
    expect(equations(apart)).toBe(lines("velocity' = 0.9·velocity - 0.1·g", "p' = p + velocity' - 0.05·p"))
  })

  test("names are the shortest endings of paths that tell leaves apart", () => {
    const heavy = trace({ decay: 0.5 })
    expect(equations(optimizer(chain(heavy, heavy, scaleByLearningRate(1))))).toBe(
      lines("velocity₀' = 0.5·velocity₀ + g", "velocity₁' = 0.5·velocity₁ + velocity₀'", "p' = p - velocity₁'")
    )
    const twice = equations(pipe(plain, withMomentum(0.9), withMomentum(0.5)))
    expect(twice.split("\n").map(line => line.split(" = ")[0])).toStrictEqual([
      "inner_displacement_velocity'",
      "displacement_velocity'",
      "p'"
    ])
    expect(equations(pipe(plain, accumulate(2)))).toContain("state_loss' = ") // loss is that of the step
  })

  test("a count that begins elsewhere has its own name", () => {
    const later: Transform<CountF> = {
      init: () => ({ count: scalar(5, "i32") }),
      update: (updates, { count }) => [updates, { count: add(count, 1) }]
    }
    expect(equations(optimizer(later))).toBe(lines("count' = count + 1", "p' = p + g"))
  })

  test("nothing that can be said shorter", () => {
    const shown = (factors: readonly number[]): string => equations(optimizer(chain(...factors.map(scale))))
    expect([[1], [-1], [0], [2, -3], [0.1, 3], [1e-5], [12345678]].map(shown)).toStrictEqual(
      ["p + g", "p - g", "p", "p - 6·g", "p + 0.3·g", "p + 1e-5·g", "p + 12345678·g"].map(value => `p' = ${value}`)
    )
  })

  test("nothing that would mean something else", () => {
    const displaced = (by: (g: Tensor, p: Tensor) => Tensor): string =>
      equations(
        optimizer<StatelessF>({
          init: () => [],
          update: (g, state, p) => [Tree.zipWith((u: Tensor, x: Tensor) => broadcastTo(by(u, x), x.shape))(g, p), state]
        })
      )
    const positive = (g: Tensor): Tensor => gt(g, 0)
    // p may be negative
    expect(displaced((_, p) => square(sqrt(p)))).toBe("p' = p + (√p)²")
    // other elements are asked within the sum
    expect(displaced((g, p) => where(positive(g), g, sum(where(positive(g), g, p))))).toBe(
      "p' = p + (g if g > 0 else Σ (g if g > 0 else p))"
    )
    // element by element the answer is known
    expect(displaced((g, p) => where(positive(g), g, neg(where(positive(g), g, p))))).toBe(
      "p' = p + (g if g > 0 else -p)"
    )
  })

  test("deep expressions", () => {
    const deep: Transform<CountF> = {
      init: () => ({ count: scalar(0, "i32") }),
      update: (updates, { count }) => {
        const sums = Tree.map(g => Array.from({ length: 5000 }).reduce<typeof g>(sum => add(sum, g), g))
        return [sums(updates), { count: add(count, 1) }]
      }
    }
    expect(equations(optimizer(deep)).length).toBe("p' = p".length + 5001 * " + g".length)
  })
})

describe("as LaTeX", () => {
  test.each([
    ["sgd", equations(plain, { notation: "latex" }), aligned("p' &= p - 0.1 \\cdot g")],
    [
      "momentum",
      equations(sgd({ learningRate: 0.1, momentum: 0.9 }), { notation: "latex" }),
      aligned("\\mathit{velocity}' &= 0.9 \\cdot \\mathit{velocity} + g", "p' &= p - 0.1 \\cdot \\mathit{velocity}'")
    ],
    [
      "adam with decay and clipping",
      equations(pipe(adam(), withWeightDecay(0.025), clipByNorm(1)), { notation: "latex" }),
      aligned(
        "t' &= t + 1",
        "x_{1} &= \\frac{g}{\\max\\left(\\sqrt{\\sum g^{2}}, 1\\right)}",
        "\\mu' &= 0.9 \\cdot \\mu + 0.1 \\cdot x_{1}",
        "\\nu' &= 0.999 \\cdot \\nu + 0.001 \\cdot x_{1}^{2}",
        "p' &= p - 0.001 \\cdot \\frac{\\frac{\\mu'}{1 - 0.9^{t'}}}{\\sqrt{\\frac{\\nu'}{1 - 0.999^{t'}}} + 10^{-8}} - 2.5 \\cdot 10^{-5} \\cdot p"
      )
    ],
    [
      "lookahead",
      equations(pipe(plain, lookahead({ every: 2 })), { notation: "latex" }),
      aligned(
        "t' &= t + 1",
        "\\mathit{slow}' &= \\begin{cases} \\mathit{slow} + 0.5 \\cdot \\left(p - 0.1 \\cdot g - \\mathit{slow}\\right) & \\text{if } t' \\bmod 2 = 0 \\\\ \\mathit{slow} & \\text{otherwise} \\end{cases}",
        "p' &= \\begin{cases} \\mathit{slow}' & \\text{if } t' \\bmod 2 = 0 \\\\ p - 0.1 \\cdot g & \\text{otherwise} \\end{cases}"
      )
    ],
    [
      "indices",
      equations(pipe(plain, accumulate(2)), { notation: "latex" }).split("\n")[1],
      "  \\mathit{count}' &= \\begin{cases} \\mathit{count} + 1 & \\text{if } \\mathit{seen} + 1 \\ge 2 \\\\ \\mathit{count} & \\text{otherwise} \\end{cases} \\\\"
    ]
  ])("%s", (_, shown, expected) => {
    expect(shown).toBe(expected)
  })
})

test("the same optimizer has the same equations", () => {
  const make = () => equations(pipe(adam({ learningRate: cosine({ start: 1, steps: 9 }) }), clipByNorm(1), lookahead()))
  expect(make()).toBe(make())
})
