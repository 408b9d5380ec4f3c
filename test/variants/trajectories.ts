import {
  add,
  compile,
  concat,
  evaluate,
  flatten as flat,
  item,
  mul,
  pow,
  scalar,
  sliceAxis,
  square,
  sub,
  sum,
  tensor,
  toTyped,
  Tree,
  type Tensor
} from "thalweg"
import type { AnyOptimizer } from "thalweg/optimizer"
import { globalNorm } from "thalweg/transform"
import type { Case, Numbers, Steps, Weights } from "./cases.js"

type Params = Weights<Tensor>

/** A list of numbers for each step. */
export type Rows = readonly (readonly number[])[]

/** A run over the gradients of a case, step by step, as plain numbers (leaves in the order of their paths). */
export interface Trajectory {
  readonly params: Rows
  /** The rate that each step applied, and the one in force after it. */
  readonly rates: readonly number[]
  readonly ratesAfter: readonly number[]
  readonly norms: readonly number[]
  readonly evalParams: Rows
  /** Where the gradient of the first step was to be taken, and after each step that of the next. */
  readonly points: Rows
  readonly states: readonly Tree[]
}

const numbersOf = (tree: Tree): readonly number[] => Tree.leaves(tree).flatMap(t => [...toTyped(t)])

/** How a step is run: evaluated after it was built, or compiled once. */
export const modes: Readonly<Record<"evaluated" | "compiled", typeof compile>> = {
  evaluated:
    step =>
    (...args) =>
      evaluate(step(...args)),
  compiled: compile
}

export type Mode = keyof typeof modes

const read = ({ kernel, bias, scalar }: Weights<Numbers>, { dtype }: Case): Params => ({
  kernel: tensor(kernel, { dtype }),
  bias: tensor(bias, { dtype }),
  scalar: tensor(scalar, { dtype })
})

/** All elements, in the order of the scripts. */
const row = ({ kernel, bias, scalar }: Params): Tensor => concat([flat(kernel), flat(bias), flat(scalar)])

/** The function of a step: `|x - y|²/2 + q·Σx⁴/4 + c·Σ(xᵢ₊₁ - xᵢ)²/2`, of all elements in one row. */
const objectiveOf =
  ({ extra: { quartic = 0, coupling = 0 } }: Case, target: Params) =>
  (params: Params): Tensor => {
    const x = row(params)
    const [size = 0] = x.shape
    const apart = sub(sliceAxis(x, 0, 1, size), sliceAxis(x, 0, 0, size - 1))
    const squares = add(sum(square(sub(x, row(target)))), mul(sum(square(apart)), coupling))
    return add(mul(squares, 0.5), mul(sum(pow(x, 4)), quartic / 4))
  }

/** An optimizer's way over the gradients of a case; it is told the loss or the objective, if the case says it. */
export const run = (optimizer: AnyOptimizer, golden: Case, mode: Mode): Trajectory => {
  type State = ReturnType<typeof optimizer.init<Params>>
  const seen = (params: Params, state: State) => ({
    params,
    state,
    rate: optimizer.rate(state),
    point: optimizer.gradientPoint(params, state),
    evalParams: optimizer.evalParams(params, state)
  })
  const { losses, targets, examples } = golden.extra
  type Told = { readonly loss: Tensor; readonly target: Params; readonly exampleGradients: Params }
  const step = modes[mode]((params: Params, state: State, grads: Params, told: Told) => {
    const needed = {
      ...(losses === undefined ? {} : { loss: told.loss }),
      ...(targets === undefined ? {} : { objective: objectiveOf(golden, told.target) as (at: Tree) => Tensor }),
      ...(examples === undefined ? {} : { exampleGradients: told.exampleGradients })
    }
    const [moved, after] = optimizer.step(params, state, grads, needed)
    return { ...seen(moved, after), norm: globalNorm(grads) }
  })
  const params = read(golden.params0, golden)
  const start = evaluate(seen(params, optimizer.init(params)))
  const way = golden.grads.reduce<readonly ReturnType<typeof step>[]>((made, grads, t) => {
    const { params: at, state } = made.at(-1) ?? start
    const told = {
      loss: scalar(losses?.[t] ?? NaN, "f64"),
      target: read(targets?.[t] ?? grads, golden),
      exampleGradients: read(examples?.[t] ?? grads, golden)
    }
    return [...made, step(at, state, read(grads, golden), told)]
  }, [])
  return {
    params: way.map(at => numbersOf(at.params)),
    rates: [start, ...way].slice(0, -1).map(at => item(at.rate)),
    ratesAfter: way.map(at => item(at.rate)),
    norms: way.map(at => item(at.norm)),
    points: [start, ...way].map(at => numbersOf(at.point)),
    evalParams: way.map(at => numbersOf(at.evalParams)),
    states: way.map(at => at.state)
  }
}

const flatten = ({ bias, kernel, scalar }: Weights<Numbers>): readonly number[] =>
  [bias, kernel, scalar].flatMap(leaf => [leaf].flat(4) as number[])

const rowsOf = (steps: Steps): Rows => steps.map(flatten)

/** The parameters of a case before the first and after each step, flat in the order of `Trajectory`. */
export const goldenParams = ({ params0, params }: Case): Rows => rowsOf([params0, ...params])

/** What a case says of the parameters to deploy: after each step, or after the last; if nothing, they are the parameters. */
export const goldenEvalParams = ({ params, extra: { evalParams, average, slow } }: Case): Rows => {
  const said = evalParams ?? average ?? slow ?? params
  return rowsOf("kernel" in said ? [said] : said)
}

export const goldenPoints = ({ extra }: Case): Rows => rowsOf(extra.gradientPoints ?? [])

/** The largest difference, relative to the largest finite value that each element had so far; 0 where both are one. */
export const worst = (actual: Rows, expected: Rows): number => {
  const largest = expected[0]?.map(() => 0) ?? []
  const differences = expected.flatMap((values, step) =>
    values.map((value, i) => {
      if (Number.isFinite(value)) largest[i] = Math.max(largest[i] ?? 0, Math.abs(value))
      const ours = actual[step]?.[i] ?? NaN
      return Object.is(ours, value) || ours === value ? 0 : Math.abs(ours - value) / (largest[i] ?? 0)
    })
  )
  return Math.max(...differences)
}

/** The largest difference of two lists of numbers, relative to each. */
export const worstOf = (actual: readonly number[], expected: readonly number[]): number =>
  Math.max(0, ...expected.map((value, i) => (actual[i] === value ? 0 : Math.abs(((actual[i] ?? NaN) - value) / value))))
