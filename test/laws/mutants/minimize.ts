import { add, clamp, concat, grad, item, norm, sliceAxis, stopGradient, zerosLike, type Tensor } from "thalweg"
import { minimizeLaws, type Minimizing } from "thalweg/laws"
import * as minimizing from "thalweg/minimize"
import { descendBy, type AnyMethod, type MinimizeOptions, type Minimizer, type Minimum } from "thalweg/minimize"
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
  "a state that has stopped stays as it is": [
    mutant(
      "steps all the same",
      steps((f, options) => parts(f, { ...options, maxSteps: 100 }))
    )
  ]
}
