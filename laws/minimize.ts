import fc from "fast-check"
import {
  add,
  clamp,
  compile,
  div,
  evaluate,
  exp,
  eye,
  grad,
  hvp,
  item,
  jvp,
  log,
  matmul,
  mul,
  scalar,
  sliceAxis,
  solve,
  square,
  sub,
  sum,
  take,
  tensor,
  toTyped,
  transpose,
  Tree,
  zerosLike,
  type Tensor
} from "thalweg"
import {
  backtracking,
  bfgs,
  conjugateGradients,
  descendBy,
  gradientDescent,
  lbfgs,
  nelderMead,
  newtonCg,
  type AnyMethod,
  type MinimizeOptions,
  type argmin,
  type findRoot,
  type findRootBetween,
  type minimize,
  type minimizer,
  type root
} from "thalweg/minimize"
import { sgd } from "thalweg/optimizer"
import { exact, relative } from "./equality.js"
import { law, type Law } from "./law.js"
import { truth } from "./sides.js"

/** What minimizes, and is held to laws. */
export interface Minimizing {
  readonly minimize: typeof minimize
  readonly minimizer: typeof minimizer
  readonly argmin: typeof argmin
  readonly findRoot: typeof findRoot
  readonly findRootBetween: typeof findRootBetween
  readonly root: typeof root
}

/** Σ wᵢ(xᵢ - cᵢ)² + k Σ (xᵢ₊₁ - xᵢ)² + q Σ (xᵢ - cᵢ)⁴: one minimum, at c where k is 0. */
interface Bowl {
  readonly method: AnyMethod
  readonly weights: Tensor
  readonly center: Tensor
  readonly coupling: number
  readonly quartic: number
  readonly start: Tensor
  readonly order: Tensor
}

const valueOf =
  ({ weights, center, coupling, quartic }: Bowl) =>
  (x: Tensor): Tensor => {
    const n = x.shape[0] as number
    const off = square(sub(x, center))
    const steps = sub(sliceAxis(x, 0, 1, n), sliceAxis(x, 0, 0, n - 1))
    return add(sum(mul(weights, off)), add(mul(coupling, sum(square(steps))), mul(quartic, sum(square(off)))))
  }

/** Methods with a line search: they fall from step to step. */
const falling: readonly AnyMethod[] = [
  lbfgs(),
  lbfgs({ memory: 2, lineSearch: backtracking() }),
  bfgs(),
  conjugateGradients(),
  gradientDescent(),
  newtonCg()
]
const byDerivatives: readonly AnyMethod[] = [...falling, descendBy(sgd({ learningRate: 0.02 }))]
const all: readonly AnyMethod[] = [...byDerivatives, nelderMead()]

const SIZE = 3
const eighths = fc.integer({ min: -16, max: 16 }).map(i => i / 8)
const numbers = (element: fc.Arbitrary<number>): fc.Arbitrary<Tensor> =>
  fc.array(element, { minLength: SIZE, maxLength: SIZE }).map(data => tensor(data, { dtype: "f64" }))

const arbBowl = (methods: readonly AnyMethod[]): fc.Arbitrary<Bowl> =>
  fc.record({
    method: fc.constantFrom(...methods),
    weights: numbers(fc.integer({ min: 2, max: 16 }).map(i => i / 2)),
    center: numbers(eighths),
    coupling: fc.constantFrom(0.5, 1, 2),
    quartic: fc.constantFrom(0, 0.125, 0.5),
    start: numbers(eighths),
    order: fc
      .shuffledSubarray(
        Array.from({ length: SIZE }, (_, i) => i),
        { minLength: SIZE }
      )
      .map(order => tensor(order, { dtype: "i32" }))
  })

const f64 = (x: number): Tensor => scalar(x, "f64")

/** Long and exact enough that where it ends is the minimum to some digits. */
const toTheEnd = { tolerance: 1e-7, maxSteps: 20_000 }
/** So few iterations that roundings have not grown, where differences of values are far from rounding. */
const few = { tolerance: 1e-2, maxSteps: 4 }
/** Differences of values lose half of the digits, and so do lengths of steps that are made of them. */
const half = relative(1e-6, 1)

