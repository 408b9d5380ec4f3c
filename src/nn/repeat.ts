import { at } from "../dataflow/indexing.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { stack } from "../dataflow/concat.js"
import { sameType, showType } from "../dataflow/type.js"
import { checkNumber, positiveInteger } from "../options/range.js"
import { split } from "../random/index.js"
import { Tree } from "../tree/index.js"
import { scan } from "../tree/scan.js"
import { checkLayer, checkMode, type Initial, type Layer, type Mode, type None } from "./layer.js"
import { applyPart, isWatched, unwatched } from "./observe.js"

/** Trees of all depths in one: every leaf has a leading axis, the depth. `tree/depth.ts` knows it by the key. */
export type Stacked<T> = { readonly each: T }

/** What one time takes. */
interface Each {
  readonly params: Tree
  readonly state: Tree
  readonly key?: Tensor
}

type Trees = Readonly<Record<string, Tree>>

const firstOf = (tree: Tree): Tree => Tree.map((leaf: Tensor) => at(leaf, 0))(tree)

/** What a layer gives, which it must be able to take. */
const checkSame = (layer: string, input: Tree, output: Tree): void => {
  const shown = (tree: Tree): string => Tree.leaves(tree).map(showType).join(", ")
  const [before, after] = [Tree.leaves(input), Tree.leaves(output)]
  const same =
    Tree.paths(input).join() === Tree.paths(output).join() && before.every((t, i) => sameType(t, after[i] as Tensor))
  if (!same) fail("ShapeError", "repeat", `${layer} to give what it takes, ${shown(input)}`, shown(output))
}

/**
 * Applies the same layer a number of times, each time with parameters and a state of its own: `y = l(… l(l(x)))`. It is one
 * loop, so that the program does not grow with the depth.
 *
 * Parameters and state have a level `each`, and every leaf below it a leading axis of `times`: `blocks/each/dense/kernel` is
 * `[times, inputs, units]`. The layer must give what it takes, else a `ShapeError` names it. `times`: a whole number from 1.
 *
 * Laws: `repeat(n)(layer)` is `sequential` of `n` such layers with the slices of parameters and state, where nothing is
 * drawn; `repeat(1)(layer)` is the layer.
 *
 * @example
 * import assert from "node:assert"
 * import { Tree, zeros } from "thalweg"
 * import { activation, dense, repeat, sequential, tanh } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const deep = repeat(6)(sequential({ dense: dense({ units: 4 }), tanh: activation(tanh) }))
 * const { params, state } = deep.init(key(0), zeros([1, 4]))
 * assert.deepStrictEqual(Tree.paths(params), ["each/dense/bias", "each/dense/kernel"])
 * assert.deepStrictEqual(params.each.dense.kernel.shape, [6, 4, 4])
 * assert.deepStrictEqual(deep.apply(params, state, zeros([2, 4]), { training: false })[0].shape, [2, 4])
 */
export const repeat = (times: number) => {
  checkNumber("repeat", "times", positiveInteger, times)
  return <P extends object, S extends object, I extends object, C extends object>(
    layer: Layer<P, S, I, NoInfer<I>, C>
  ): Layer<Stacked<P>, Stacked<S>, I, I, C> => {
    type Untyped = Layer<Tree, Tree, Tree, Tree>
    const inner = checkLayer("repeat", layer) as unknown as Untyped
    const init = (key: Tensor, input: Tree, context?: object): Initial<Stacked<Tree>, Stacked<Tree>> => {
      const draw = (none: None, key: Tensor): readonly [None, Initial<Tree, Tree> & Trees] => {
        const { params, state } = inner.init(key, input, context)
        return [none, { params, state }]
      }
      const { params, state } = scan<None, Tensor, Initial<Tree, Tree> & Trees>(draw, [], stack(split(key, times)))[1]
      const [output] = inner.apply(firstOf(params), firstOf(state), input, { training: false, ...context })
      checkSame(inner.name, input, output)
      return { params: { each: params }, state: { each: state } }
    }
    const apply = (
      { each: params }: Stacked<Tree>,
      { each: state }: Stacked<Tree>,
      input: Tree,
      mode: Mode
    ): readonly [Tree, Stacked<Tree>] => {
      checkMode("repeat", mode)
      if (isWatched(mode)) applyPart("each", layer, firstOf(params), firstOf(state), input, mode)
      const quiet = unwatched(mode)
      const step = (x: Tree, each: Each): readonly [Tree, Tree] =>
        inner.apply(
          each.params,
          each.state,
          x,
          each.key === undefined ? quiet : { ...quiet, training: true, key: each.key }
        )
      const keys = mode.training ? { key: stack(split(mode.key, times)) } : {}
      const [output, after] = scan<Tree, Each & Trees, Tree>(step, input, { params, state, ...keys }, { length: times })
      return [output, { each: after }]
    }
    const spec = { layer: "repeat", options: { times, of: layer } }
    return { name: `repeat(${times})`, layers: { each: layer }, spec, init, apply } as unknown as Layer<
      Stacked<P>,
      Stacked<S>,
      I,
      I,
      C
    >
  }
}
