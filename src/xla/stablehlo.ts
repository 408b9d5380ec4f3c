import { checkFunction, checkList } from "../dataflow/check.js"
import type { DType } from "../dataflow/dtype.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { Shape } from "../dataflow/shape.js"
import type { Program } from "../engine/program/program.js"
import { programOf, trace } from "../engine/trace.js"
import { builtOf, flattenArguments, paths, type Tree, type TreeLike, type TreesLike } from "../tree/tree.js"
import { writeStep } from "./rows.js"
import { denseText, typesText, typeText } from "./text.js"
import { Writer, type Named } from "./writer.js"

/** An argument or a result of a program. */
export interface StableHloLeaf {
  /** Where it is in the tree of arguments, `"0/encoder/kernel"`, or in the result, `"encoder/kernel"`. */
  readonly path: string
  readonly dtype: DType
  readonly shape: Shape
}

/** A program as XLA reads it. */
export interface StableHlo {
  /** A module of MLIR with one public function, `main`. */
  readonly text: string
  /** The arguments of `main`, in order. */
  readonly inputs: readonly StableHloLeaf[]
  /** The results of `main`, in order. */
  readonly outputs: readonly StableHloLeaf[]
}

const inline = (w: Writer, { consts, steps, outputs }: Program, inputs: readonly Named[]): readonly Named[] => {
  const values = [...inputs]
  for (const value of consts) {
    const { type } = value
    values.push(w.define(type, `stablehlo.constant ${denseText(type, value.read())} : ${typeText(type)}`))
  }
  for (const { op, args, outs } of steps)
    for (const value of writeStep(op, { args: args.map(a => values[a] as Named), outs, w })) values.push(value)
  return outputs.map(output => values[output] as Named)
}

const moduleOf = (program: Program): string => {
  const w = new Writer(inline)
  const params = program.inputs.map(({ shape, dtype }, i): Named => ({ name: `%arg${i}`, shape, dtype }))
  const results = inline(w, program, params)
  return [
    "module @thalweg {",
    `func.func public @main(${params.map(param => `${param.name}: ${typeText(param)}`).join(", ")}) -> (${typesText(results)}) {`,
    ...w.lines,
    results.length === 0 ? "return" : `return ${results.map(({ name }) => name).join(", ")} : ${typesText(results)}`,
    "}",
    "}",
    ""
  ].join("\n")
}

const leavesOf = (leaves: readonly Tensor[], tree: Tree): readonly StableHloLeaf[] => {
  const names = paths(tree)
  return leaves.map(({ dtype, shape }, i) => ({ path: names[i] ?? "", dtype, shape }))
}

/**
 * Writes what a function computes as StableHLO, which XLA compiles for CPUs, GPUs and TPUs.
 *
 * `f` takes and returns trees and must be pure: it is called once, with symbols for tensors. Of the arguments only structure, shapes
 * and dtypes count; what `f` closes over is computed now, and is in the text. The text is the same each time; its length, and the time
 * that it takes, are linear in the program. (Dtypes are `f32`, `f64`, `i32`, `ui32` and `i1`: jax needs `jax_enable_x64`.)
 *
 * Results agree with `evaluate` to rounding. Different are: numbers below the smallest normal one, which CPUs take for 0; the order and
 * the precision of sums; indices out of range, which are moved to the nearest, or nothing is added there; a matrix without a result,
 * which is NaN instead of a `MatrixError`. `lu`, `qr`, `eigh` and `svd`, which StableHLO lacks, are written out as loops.
 *
 * Throws what `f` throws; an `UnboundInputError` if `f` reads a value; a `TreeError` with its path for what is no tree; a `GradientError`
 * for a derivative of a `whileLoop` that has no `max`.
 *
 * Law: XLA on `toStableHlo(f, x).text` ≡ `evaluate(f(x))`, but for rounding. Source: the StableHLO specification, version 1.
 *
 * @example
 * import assert from "node:assert"
 * import { add, mul, zeros, type Tensor } from "thalweg"
 * import { toStableHlo } from "thalweg/xla"
 *
 * const line = (params: { readonly a: Tensor; readonly b: Tensor }, x: Tensor) => add(mul(params.a, x), params.b)
 * const { text, inputs, outputs } = toStableHlo(line, [{ a: zeros([2]), b: zeros([2]) }, zeros([2])])
 * assert.deepStrictEqual(inputs.map(({ path }) => path), ["0/a", "0/b", "1"])
 * assert.deepStrictEqual(outputs, [{ path: "", dtype: "f32", shape: [2] }])
 * assert.deepStrictEqual(text.split("\n").slice(2, 5), [
 *   "%0 = stablehlo.multiply %arg0, %arg2 : tensor<2xf32>",
 *   "%1 = stablehlo.add %0, %arg1 : tensor<2xf32>",
 *   "return %1 : tensor<2xf32>"
 * ])
 */
export const toStableHlo = <A extends TreesLike<A>, B extends TreeLike<B>>(
  f: (...args: A) => B,
  args: A
): StableHlo => {
  checkFunction("toStableHlo", f)
  const given = checkList("toStableHlo", "a list of the arguments", args as readonly Tree[])
  const { leaves, structure } = flattenArguments(given)
  const traced = trace(f as (...args: never) => B as (...args: readonly Tree[]) => B, structure, leaves)
  return {
    text: moduleOf(programOf(traced)),
    inputs: leavesOf(leaves, given),
    outputs: leavesOf(traced.outputs, builtOf(traced.structure, traced.outputs))
  }
}
