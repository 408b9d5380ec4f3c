import { valueAndGrad } from "../autodiff/grad.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { max, min } from "../dataflow/reduce.js"
import { sizeOf } from "../dataflow/shape.js"
import { reshape } from "../dataflow/structure.js"
import { showType } from "../dataflow/type.js"
import { item, locate } from "../engine/index.js"
import { Tree } from "../tree/index.js"
import type { Objective } from "./minimizer.js"

const describeLeaf = (t: Tensor): string => {
  const show = (x: Tensor): string => String(Number(item(x).toPrecision(7)))
  const size = sizeOf(t.shape)
  if (size === 0) return showType(t)
  return size === 1 ? show(reshape(t, [])) : `${showType(t)} from ${show(min(t))} to ${show(max(t))}`
}

/** The arguments of the function, by their paths. */
const describeStart = (start: Tree): string => {
  const leaves = Tree.leaves(start)
  return Tree.paths(start)
    .map((path, i) => `${path === "" ? "the start" : path}: ${describeLeaf(leaves[i] as Tensor)}`)
    .join(", ")
}

/** Throws: at the start the function is not finite. Says what it was given, and where that begins. */
export const failAtStart = (
  operation: string,
  f: Objective<Tree, readonly Tree[]>,
  start: Tree,
  data: readonly Tree[]
): never => {
  const found =
    locate((at: Tree, ...rest: readonly Tree[]) => [f(at, ...rest)])(start, ...data) ??
    locate((at: Tree, ...rest: readonly Tree[]) => valueAndGrad(f)(at, ...rest))(start, ...data)
  return fail(
    "DataError",
    operation,
    "a start at which the function and its gradient are finite",
    `${describeStart(start)}${found === undefined ? "" : ` (${found.message})`}`
  )
}
