import {
  add,
  broadcastTo,
  div,
  grad,
  gt,
  hvp,
  matmul,
  mul,
  neg,
  pipe,
  scalar,
  sqrt,
  square,
  sum,
  Tree,
  where,
  zeros,
  type Tensor
} from "thalweg"
import {
  accumulate,
  adafactor,
  adam,
  clipByNorm,
  dpSgd,
  freeze,
  ifFinite,
  lookahead,
  masked,
  momentum,
  muon,
  nag,
  sam,
  noisySgd,
  novograd,
  onDisplacement,
  optimizer,
  partition,
  polyakSgd,
  rmsprop,
  scheduleFreeAdamw,
  sgd,
  sm3,
  withEma,
  withMomentum,
  withNesterov,
  withPolyakAverage,
  withWeightDecay,
  type AnyOptimizer
} from "thalweg/optimizer"
import { dataflow, equations } from "thalweg/show"
import { cosine } from "thalweg/schedule"
import {
  applyMomentum,
  clipByGlobalNorm,
  chain,
  scale,
  scaleByAdam,
  identity,
  scaleByLearningRate,
  type Need,
  type Needs,
  type StateFamily,
  type StatelessF,
  type Transform
} from "thalweg/transform"
import { describe, expect, test } from "vitest"

const fail = (message: string): never => {
  throw new Error(message)
}

const plain = sgd({ learningRate: 0.1 })
const lines = (...all: readonly string[]): string => all.join("\n")
const aligned = (...rows: readonly string[]): string =>
  `\\begin{aligned}\n${rows.map(row => `  ${row}`).join(" \\\\\n")}\n\\end{aligned}`

/** A transform that counts by itself. */
interface CountF extends StateFamily {
  readonly type: { readonly count: Tensor }
}