const sameProblem = ({ minimize }: Minimizing): readonly Law[] => [
  law("permuted variables have the permuted minimum", relative(1e-5, 1), arbBowl(all), bowl => {
    const f = valueOf(bowl)
    const { method, start, order } = bowl
    const back = tensor(
      [...toTyped(order)].map((_, i) => toTyped(order).indexOf(i)),
      { dtype: "i32" }
    )
    const turned = minimize((x: Tensor) => f(take(x, back)), { method, ...toTheEnd })(take(start, order))
    return [turned.at, take(minimize(f, { method, ...toTheEnd })(start).at, order)]
  }),
  law("a constant that is added changes neither the path nor the minimum", half, arbBowl(all), bowl => {
    const f = valueOf(bowl)
    const { method, start } = bowl
    const lower = minimize(f, { method, ...few })(start)
    const higher = minimize((x: Tensor) => add(f(x), 1), { method, ...few })(start)
    return [
      [higher.at, ...higher.history.values.map(v => f64(v - 1))],
      [lower.at, ...lower.history.values.map(f64)]
    ]
  }),
  law("what is given as data is as good as what is closed over", exact, arbBowl(all), bowl => {
    const { method, start, center } = bowl
    const [closed, given] = [
      minimize(valueOf(bowl), { method, ...few })(start),
      minimize((x: Tensor, c: Tensor) => valueOf({ ...bowl, center: c })(x), { method, ...few })(start, center)
    ]
    return [given.at, closed.at]
  })
]

const stopping = ({ minimize }: Minimizing): readonly Law[] => [
  law("a minimum that is its own start converges at once", exact, arbBowl(byDerivatives), bowl => {
    const { method, center } = bowl
    const { at, iterations, reason } = minimize(valueOf({ ...bowl, coupling: 0 }), { method })(center)
    return [
      [at, f64(iterations), truth(reason === "converged")],
      [center, f64(0), truth(true)]
    ]
  }),
  law(
    "it has converged exactly where no element of the gradient is above the tolerance",
    relative(1e-9, 1e-6),
    fc.tuple(arbBowl(byDerivatives), fc.constantFrom(1e-3, 1e-1, 1), fc.constantFrom(2, 50)),
    ([bowl, tolerance, maxSteps]) => {
      const { method, start } = bowl
      const f = valueOf(bowl)
      const { at, gradientNorm, reason } = minimize(f, { method, tolerance, maxSteps })(start)
      const largest = Math.max(...toTyped(grad(f)(at)).map(Math.abs))
      return [
        [f64(gradientNorm), truth(reason === "converged")],
        [f64(largest), truth(largest <= tolerance)]
      ]
    }
  ),
  law("its history falls, by a line search", exact, arbBowl([...falling, nelderMead()]), bowl => {
    const { method, start } = bowl
    const { values } = minimize(valueOf(bowl), { method, tolerance: 1e-3, maxSteps: 500 })(start).history
    const falls = values.every((v, i) => i === 0 || v <= (values[i - 1] as number) * (1 + 2 ** -49))
    return [truth(falls), truth(true)]
  }),
  law("its history begins at the start and ends where it does", relative(1e-12), arbBowl(all), bowl => {
    const { method, start } = bowl
    const f = valueOf(bowl)
    const { value, history, iterations } = minimize(f, { method, maxSteps: 5 })(start)
    const from = method.name === "nelderMead" ? value : item(f(start)) // the best corner of the first simplex
    const first = method.name === "nelderMead" ? value : (history.values[0] as number)
    return [
      [...[history.values.length, history.gradientNorms.length, history.values.at(-1) as number].map(f64), f64(first)],
      [...[iterations + 1, iterations + 1, value].map(f64), f64(from)]
    ]
  })
]

