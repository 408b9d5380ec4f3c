import {
  add,
  clamp,
  concat,
  grad,
  gt,
  hessian,
  item,
  jacobian,
  mul,
  neg,
  norm,
  sliceAxis,
  solve,
  square,
  stopGradient,
  sub,
  sum,
  where,
  zerosLike,
  type Tensor
} from "thalweg"
import { minimizeLaws, type Minimizing } from "thalweg/laws"
import * as minimizing from "thalweg/minimize"
import {
  descendBy,
  type AnyMethod,
  type ArgminOptions,
  type FindRootBetweenOptions,
  type FindRootOptions,
  type LineSearch,
  type MinimizeOptions,
  type Minimizer,
  type Minimum,
  type Root
} from "thalweg/minimize"
import { momentum } from "thalweg/optimizer"
import type { Tree } from "thalweg"
import { mutant, type Mutants } from "./mutant.js"

type F = (x: Tensor, ...data: Tensor[]) => Tensor
type Options = MinimizeOptions<Tree>
type Run = (start: Tensor, ...data: Tensor[]) => Minimum<Tensor>
type Made = Minimizer<Tensor, readonly Tensor[], Tree>

const whole = minimizing.minimize as unknown as (f: F, options: Options) => Run
const parts = minimizing.minimizer as unknown as (f: F, options: Options) => Made

/** What minimizes wrongly as a whole, or in parts. */
const runs = (minimize: (f: F, options: Options) => Run) =>
  minimizeLaws({ ...minimizing, minimize: minimize as unknown as Minimizing["minimize"] })
const steps = (minimizer: (f: F, options: Options) => Made) =>
  minimizeLaws({ ...minimizing, minimizer: minimizer as unknown as Minimizing["minimizer"] })
/** What tells something else than it found. */
const tells = (change: (found: Minimum<Tensor>, f: F) => Partial<Minimum<Tensor>>) =>
  runs((f, options) => start => {
    const found = whole(f, options)(start)
    return { ...found, ...change(found, f) }
  })

type FindRoot = (f: F, options: FindRootOptions) => (start: Tensor, ...data: Tensor[]) => Root<Tensor>
const findRoot = minimizing.findRoot as unknown as FindRoot
const roots = (made: FindRoot) => minimizeLaws({ ...minimizing, findRoot: made as unknown as Minimizing["findRoot"] })
const betweens = (changed: FindRootBetweenOptions) =>
  minimizeLaws({
    ...minimizing,
    findRootBetween: (f, options) => minimizing.findRootBetween(f, { ...options, ...changed })
  })

/** A line search that does not try the whole step. */
const halving: LineSearch = {
  name: "halving",
  search: (problem, from, direction, first) =>
    minimizing.backtracking().search(problem, from, direction, mul(0.5, first))
}

/** What finds minima, but makes something else than H⁻¹ of how their gradient changes with the data. */
const mins = (inverse: (f: (x: Tensor) => Tensor, x: Tensor) => (change: Tensor) => Tensor) =>
  minimizeLaws({
    ...minimizing,
    argmin: ((f: F, options: ArgminOptions) =>
      (start: Tensor, ...data: Tensor[]) => {
        const x = stopGradient(minimizing.argmin(f, options)(start, ...data))
        const along = (at: Tensor): Tensor => f(at, ...data)
        const off = inverse(along, x)(grad(along)(x))
        return sub(x, sub(off, stopGradient(off)))
      }) as unknown as Minimizing["argmin"]
  })

const withoutLast = (x: Tensor): Tensor => {
  const n = x.shape[0] as number
  return concat([sliceAxis(x, 0, 0, n - 1), stopGradient(sliceAxis(x, 0, n - 1, n))])
}

const ball: AnyMethod = descendBy(momentum({ learningRate: 0.02, momentum: 0.95 }))

