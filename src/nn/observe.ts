import type { Tensor } from "../dataflow/primitive.js"
import type { Tree } from "../tree/index.js"
import { applyLayer, checkLayer, checkMode, type Layer, type Mode, type SomeLayer } from "./layer.js"

/** What a part of a model did: at which path, and from what to what. */
export interface Observed {
  /** The names of the parts that lead to it: `"encoder/attention"`. */
  readonly path: string
  readonly layer: SomeLayer
  readonly params: Tree
  readonly state: Tree
  readonly input: Tree
  /** What it could look at besides. */
  readonly context: Tree
  readonly output: Tree
}

/** Whoever watches, and the path of what is being applied. */
interface Watching {
  readonly path: string
  readonly rows: (Observed | undefined)[]
}

/** The key of a mode under which it is said that somebody watches; what a layer hands on of its mode hands on this as well. */
const WATCHING = Symbol("watching")

type Watched = { readonly [WATCHING]?: Watching }

/** A mode in which nobody watches. */
export const unwatched = <M extends Mode>(mode: M): M => ({ ...mode, [WATCHING]: undefined })

/** Whether somebody watches. */
export const isWatched = (mode: Mode): boolean => (mode as Watched)[WATCHING] !== undefined

/** What a mode says besides whether a model is trained. */
export const contextOf = (mode: Mode): Tree => {
  const { training: _, key: __, ...context } = mode as Mode & { readonly key?: Tensor }
  return context
}

/** Applies a part of a model, and tells whoever watches. */
export const applyPart = (
  name: string,
  layer: Layer<Tree, Tree, Tree, Tree>,
  params: Tree,
  state: Tree,
  input: Tree,
  mode: Mode
): readonly [output: Tree, state: Tree] => {
  const { [WATCHING]: watching } = mode as Watched
  if (watching === undefined) return applyLayer(layer, params, state, input, mode)
  const { rows } = watching
  const path = watching.path === "" ? name : `${watching.path}/${name}`
  const place = rows.push(undefined) - 1
  const watchedMode = { ...mode, [WATCHING]: { path, rows } }
  const [output, after] = applyLayer(layer, params, state, input, watchedMode)
  rows[place] = { path, layer, params, state, input, context: contextOf(mode), output }
  return [output, after]
}

/**
 * Applies a model and tells what each part inside did, in the order in which they were called, a part before the parts that
 * it is made of: `observe(model)(params, state, input, mode) = [output, state', parts]`. So activations of any layer can be
 * looked at; nothing else changes.
 *
 * A part of `repeat` is told of once, as the first time would be without the others: what happens inside a loop has no
 * value outside.
 *
 * Law: output and state are those of `model.apply`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, type Tensor } from "thalweg"
 * import { activation, observe, relu, sequential, tanh } from "thalweg/nn"
 *
 * const model = sequential({ first: activation(relu), second: activation(tanh) })
 * const { params, state } = { params: { first: [], second: [] }, state: { first: [], second: [] } } as const
 * const [, , parts] = observe(model)(params, state, tensor([[-1, 0]]), { training: false })
 * assert.deepStrictEqual(parts.map(({ path }) => path), ["first", "second"])
 * assert.deepStrictEqual(toArray(parts[0]?.output as Tensor), [[0, 0]])
 */
export const observe = <P extends object, S extends object, I extends object, O extends object, C extends object>(
  model: Layer<P, S, I, O, C>
) => {
  checkLayer("observe", model)
  return (
    params: P,
    state: S,
    input: I,
    mode: Mode & C
  ): readonly [output: O, state: S, parts: readonly Observed[]] => {
    const rows: (Observed | undefined)[] = []
    const watching: Watching = { path: "", rows }
    const [output, after] = applyLayer(model, params, state, input, {
      ...checkMode("observe", mode),
      [WATCHING]: watching
    })
    return [output, after, rows.filter(row => row !== undefined)]
  }
}