const transitions = ({ minimize, minimizer }: Minimizing): readonly Law[] => [
  law("step by step it leads where the whole run does", exact, arbBowl(all), bowl => {
    const { method, start } = bowl
    const f = valueOf(bowl)
    const { init, step } = minimizer(f, { method, ...few })
    const next = compile(step)
    let state = compile(init)(start)
    while (item(state.status) === 0) state = next(state)
    const { at, value, iterations } = minimize(f, { method, ...few })(start)
    return [
      [state.at, state.value, state.iterations],
      [at, f64(value), scalar(iterations, "i32")]
    ]
  }),
  law("a state that has stopped stays as it is", exact, arbBowl(all), bowl => {
    const { method, start } = bowl
    const { init, step } = minimizer(valueOf(bowl), { method, maxSteps: 1 })
    const stopped = evaluate(step(init(start)))
    return [Tree.leaves(step(stopped)), Tree.leaves(stopped)]
  })
]

/** A bowl within bounds: the center and the start are anywhere, the box around the origin. */
interface Box {
  readonly bowl: Bowl
  readonly lower: number
  readonly upper: number
}

const arbBox: fc.Arbitrary<Box> = fc.record({
  bowl: arbBowl([lbfgs(), lbfgs({ memory: 2, lineSearch: backtracking() }), gradientDescent()]),
  lower: fc.constantFrom(-1, -0.5, -0.125),
  upper: fc.constantFrom(0.125, 0.75, 1)
})
const inside = ({ bowl, lower, upper }: Box): Tensor => clamp(bowl.start, lower, upper)

/** All points from the start to the end. */
const pathOf = (
  { minimizer }: Minimizing,
  f: (x: Tensor) => Tensor,
  start: Tensor,
  options: MinimizeOptions<Tree>
): readonly Tensor[] => {
  const { init, step } = minimizer(f, options)
  const next = compile(step)
  const path = [compile(init)(start)]
  for (let last = path[0]; last !== undefined && item(last.status) === 0; path.push(last)) last = next(last)
  return path.map(({ at }) => at)
}

const withinBounds = (minimizing: Minimizing): readonly Law[] => [
  law("it never leaves its bounds", exact, arbBox, box => {
    const { bowl, lower, upper } = box
    const options = { method: bowl.method, lower, upper, tolerance: 1e-4, maxSteps: 50 }
    const path = pathOf(minimizing, valueOf(bowl), inside(box), options)
    return [path, path.map(x => clamp(x, lower, upper))]
  }),
  law("with infinite bounds it goes the way that it goes without", exact, arbBox, ({ bowl }) => {
    const { method, start } = bowl
    const free = { lower: -Infinity, upper: tensor([Infinity, Infinity, Infinity], { dtype: "f64" }) }
    const [bounded, unbounded] = [free, {}].map(bounds =>
      pathOf(minimizing, valueOf(bowl), start, { method, ...few, ...bounds })
    ) as [readonly Tensor[], readonly Tensor[]]
    return [bounded, unbounded]
  }),
  law("at its end only bounds hold what would go on", exact, arbBox, box => {
    const { bowl, lower, upper } = box
    const f = valueOf(bowl)
    const { minimize } = minimizing
    const { at } = minimize(f, { method: bowl.method, lower, upper, ...toTheEnd })(inside(box))
    const slopes = toTyped(grad(f)(at))
    const holds = [...toTyped(at)].every((x, i) => {
      const slope = slopes[i] as number
      return (x === lower || slope <= 1e-6) && (x === upper || slope >= -1e-6)
    })
    return [truth(holds), truth(true)]
  })
]

/** Equations M·x + k·(M·x)³ = b, of a matrix with a large diagonal: one root, and linear where k is 0. */
interface System {
  readonly matrix: Tensor
  readonly right: Tensor
  readonly bend: number
  readonly start: Tensor
  readonly mix: Tensor
}

const arbMatrix: fc.Arbitrary<Tensor> = fc
  .array(eighths, { minLength: SIZE * SIZE, maxLength: SIZE * SIZE })
  .map(data => add(tensor(data, { dtype: "f64", shape: [SIZE, SIZE] }), mul(8, eye(SIZE, SIZE, "f64"))))

