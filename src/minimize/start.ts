import { valueAndGrad } from "../autodiff/grad.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { showType } from "../dataflow/type.js"
import { locate, toTyped } from "../engine/index.js"
import { Tree } from "../tree/index.js"
import type { Objective } from "./minimizer.js"

const describeLeaf = (t: Tensor): string => {
  const show = (x: number): string => String(Number(x.toPrecision(7)))
  const all = [...toTyped(t)]
  if (all.length === 1) return show(all[0] as number)
  const numbers = all.filter(x => !Number.isNaN(x))
  const [least, most] = [Math.min, Math.max].map(of => numbers.reduce((a, b) => of(a, b), numbers[0] ?? NaN)) as [
    number,
    number
  ]
  const range = numbers.length === 0 ? "" : ` from ${show(least)} to ${show(most)}`
  const none = all.length - numbers.length
  return `${showType(t)}${range}${none === 0 ? "" : `${range && ","} with ${none} NaN`}`
}

/** The arguments of the function, by their paths. */
const describeStart = (start: Tree): string => {
  const leaves = Tree.leaves(start)
  return Tree.paths(start)
    .map((path, i) => `${path === "" ? "the start" : path}: ${describeLeaf(leaves[i] as Tensor)}`)
    .join(", ")
}

/** A function of the start and the data. */
type Look = (at: Tree, ...data: readonly Tree[]) => Tree

/** What else has to be finite at a start, and how it is computed. */
interface Derivative {
  readonly name: string
  readonly of: Look
}

const gradientOf = (f: Look): Derivative => ({
  name: "gradient",
  of: (at, ...rest) => valueAndGrad(f as Objective<Tree, readonly Tree[]>)(at, ...rest)
})

/** Throws: at the start the function, or its derivative, is not finite. Says what it was given, and where that begins. */
export const failAtStart = (
  operation: string,
  f: Look,
  start: Tree,
  data: readonly Tree[],
  derivative: Derivative = gradientOf(f)
): never => {
  const found =
    locate((at: Tree, ...rest: readonly Tree[]) => [f(at, ...rest)])(start, ...data) ??
    locate((at: Tree, ...rest: readonly Tree[]) => [derivative.of(at, ...rest)])(start, ...data)
  return fail(
    "DataError",
    operation,
    `a start at which the function and its ${derivative.name} are finite`,
    `${describeStart(start)}${found === undefined ? "" : ` (${found.message})`}`
  )
}
