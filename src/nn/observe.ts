import type { Tensor } from "../dataflow/primitive.js"
import { range } from "../dataflow/shape.js"
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

/** What a part did, of which depth of each `repeat` around it. */
export interface ObservedDepth extends Observed {
  readonly depths: readonly number[]
}

/** Whoever watches, and the place of what is being applied. */
interface Watching {
  readonly path: string
  readonly depths: readonly number[]
  readonly rows: (ObservedDepth | undefined)[]
  /** Whether all depths of what is repeated are told of, and what a layer is made of by a function. */
  readonly isThorough: boolean
}

/** The key of a mode under which it is said that somebody watches; what a layer hands on of its mode hands on this as well. */
const WATCHING = Symbol("watching")

type Watched = { readonly [WATCHING]?: Watching }

/** A mode in which nobody watches. */
export const unwatched = <M extends Mode>(mode: M): M => ({ ...mode, [WATCHING]: undefined })

/** Whether somebody watches all depths of what is repeated. */
export const isThorough = (mode: Mode): boolean => (mode as Watched)[WATCHING]?.isThorough === true

/** The modes in which depths of what is repeated are told of, each by what it makes of the one before: the first, or all. */
export const depthModes = <M extends Mode>(mode: M, times: number): readonly M[] => {
  const { [WATCHING]: watching } = mode as Watched
  if (watching === undefined) return []
  const depthMode = (depth: number): M => ({
    ...mode,
    [WATCHING]: { ...watching, depths: [...watching.depths, depth] }
  })
  return range(isThorough(mode) ? times : 1).map(depthMode)
}

/** What a mode says besides whether a model is trained. */
export const contextOf = (mode: Mode): Tree => {
  const { training: _, key: __, ...context } = mode as Mode & { readonly key?: Tensor }
  return context
}

/** A mode with another context: whether a model is trained, the key and who watches stay. */
export const withContext = <C extends object>(mode: Mode, context: C): Mode & C => {
  const { [WATCHING]: watching } = mode as Watched
  const { training, key } = mode as Mode & { readonly key?: Tensor }
  return { ...context, training, ...(key && { key }), ...(watching && { [WATCHING]: watching }) } as Mode & C
}

/** Applies a layer, and tells whoever watches at which path. */
const applyTold = (
  watching: Watching,
  path: string,
  layer: Layer<Tree, Tree, Tree, Tree>,
  params: Tree,
  state: Tree,
  input: Tree,
  mode: Mode
): readonly [output: Tree, state: Tree] => {
  const { rows, depths } = watching
  const place = rows.push(undefined) - 1
  const watchedMode = { ...mode, [WATCHING]: { ...watching, path } }
  const [output, after] = applyLayer(layer, params, state, input, watchedMode)
  rows[place] = { path, depths, layer, params, state, input, context: contextOf(mode), output }
  return [output, after]
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
  const path = watching.path === "" ? name : `${watching.path}/${name}`
  return applyTold(watching, path, layer, params, state, input, mode)
}

/** Applies the layer that another is made of by a function, whose path it has; only who watches all depths is told. */
export const applyInner = <P extends object, S extends object, I extends object, O extends object, C extends object>(
  layer: Layer<P, S, I, O, C>,
  params: P,
  state: S,
  input: I,
  mode: Mode & C
): readonly [output: O, state: S] => {
  const { [WATCHING]: watching } = checkMode<Mode>(layer.name, mode) as Watched
  if (watching?.isThorough !== true) return applyLayer(layer, params, state, input, mode)
  const untyped = layer as unknown as Layer<Tree, Tree, Tree, Tree>
  const told = applyTold(watching, watching.path, untyped, params as Tree, state as Tree, input as Tree, mode)
  return told as unknown as readonly [output: O, state: S] // of the layer
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
    const rows: (ObservedDepth | undefined)[] = []
    const watching: Watching = { path: "", depths: [], rows, isThorough: false }
    const [output, after] = applyLayer(model, params, state, input, {
      ...checkMode("observe", mode),
      [WATCHING]: watching
    })
    return [output, after, rows.flatMap(row => (row === undefined ? [] : withoutDepths(row)))]
  }
}

const withoutDepths = ({ depths: _, ...row }: ObservedDepth): Observed => row

/**
 * What the model and each part inside did when it was not trained, as `observe` tells; but all depths of what is repeated, one
 * after the other, and also what a layer is made of by a function (`residual`, `providing`), at the path of both.
 */
export const observeDepths = <P extends object, S extends object, I extends object, O extends object>(
  model: Layer<P, S, I, O>,
  params: P,
  state: S,
  input: I
): readonly ObservedDepth[] => {
  const rows: (ObservedDepth | undefined)[] = []
  const watching: Watching = { path: "", depths: [], rows, isThorough: true }
  const mode = { training: false, [WATCHING]: watching } as const
  applyInner(model, params, state, input, mode)
  return rows.filter(row => row !== undefined)
}