const arbSystem = (bend: fc.Arbitrary<number>): fc.Arbitrary<System> =>
  fc.record({ matrix: arbMatrix, right: numbers(eighths), bend, start: numbers(eighths), mix: arbMatrix })

const equations =
  ({ matrix, bend }: System) =>
  (x: Tensor, right: Tensor): Tensor => {
    const along = matmul(matrix, x)
    return sub(add(along, mul(bend, mul(along, square(along)))), right)
  }

const roots = ({ findRoot, findRootBetween }: Minimizing): readonly Law[] => [
  law("linear equations take one step", exact, arbSystem(fc.constant(0)), system => {
    const { iterations, reason } = findRoot(equations(system), { tolerance: 1e-9 })(system.start, system.right)
    return [
      [truth(iterations <= 1), truth(reason === "converged")],
      [truth(true), truth(true)]
    ]
  }),
  law("mixed equations have the same root", relative(1e-8, 1), arbSystem(fc.constantFrom(0.125, 0.5)), system => {
    const f = equations(system)
    const mixed = (x: Tensor, right: Tensor): Tensor => matmul(system.mix, f(x, right))
    const [own, other] = [f, mixed].map(g => findRoot(g)(system.start, system.right)) as [
      ReturnType<ReturnType<typeof findRoot<Tensor, Tensor>>>,
      ReturnType<ReturnType<typeof findRoot<Tensor, Tensor>>>
    ]
    return [other.at, own.at]
  }),
  law(
    "equations in units of a power of two take the same way to the last bit",
    exact,
    fc.tuple(arbSystem(fc.constantFrom(0, 0.125, 0.5)), fc.integer({ min: -800, max: 800 })),
    ([system, power]) => {
      const [f, unit] = [equations(system), 2 ** power]
      const scaled = (x: Tensor, right: Tensor): Tensor => mul(unit, f(x, right))
      const own = findRoot(f, { tolerance: 1e-9 })(system.start, system.right)
      const other = findRoot(scaled, { tolerance: 1e-9 * unit })(system.start, system.right)
      return [
        [other.at, ...other.history.residuals.map(r => f64(r / unit))],
        [own.at, ...own.history.residuals.map(f64)]
      ]
    }
  ),
  law("it has found a root where no residual is above the tolerance", exact, arbSystem(fc.constant(0.5)), system => {
    const f = equations(system)
    const { at, reason } = findRoot(f, { maxSteps: 3, tolerance: 1e-3 })(system.start, system.right)
    const largest = Math.max(...toTyped(f(at, system.right)).map(Math.abs))
    return [truth(reason === "converged"), truth(largest <= 1e-3)]
  }),
  law(
    "a root is found to the last bits, whatever the tolerance",
    relative(1e-13, 1),
    fc.tuple(arbSystem(fc.constantFrom(0, 0.125, 0.5)), fc.constantFrom(1, 1e10, 1e20)),
    ([system, unit]) => {
      const f = equations(system)
      const scaled = (x: Tensor, right: Tensor): Tensor => mul(unit, f(x, right))
      const [own, other] = [f, scaled].map(g => findRoot(g, { tolerance: 0 })(system.start, system.right)) as [
        ReturnType<ReturnType<typeof findRoot<Tensor, Tensor>>>,
        ReturnType<ReturnType<typeof findRoot<Tensor, Tensor>>>
      ]
      return [
        [truth(own.reason === "converged"), truth(other.reason === "converged"), other.at],
        [truth(true), truth(true), own.at]
      ]
    }
  ),
  law(
    "a root between two ends is where the sign changes, whichever comes first",
    relative(1e-10, 1),
    fc.tuple(eighths, fc.constantFrom(-2, 0.5, 3), fc.constantFrom(0, 1)),
    ([root, factor, bend]) => {
      const f = (x: Tensor): Tensor => {
        const off = sub(x, root)
        return mul(factor, add(off, mul(bend, mul(off, square(off)))))
      }
      return [
        [findRootBetween(f)(-3, 3).at, findRootBetween(f)(3, -3).at],
        [f64(root), f64(root)]
      ]
    }
  )
]