/** A tree like the parameters. */
interface SumF extends StateFamily {
  readonly type: this["params"]
}

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
        "p' = p - 0.001·mu'/(√nu'·(1 - 0.9^t')/√(1 - 0.999^t') + 1e-8·(1 - 0.9^t'))"
      )
    ],
    [
      "adam that may divide 0 by 0",
      equations(adam({ eps: 0 }))
        .split("\n")
        .slice(-2)
        .join("\n"),
      lines("x₁ = √nu'·(1 - 0.9^t')/√(1 - 0.999^t')", "p' = p - 0.001·mu'/(1 if x₁ = 0 else x₁)")
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
        "p' = slow' if t' mod 5 = 0 else p - 0.1·g",
        "deployed' = slow'"
      )
    ],
    [
      "an average of what comes out",
      equations(pipe(plain, withEma(0.9))),
      lines(
        "p' = p - 0.1·g",
        "average' = 0.9·average + 0.1·p'",
        "weight' = 0.9·weight + 0.1",
        "deployed' = average'/weight'"
      )
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
    [
      "examples, each clipped",
      equations(dpSgd({ learningRate: 0.1, maxNorm: 2, noiseMultiplier: 0, seed: 0 })),
      "p' = p - 0.1·mean(2·g_examples/max(norm(g_examples, axes: [1]), 2), axes: [0])"
    ],
    ["schedules", equations(sgd({ learningRate: t => div(1, add(t, 2)) })), lines("t' = t + 1", "p' = p - g/(t + 2)")],
    [
      "matrices",
      equations(sm3({ learningRate: 0.1 }), { shape: [2, 3] }).split("\n")[0],
      "x₁ = min(accumulators₀, accumulators₁) + g²"
    ]
  ])("%s", (_, shown, expected) => {
    expect(shown).toBe(expected)
  })

  test("where gradients are taken comes first, what is deployed last", () => {
    expect(equations(nag({ learningRate: 0.1, momentum: 0.9 }))).toBe(
      lines("g = ∇f(p + 0.9·velocity)", "velocity' = 0.9·velocity - 0.1·g", "p' = p + velocity'")
    )
    expect(equations(scheduleFreeAdamw({ learningRate: 0.1, weightDecay: 0.1 })).split("\n")).toStrictEqual([
      "x₁ = p + 0.9·(average - p)",
      "g = ∇f(x₁)",
      "t' = t + 1",
      "nu' = 0.999·nu + 0.001·g²",
      "x₂ = √(1 - 0.999^t')",
      "p' = p - 0.1·(g/(√nu' + 1e-8) + 0.1·x₁)·x₂",
      "weights' = weights + (0.1·x₂)²",
      "average' = average + (p' - average)·(0.1·x₂)²/(1 if weights' = 0 else weights')",
      "deployed' = average'"
    ])
    const plainly = { momentum: 0.9, learningRate: 0.1 }
    expect(equations(momentum(plainly))).not.toMatch(/∇|deployed/)
  })

  test("the loss is that of optimizers that need it, and leaves that never change are left out", () => {
    expect(equations(pipe(adam(), accumulate(3)))).not.toContain("loss")
    expect(equations(pipe(polyakSgd(), accumulate(3)))).toContain("x₁ = state_loss + (loss - state_loss)/(seen + 1)")
    expect(equations(pipe(plain, withEma(0.9, { start: "params" })))).toBe(
      lines("p' = p - 0.1·g", "average' = 0.9·average + 0.1·p'", "deployed' = average'")
    )
  })

  test("a step is given what it needs and nothing else, and its mistakes are not hidden", () => {
    const given = (...needs: readonly Need[]): readonly string[] => {
      const seen = new Set<string>()
      const looking: Transform<StatelessF> = {
        init: () => [],
        update: (updates, state, _, now) => {
          Object.keys(now).forEach(name => seen.add(name))
          return [updates, state]
        },
        needs
      }
      equations(optimizer(looking))
      return [...seen].sort()
    }
    expect([given(), given("loss"), given("exampleGradients", "objective", "loss")]).toStrictEqual([
      ["step"],
      ["loss", "step"],
      ["exampleGradients", "loss", "objective", "step"]
    ])
    const mistaken = { ...identity, update: () => fail("mine") }
    expect(() => equations(optimizer(mistaken))).toThrow(/^mine$/)
  })

  test("the objective is an expression, and so are its derivatives, but for the third", () => {
    interface SearchF extends StatelessF {
      readonly needs: Pick<Needs<this["params"]>, "objective">
    }
    type Asking = <P extends Tree>(objective: (at: P) => Tensor, params: P, updates: P) => P
    const asking = (what: Asking): Transform<SearchF> => ({
      init: () => [],
      update: (updates, state, params, { objective }) => [what(objective, params, updates), state],
      needs: ["objective"]
    })
    const value = asking((f, params, updates) => Tree.map((g: Tensor) => mul(g, f(params)))(updates))
    const product = asking((f, params, updates) => hvp(f as (at: Tree) => Tensor)(params, updates) as typeof params)
    const third = asking((f, params) =>
      grad((at: typeof params) =>
        Tree.leaves(hvp(f)(at, at))
          .map(t => sum(t))
          .reduce(add)
      )(params)
    )
    expect(equations(optimizer(value))).toBe("p' = p + g·f(p)")
    expect(equations(optimizer(product))).toBe("p' = p + ∇²f(p)·g")
    expect(equations(optimizer(product), { notation: "latex" })).toContain("\\nabla^2 f\\left(p\\right) g")
    expect(equations(pipe(plain, sam({ rho: 0.5 })))).toBe("p' = p - 0.1·∇f(p + 0.5·g/(1 if √(Σ g²) = 0 else √(Σ g²)))")
    expect(() => equations(optimizer(third))).toThrow(
      /^equations: expected an optimizer of first and second derivatives; got one that takes third ones$/
    )
    expect(() => dataflow(optimizer(third))).toThrow(/^dataflow: expected an optimizer of first/)
  })

  test("what is always so after a step is not asked", () => {
    expect(equations(pipe(plain, withPolyakAverage()))).toBe(
      lines(
        "t' = t + 1",
        "p' = p - 0.1·g",
        "average' = p' if t' = 1 else average + (p' - average)/t'",
        "deployed' = average'"
      )
    )
    expect(
      equations(pipe(plain, withPolyakAverage({ skip: 1 })))
        .split("\n")
        .at(-1)
    ).toBe("deployed' = average' if t' ≥ 2 else p'")
  })

  test("matrices have products of two kinds", () => {
    const shown = equations(muon({ nsSteps: 1, nesterov: false }), { shape: [2, 2] })
    expect(shown).toBe(
      lines(
        "mu' = 0.95·mu + g",
        "x₁ = mu'/(√(Σ mu'²) + 1e-7)",
        "p' = p - 0.02·(3.4445·x₁ + (2.0315·(x₁·x₁ᵀ)·(x₁·x₁ᵀ) - 4.775·x₁·x₁ᵀ)·x₁)"
      )
    )
    const both = optimizer<StatelessF>({
      init: () => [],
      update: (g, state, p) => [Tree.zipWith((u: Tensor, x: Tensor) => mul(matmul(u, x), x))(g, p), state]
    })
    expect(equations(both, { shape: [2, 2] })).toBe("p' = p + (g·p) ⊙ p")
    expect(equations(both, { shape: [2, 2], notation: "latex" })).toBe(aligned("p' &= p + \\left(g p\\right) \\odot p"))
  })

  test("the order of combinators", () => {
    const decayed = pipe(plain, withWeightDecay(0.5), withMomentum(0.9))
    const apart = pipe(plain, withMomentum(0.9), withWeightDecay(0.5))
    expect(equations(decayed)).toBe(lines("velocity' = 0.9·velocity - 0.1·g - 0.05·p", "p' = p + velocity'"))
    expect(equations(apart)).toBe(lines("velocity' = 0.9·velocity - 0.1·g", "p' = p + velocity' - 0.05·p"))
  })

  test("names are the shortest endings of paths that tell leaves apart", () => {
    const heavy = applyMomentum({ decay: 0.5 })
    expect(equations(optimizer(chain(heavy, heavy, scaleByLearningRate(1))))).toBe(
      lines("velocity₀' = 0.5·velocity₀ + g", "velocity₁' = 0.5·velocity₁ + velocity₀'", "p' = p - velocity₁'")
    )
    const twice = equations(pipe(plain, withMomentum(0.9), withMomentum(0.5)))
    expect(twice.split("\n").map(line => line.split(" = ")[0])).toStrictEqual([
      "inner_displacement_velocity'",
      "displacement_velocity'",
      "p'"
    ])
    expect(equations(pipe(polyakSgd(), accumulate(2)))).toContain("state_loss' = ") // loss is that of the step
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
    const deep: Transform<StatelessF> = {
      init: () => [],
      update: (updates, state) => {
        const sums = Tree.map(g => Array.from({ length: 5000 }).reduce<typeof g>(sum => add(sum, g), g))
        return [sums(updates), state]
      }
    }
    expect(equations(optimizer(deep)).length).toBe("p' = p".length + 5001 * " + g".length)
  })
})