export const minimizeMutants: Mutants = {
  "permuted variables have the permuted minimum": [
    mutant(
      "holds the last variable fixed",
      runs((f, options) => whole(x => f(withoutLast(x)), options))
    )
  ],
  "a constant that is added changes neither the path nor the minimum": [
    mutant(
      "takes the tolerance for a share of the value",
      runs((f, options) => start => {
        const tolerance = (options.tolerance ?? 0) * 100 * item(f(start))
        return whole(f, { ...options, tolerance })(start)
      })
    )
  ],
  "what is given as data is as good as what is closed over": [
    mutant(
      "loses the data",
      runs(
        (f, options) =>
          (start, ...data) =>
            whole(f, options)(start, ...data.map(zerosLike))
      )
    )
  ],
  "a minimum that is its own start converges at once": [
    mutant(
      "begins beside the start",
      runs((f, options) => start => whole(f, options)(add(start, 1e-3)))
    )
  ],
  "it has converged exactly where no element of the gradient is above the tolerance": [
    mutant(
      "takes the Euclidean norm",
      tells(({ at }, f) => ({ gradientNorm: item(norm(grad(f)(at))) }))
    ),
    mutant(
      "calls it converged after all steps",
      tells(() => ({ reason: "converged" }))
    )
  ],
  "its history falls, by a line search": [
    mutant(
      "rolls on like a ball",
      runs((f, options) => whole(f, { ...options, method: ball }))
    ),
    mutant(
      "tells it from the end",
      tells(({ history }) => ({ history: { ...history, values: history.values.toReversed() } }))
    )
  ],
  "its history begins at the start and ends where it does": [
    mutant(
      "leaves out the start",
      tells(({ history }) => ({
        history: { values: history.values.slice(1), gradientNorms: history.gradientNorms.slice(1) }
      }))
    ),
    mutant(
      "is one behind",
      tells(({ history }) => ({
        history: { ...history, values: [history.values[0] as number, ...history.values.slice(0, -1)] }
      }))
    )
  ],
  "step by step it leads where the whole run does": [
    mutant(
      "makes one step more",
      runs((f, options) => whole(f, { ...options, maxSteps: 5 }))
    ),
    mutant(
      "forgets what the method remembers",
      steps((f, options) => {
        const { init, step } = parts(f, options)
        return { init, step: state => ({ ...step({ ...state, memory: init(state.at).memory }) }) }
      })
    )
  ],
  "it never leaves its bounds": [
    mutant(
      "sees to the lower bounds only",
      steps((f, options) => parts(f, { ...options, upper: undefined }))
    )
  ],
  "with infinite bounds it goes the way that it goes without": [
    mutant(
      "takes Infinity for a large step",
      steps((f, options) => parts(f, options.lower === undefined ? options : { ...options, lower: -0.5, upper: 0.5 }))
    )
  ],
  "at its end only bounds hold what would go on": [
    mutant(
      "clips what it found without them",
      runs((f, { lower, upper, ...options }) => start => {
        const { at, ...found } = whole(f, options)(start)
        return { ...found, at: clamp(at, lower as number, upper as number) }
      })
    ),
    mutant(
      "stops where it first meets one",
      runs((f, options) => whole(f, { ...options, maxSteps: 1 }))
    )
  ],
  "linear equations take one step": [
    mutant(
      "goes half of the way",
      roots((f, options) => findRoot(f, { ...options, lineSearch: halving }))
    )
  ],
  "mixed equations have the same root": [
    mutant(
      "goes down along the gradient of the residuals",
      roots((f, options) => (start, ...data) => {
        const below = minimizing.minimize<Tensor>(x => sum(square(f(x, ...data))), {
          method: minimizing.gradientDescent(),
          maxSteps: 3
        })
        return { ...findRoot(f, options)(start, ...data), at: below(start).at }
      })
    )
  ],
  "equations in units of a power of two take the same way to the last bit": [
    mutant(
      "takes for 0 what has squares that vanish",
      roots((f, options) =>
        findRoot((x, ...data) => where(gt(sum(square(f(x, ...data))), 0), f(x, ...data), 0), options)
      )
    ),
    mutant(
      "takes a tolerance of its own",
      roots((f, options) => findRoot(f, { ...options, tolerance: 1e-9 }))
    )
  ],
  "it has found a root where no residual is above the tolerance": [
    mutant(
      "takes the mean of the squares",
      roots((f, options) => (start, ...data) => {
        const found = findRoot(f, options)(start, ...data)
        const mean = item(sum(square(f(found.at, ...data)))) / 3
        return { ...found, reason: mean <= (options.tolerance ?? 0) ? "converged" : found.reason }
      })
    )
  ],
  "a root is found to the last bits, whatever the tolerance": [
    mutant(
      "goes on until residuals are at most the tolerance",
      roots((f, options) => (start, ...data) => {
        const found = findRoot(f, options)(start, ...data)
        return { ...found, reason: found.residual <= (options.tolerance ?? 0) ? found.reason : "maxSteps" }
      })
    ),
    mutant(
      "stops some bits before",
      roots((f, options) => findRoot(f, { ...options, tolerance: 1e-8 }))
    )
  ],
  "a root between two ends is where the sign changes, whichever comes first": [
    mutant("stops too early", betweens({ maxSteps: 3 })),
    mutant("takes the tolerance for one of the value", betweens({ tolerance: 1e-3 }))
  ],
  "the minimum of a quadratic has the value and derivatives of its closed form": [
    mutant(
      "takes the Hessian for the identity",
      mins(() => g => g)
    )
  ],
  "a minimum changes with the data as differences of minima say, forward as well as backward": [
    mutant(
      "holds the minimum fixed",
      mins(() => g => mul(0, g))
    ),
    mutant(
      "goes the other way",
      mins((f, x) => g => neg(solve(hessian(f)(x), g)))
    )
  ],
  "a root has the derivatives of its closed form": [
    mutant(
      "differentiates one step of Newton's, which is right once but not twice",
      minimizeLaws({
        ...minimizing,
        root: ((f: F) =>
          (start: Tensor, ...data: Tensor[]) => {
            const x = stopGradient(minimizing.root(f, { tolerance: 1e-11 })(start, ...data))
            return sub(x, solve(jacobian((at: Tensor) => f(at, ...data))(x), f(x, ...data)))
          }) as unknown as Minimizing["root"]
      })
    )
  ],
  "a state that has stopped stays as it is": [
    mutant(
      "steps all the same",
      steps((f, options) => parts(f, { ...options, maxSteps: 100 }))
    )
  ]
}