/** A quadratic ½ xᵀS x - xᵀb of a symmetric S with a large diagonal, whose minimum is S⁻¹b. */
const quadratic = (matrix: Tensor): { readonly f: (x: Tensor, b: Tensor) => Tensor; readonly s: Tensor } => {
  const s = mul(0.5, add(matrix, transpose(matrix)))
  return { s, f: (x, b) => sub(mul(0.5, sum(mul(x, matmul(s, x)))), sum(mul(x, b))) }
}

const solvers = [{ linearSolver: "dense" }, { linearSolver: "conjugateGradients" }] as const

const implicit = ({ argmin, root }: Minimizing): readonly Law[] => [
  law(
    "the minimum of a quadratic has the value and derivatives of its closed form",
    relative(1e-6, 1),
    fc.tuple(arbMatrix, numbers(eighths), fc.constantFrom(...solvers)),
    ([matrix, right, solver]) => {
      const { f, s } = quadratic(matrix)
      const start = zerosLike(right)
      const own = (b: Tensor): Tensor => sum(mul(square(argmin(f, { tolerance: 1e-9, ...solver })(start, b)), b))
      const known = (b: Tensor): Tensor => sum(mul(square(solve(s, b)), b))
      const [some, all] = [own, known].map(g => [g(right), grad(g)(right), hvp(g)(right, matmul(s, right))])
      return [some as Tensor[], all as Tensor[]]
    }
  ),
  law(
    "a minimum changes with the data as differences of minima say, forward as well as backward",
    relative(1e-4, 1),
    fc.tuple(arbBowl([lbfgs()]), fc.constantFrom(...solvers)),
    ([bowl, solver]) => {
      const f = (x: Tensor, center: Tensor): Tensor => valueOf({ ...bowl, center })(x)
      const { start, center, weights } = bowl
      const along = (c: Tensor): Tensor => sum(mul(weights, argmin(f, { tolerance: 1e-10, ...solver })(start, c)))
      const shifted = (by: number): Tensor => along(add(center, mul(by, start)))
      const change = div(sub(shifted(1e-4), shifted(-1e-4)), 2e-4)
      return [
        [sum(mul(grad(along)(center), start)), jvp(along)(center, start)[1]],
        [change, change]
      ]
    }
  ),
  law(
    "a root has the derivatives of its closed form",
    relative(1e-6, 1),
    fc.tuple(arbMatrix, numbers(eighths), numbers(eighths)),
    ([matrix, right, weights]) => {
      // exp(Mx) = 1 + b²
      const f = (x: Tensor, b: Tensor): Tensor => sub(exp(matmul(matrix, x)), add(1, square(b)))
      const start = zerosLike(right)
      const own = (b: Tensor): Tensor => sum(mul(weights, exp(root(f, { tolerance: 1e-11 })(start, b))))
      const known = (b: Tensor): Tensor => sum(mul(weights, exp(solve(matrix, log(add(1, square(b)))))))
      return [own, known].map(g => [grad(g)(right), hvp(g)(right, weights)]) as [Tensor[], Tensor[]]
    }
  )
]

/**
 * Lists the laws of minimizing, over random bowls and all methods: what does not change a problem does not change its minimum
 * (permuted variables, within 1e-5; a constant that is added, within 1e-6 of a path of four steps; data), when it stops, what
 * the history says, that the whole run is its steps, that bounds are kept,
 * what roots are (of equations in any units), and that a minimum and a root as functions of data have the derivatives of what defines them.
 *
 * @example
 * import assert from "node:assert"
 * import * as minimizing from "thalweg/minimize"
 * import { checkAll, minimizeLaws } from "thalweg/laws"
 *
 * assert(checkAll(minimizeLaws(minimizing), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const minimizeLaws = (minimizing: Minimizing): readonly Law[] => [
  ...sameProblem(minimizing),
  ...stopping(minimizing),
  ...transitions(minimizing),
  ...withinBounds(minimizing),
  ...roots(minimizing),
  ...implicit(minimizing)
]