const params = { enc: { w: zeros([2]), b: zeros([3]) }, head: [zeros([4])] }

describe("of several parameters", () => {
  const names = (optimizer: AnyOptimizer, of: Tree): readonly string[] =>
    equations(optimizer, { params: of })
      .split("\n")
      .map(line => line.replace(/'? = .*/, ""))
      .filter(name => !/^(t|x[₀-₉]+)$/.test(name))

  test("what is frozen, and what is shared", () => {
    const frozen = pipe(sgd({ learningRate: 0.1, momentum: 0.9 }), freeze("enc/**"), clipByNorm(1))
    expect(equations(frozen, { params })).toBe(
      lines(
        "enc_b' = enc_b",
        "enc_w' = enc_w",
        "velocity_head₀' = 0.9·velocity_head₀ + g_head₀/max(√((Σ g_enc_b²) + (Σ g_enc_w²) + (Σ g_head₀²)), 1)",
        "head₀' = head₀ - 0.1·velocity_head₀'"
      )
    )
  })

  test("each by an optimizer of its own, with its own gradient point and average", () => {
    const parts = { a: nag({ learningRate: 0.1, momentum: 0.9 }), b: pipe(plain, withEma(0.5)) }
    const parted = partition(parts, new Map([["enc/w", "a"], ["**", "b"]])) // prettier-ignore
    expect(equations(parted, { params })).toBe(
      lines(
        "g_enc_w = ∇f(enc_w + 0.9·velocity_enc_w)",
        "weight' = 0.5·weight + 0.5",
        "enc_b' = enc_b - 0.1·g_enc_b",
        "average_enc_b' = 0.5·average_enc_b + 0.5·enc_b'",
        "velocity_enc_w' = 0.9·velocity_enc_w - 0.1·g_enc_w",
        "enc_w' = enc_w + velocity_enc_w'",
        "head₀' = head₀ - 0.1·g_head₀",
        "average_head₀' = 0.5·average_head₀ + 0.5·head₀'",
        "deployed_enc_b' = average_enc_b'/weight'",
        "deployed_head₀' = average_head₀'/weight'"
      )
    )
  })

  test("also where the state is a list of leaves, or several tensors for each", () => {
    const matrix = { kernel: zeros([2, 3]), bias: zeros([3]) }
    const told = (shown: string): readonly string[] => shown.split("\n").map(line => line.replace(/ = .*/, ""))
    expect(told(equations(muon({ nsSteps: 1 }), { params: matrix }))).toStrictEqual([
      "t'",
      "mu_bias'",
      "nu_bias'",
      "bias'",
      "mu_kernel'",
      "x₁",
      "kernel'"
    ])
    expect(told(equations(sm3({ learningRate: 0.1 }), { params: [matrix.kernel] }))).toStrictEqual([
      "x₁",
      "accumulators_p₀_0'",
      "accumulators_p₀_1'",
      "mu_p₀'",
      "p₀'"
    ])
  })

  test("a leaf of the state is its parameter's, wherever it is kept", () => {
    const [matrix, vector] = [zeros([2, 3]), zeros([3])]
    const some = { a: matrix, b: vector, c: zeros([4, 3]), d: vector }
    const [factored, byMatrices] = [adafactor(), muon({ nsSteps: 1 })]
    const kept = (name: string): readonly string[] => [`moments_${name}₀`, `moments_${name}₁`, name]
    expect(names(factored, some)).toStrictEqual([...kept("a"), "moments_b₀", "b", ...kept("c"), "moments_d₀", "d"])
    expect(names(byMatrices, some)).toStrictEqual(["mu_a", "a", "mu_b", "nu_b", "b", "mu_c", "c", "mu_d", "nu_d", "d"])
    // one number for each, in its dtype or not
    expect(names(novograd(), { a: matrix, b: [vector] })).toStrictEqual(["nu_a", "mu_a", "a", "nu_b₀", "mu_b₀", "b₀"])
    // lists in which the hidden ones have no place
    const [hidden, part] = [masked(["b", "c"]), pipe(byMatrices, masked(["c", "d"]), clipByNorm(1))]
    expect(names(pipe(factored, hidden), some)).toStrictEqual(["a", "moments_b₀", "b", ...kept("c"), "d"])
    expect(names(part, some)).toStrictEqual(["a", "b", "mu_c", "c", "mu_d", "nu_d", "d"])
    // and where norms join them, after the step too
    const joined = pipe(byMatrices, onDisplacement(clipByGlobalNorm(1)), clipByNorm(1))
    expect(names(joined, some).toSorted()).toStrictEqual(names(byMatrices, some).toSorted())
  })

  test("lists of lists, where parameters are a list too", () => {
    const alike = [zeros([2, 2]), zeros([2, 2])]
    const acc = (i: string): readonly string[] => [0, 1].map(j => `accumulators_p${i}_${j}`)
    expect(names(sm3({ learningRate: 0.1 }), alike)).toStrictEqual([
      ...acc("₀"),
      "mu_p₀",
      "p₀",
      ...acc("₁"),
      "mu_p₁",
      "p₁"
    ])
    const sums: Transform<SumF> = {
      init: Tree.zerosLike,
      update: (g, before) => {
        const after = Tree.zipWith(add)(before, g)
        return [after, after]
      }
    }
    const twice = optimizer(chain(scaleByAdam(), sums, sums))
    const kept = (i: string): readonly string[] => [`mu_p${i}`, `nu_p${i}`, `state₁_p${i}`, `state₂_p${i}`, `p${i}`]
    expect(names(twice, alike)).toStrictEqual([...kept("₀"), ...kept("₁")])
    // the key of the noise is nobody's, although it is as long as they are
    expect(names(noisySgd({ seed: 0, learningRate: 0.1 }), [zeros([2]), zeros([2])])).toStrictEqual(["key", "p₀", "p₁"])
  })

  test("in LaTeX and in Mermaid", () => {
    const decayed = pipe(plain, withWeightDecay(0.5, { mask: "w" }), withNesterov(0.9))
    const { w, b } = params.enc
    expect(equations(decayed, { params: { w, b }, notation: "latex" })).toBe(
      aligned(
        "g_{b} &= \\nabla f\\left(b + 0.9 \\cdot \\mathit{velocity}_{b}\\right)",
        "g_{w} &= \\nabla f\\left(w + 0.9 \\cdot \\mathit{velocity}_{w}\\right)",
        "\\mathit{velocity}_{b}' &= 0.9 \\cdot \\mathit{velocity}_{b} - 0.1 \\cdot g_{b}",
        "b' &= b + \\mathit{velocity}_{b}'",
        "\\mathit{velocity}_{w}' &= 0.9 \\cdot \\mathit{velocity}_{w} - 0.1 \\cdot g_{w} - 0.05 \\cdot w",
        "w' &= w + \\mathit{velocity}_{w}'"
      )
    )
    expect(dataflow(pipe(plain, freeze("w")), { params: { w, b } }).split("\n")).toStrictEqual([
      "graph LR",
      '  n0(["b"])',
      '  n1(["g_b"])',
      '  n2["-0.1·□"]',
      "  n1 --> n2",
      '  n3["a + b"]',
      "  n0 -->|a| n3",
      "  n2 -->|b| n3",
      '  n4(["w"])',
      `  r0(["b'"])`,
      "  n3 --> r0",
      `  r1(["w'"])`,
      "  n4 --> r1",
      ""
    ])
  })

  test("names that mean something else, are none, or would be the same", () => {
    const [a, b] = [zeros([2]), zeros([3])]
    const names = (params: Tree): readonly string[] =>
      equations(sgd({ learningRate: 0.1, momentum: 0.9 }), { params })
        .split("\n")
        .map(line => line.replace(/'? = .*/, ""))
    expect(names({ g: a, t: b })).toStrictEqual(["velocity_p_g", "p_g", "velocity_p_t", "p_t"])
    expect(names([a, b])).toStrictEqual(["velocity_p₀", "p₀", "velocity_p₁", "p₁"])
    expect(names({ "a-b": a, a_b: b })).toStrictEqual(["velocity_a_b", "a_b", "velocity_a_b₂", "a_b₂"])
    expect(names({ velocity: a, g_velocity: b })).toStrictEqual(["velocity_g_velocity", "g_velocity", "velocity_velocity", "velocity"]) // prettier-ignore
    expect(names({})).toStrictEqual([""])
  })

  test("without them, an optimizer that looks at paths says what is missing", () => {
    const frozen = pipe(plain, freeze("enc/**"))
    expect(() => equations(frozen)).toThrow(/^equations: expected the option params, .*freeze: expected a parameter/)
    expect(() => dataflow(frozen)).toThrow(/^dataflow: expected the option params, .*freeze: expected a parameter/)
    expect(() => equations(frozen, { params: { w: zeros([2]) } })).toThrow(/^freeze: expected a parameter/)
  })

  test("one alone without a path is p", () => {
    expect(equations(adam(), { params: zeros([3]) })).toBe(equations(adam(), { shape: [3] }))
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
        "p' &= p - 0.001 \\cdot \\frac{\\mu'}{\\sqrt{\\nu'} \\cdot \\frac{1 - 0.9^{t'}}{\\sqrt{1 - 0.999^{t'}}} + 10^{-8} \\cdot \\left(1 - 0.9^{t'}\\right)} - 2.5 \\cdot 10^{-5} \\cdot p"
      )
    ],
    [
      "lookahead",
      equations(pipe(plain, lookahead({ every: 2 })), { notation: "latex" }),
      aligned(
        "t' &= t + 1",
        "\\mathit{slow}' &= \\begin{cases} \\mathit{slow} + 0.5 \\cdot \\left(p - 0.1 \\cdot g - \\mathit{slow}\\right) & \\text{if } t' \\bmod 2 = 0 \\\\ \\mathit{slow} & \\text{otherwise} \\end{cases}",
        "p' &= \\begin{cases} \\mathit{slow}' & \\text{if } t' \\bmod 2 = 0 \\\\ p - 0.1 \\cdot g & \\text{otherwise} \\end{cases}",
        "\\mathit{deployed}' &= \\mathit{slow}'"
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
