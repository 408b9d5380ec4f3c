import {
  abs,
  add,
  item,
  max,
  mul,
  ones,
  scalar,
  square,
  sub,
  sum,
  ThalwegError,
  Tree,
  zeros,
  type Tensor
} from "thalweg"
import { given, optimizers, type AnyOptimizer, type Fields } from "thalweg/optimizer"
import { examplesOf } from "../support.js"
import { leastOptions, otherOptions, type Options } from "./table.options.js"

/** What can be made and looked at: an optimizer, or a combinator over plain descent. */
interface Made {
  readonly fields: Fields
  readonly make: (options: Options) => AnyOptimizer
}

const descent = optimizers.sgd({ learningRate: 0.5 })

export const overDescent = (row: {
  readonly fields: Fields
  readonly make: (options: Options) => (inner: AnyOptimizer) => AnyOptimizer
}): Made => ({ fields: row.fields, make: options => row.make(options)(descent) })

/** Sizes that nothing else has. */
const [ROWS, COLUMNS] = [7, 11]
const parameter = zeros([ROWS, COLUMNS])

interface Held {
  /** Numbers for each element of the parameter. */
  readonly perElement: number
  /** Numbers for each row of it. */
  readonly perRow: number
  /** Numbers for each column of it, a unit of a layer. */
  readonly perColumn: number
}

const heldBy = (optimizer: AnyOptimizer): Held => {
  const sizes = Tree.leaves(optimizer.init(parameter)).map(({ shape }) => shape.reduce((a, b) => a * b, 1))
  const total = (ofSize: (size: number) => boolean): number => sizes.filter(ofSize).reduce((a, b) => a + b, 0)
  return {
    perElement: total(size => size % (ROWS * COLUMNS) === 0) / (ROWS * COLUMNS),
    perRow: total(size => size === ROWS) / ROWS,
    perColumn: total(size => size === COLUMNS) / COLUMNS
  }
}

/** `undefined` where options that are each in range do not fit each other. */
const attempt = (make: Made["make"], options: Options): AnyOptimizer | undefined => {
  try {
    return make(options)
  } catch (error) {
    if (error instanceof ThalwegError) return undefined
    throw error
  }
}

interface Choice {
  readonly options: Options
  readonly held: Held
}

/** The state that is as large as options can make it, found one option at a time. */
const largest = ({ fields, make }: Made): Held => {
  const options = leastOptions(fields)
  const grown = (best: Choice, other: Options): Choice => {
    const tried = { ...best.options, ...other }
    const optimizer = attempt(make, tried)
    const held = optimizer === undefined ? best.held : heldBy(optimizer)
    return held.perElement > best.held.perElement ? { options: tried, held } : best
  }
  return otherOptions(fields).reduce(grown, { options, held: heldBy(make(options)) }).held
}

const showHeld = ({ perElement, perRow, perColumn }: Held): string => {
  const many = (count: number, word: string): readonly string[] =>
    count === 0 ? [] : [count === 1 ? word : `${count} ${word}`]
  const perAxis = Math.min(perRow, perColumn)
  const parts = [...many(perAxis, "axes"), ...many(perRow - perAxis, "rows"), ...many(perColumn - perAxis, "units")]
  return [...(perElement === 0 && parts.length > 0 ? [] : [String(perElement)]), ...parts].join(" + ")
}

/** The state for each parameter: with as little said as can be and, where options decide, at most. */
export const stateOf = (row: Made): string => {
  const [least, most] = [heldBy(row.make(leastOptions(row.fields))), largest(row)]
  return most.perElement > least.perElement ? `${showHeld(least)} to ${showHeld(most)}` : showHeld(least)
}

type Needs = {
  readonly loss: boolean
  readonly objective: boolean
  readonly exampleGradients: boolean
  readonly gradientPoint: boolean
  readonly evalParams: boolean
}

/** Whether a step without something else is a mistake, as it is said to be. */
const needs = (what: "loss" | "objective" | "exampleGradients", optimizer: AnyOptimizer): boolean => {
  try {
    optimizer.step(parameter, optimizer.init(parameter), parameter)
    return false
  } catch (error) {
    if (error instanceof ThalwegError) return error.message.includes(`{ ${what} }`)
    throw error
  }
}

const bowl = (at: Tree): Tensor =>
  Tree.leaves(at)
    .map(t => mul(sum(square(t)), 0.5))
    .reduce(add)

/** Alike to rounding. */
const alike = (a: Tensor, b: Tensor): boolean => item(max(abs(sub(a, b)))) < 1e-6

/** What else an optimizer asks of who trains with it, seen from three steps. */
export const needsOf = ({ fields, make }: Made): Needs => {
  const optimizer = make(leastOptions(fields))
  const [loss, grads] = [scalar(1), ones([ROWS, COLUMNS])]
  const exampleGradients = examplesOf(grads)
  const start = [parameter, optimizer.init(parameter)] as const
  const [params, state] = [0, 0, 0].reduce<typeof start>(
    ([p, s]) => optimizer.step(p, s, grads, ...given(optimizer, { loss, objective: bowl, exampleGradients })),
    start
  )
  return {
    loss: needs("loss", optimizer),
    objective: needs("objective", optimizer),
    exampleGradients: needs("exampleGradients", optimizer),
    gradientPoint: !alike(optimizer.gradientPoint(params, state), params),
    evalParams: !alike(optimizer.evalParams(params, state), params)
  }
}
