import { checkNoMore } from "../dataflow/check.js"
import { at } from "../dataflow/indexing.js"
import { describeValue, isRecord } from "../dataflow/describe.js"
import { fail, underPath } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sameType, showType } from "../dataflow/type.js"
import { checkNumber, positiveInteger } from "../options/range.js"
import { splitAll } from "../random/key.js"
import { Tree } from "../tree/index.js"
import { scan } from "../tree/scan.js"
import {
  applyLayer,
  checkLayer,
  frozen,
  specOf,
  checkMode,
  initLayer,
  type Initial,
  type Layer,
  type Mode,
  type None,
  type OntoItself
} from "./layer.js"
import { applyPart, depthModes, isThorough, unwatched } from "./observe.js"

/** Trees of all depths in one: every leaf has a leading axis, the depth. `tree/depth.ts` knows it by the key. */
export type Stacked<T> = { readonly each: T }

/** What one time takes. */
interface Each {
  readonly params: Tree
  readonly state: Tree
  readonly key?: Tensor
}

type Trees = Readonly<Record<string, Tree>>

/** Says of mistakes that they are below `each`, as parameters are. */
const inEach = <A>(run: () => A): A => underPath("each", run)

const depthOf = (tree: Tree, depth: number): Tree => Tree.map((leaf: Tensor) => at(leaf, depth))(tree)

/** What stands below `each`, every leaf as often as there are times. */
const eachOf = (times: number, what: string, tree: Stacked<Tree>): Tree => {
  if (!isRecord(tree) || !Object.hasOwn(tree, "each"))
    fail("TreeError", "repeat", `${what} below "each"`, describeValue(tree))
  const leaves = Tree.leaves(tree)
  const wrong = leaves.findIndex(({ shape }) => shape[0] !== times)
  if (wrong >= 0)
    fail("ShapeError", "repeat", `a first axis of ${times}`, showType(leaves[wrong] as Tensor), Tree.paths(tree)[wrong])
  return tree.each
}

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
 * `[times, inputs, units]`; leaves of another first axis are a `ShapeError`. The layer must give what it takes, else a `ShapeError`
 * names it. `times`: a whole number from 1, else a `HyperparameterError`. Each time draws by a key of its own, of those that
 * `split(key, times)` gives, at the start and while training.
 *
 * Laws: `repeat(n)(layer)` is `sequential` of `n` such layers with the slices of parameters and state, where nothing is
 * drawn. So `repeat(1)(layer)` is the layer but for its key, which is then `split(key, 1)[0]`.
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
export const repeat = (times: number, ...rest: readonly never[]) => {
  checkNoMore("repeat", "how often (then, in a second call, a layer)", rest)
  checkNumber("repeat", "times", positiveInteger, times)
  return <P extends object, S extends object, I extends object, C extends object, O extends object = I>(
    layer: Layer<P, S, I, O, C> & OntoItself<I, O>
  ): Layer<Stacked<P>, Stacked<S>, I, I, C> => {
    type Untyped = Layer<Tree, Tree, Tree, Tree>
    const inner = checkLayer("repeat", layer) as unknown as Untyped
    const init = (key: Tensor, input: Tree, context?: object): Initial<Stacked<Tree>, Stacked<Tree>> => {
      const draw = (none: None, key: Tensor): readonly [None, Initial<Tree, Tree> & Trees] => {
        const { params, state } = inEach(() => initLayer(inner, key, input, context))
        return [none, { params, state }]
      }
      const { params, state } = scan<None, Tensor, Initial<Tree, Tree> & Trees>(draw, [], splitAll(key, times))[1]
      const still = { training: false, ...context } as const
      const [output] = inEach(() => applyLayer(inner, depthOf(params, 0), depthOf(state, 0), input, still))
      checkSame(inner.name, input, output)
      return { params: { each: params }, state: { each: state } }
    }
    const apply = (
      given: Stacked<Tree>,
      before: Stacked<Tree>,
      input: Tree,
      mode: Mode
    ): readonly [Tree, Stacked<Tree>] => {
      checkMode("repeat", mode)
      const [params, state] = [eachOf(times, "parameters", given), eachOf(times, "a state", before)]
      const told = depthModes(mode, times).reduce<Tree>(
        (x, mode, i) => applyPart("each", inner, depthOf(params, i), depthOf(state, i), x, mode)[0],
        input
      )
      const quiet = unwatched(mode)
      const step = (x: Tree, { params, state, key }: Each): readonly [Tree, Tree] =>
        inEach(() => applyLayer(inner, params, state, x, key === undefined ? quiet : { ...quiet, training: true, key }))
      const keys = mode.training ? { key: splitAll(mode.key, times) } : {}
      const [output, after] = scan<Tree, Each & Trees, Tree>(step, input, { params, state, ...keys }, { length: times })
      return [isThorough(mode) ? told : output, { each: after }] // who was told of all depths goes on with what they gave
    }
    const spec = specOf("repeat", { times, of: inner })
    return frozen({
      name: `repeat(${times})`,
      layers: Object.freeze({ each: inner }),
      spec,
      init,
      apply
    }) as unknown as Layer<Stacked<P>, Stacked<S>, I, I, C>
  }
}
