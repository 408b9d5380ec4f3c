import { checkTensor } from "../dataflow/check.js"
import { zerosLike } from "../dataflow/create.js"
import { fail } from "../dataflow/error.js"
import { at } from "../dataflow/indexing.js"
import { where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { iota } from "../dataflow/sequence.js"
import { sameShape, showShape } from "../dataflow/shape.js"
import { reshape, swapAxes } from "../dataflow/structure.js"
import { showType } from "../dataflow/type.js"
import { requireLike } from "../tree/require-like.js"
import { choice, flag, type OptionsOf } from "../options/fields.js"
import { resolve } from "../options/resolve.js"
import { foldIn, key } from "../random/index.js"
import { Tree } from "../tree/index.js"
import { scan } from "../tree/scan.js"
import { checkInput } from "./input.js"
import {
  applyLayer,
  checkBefore,
  checkLayer,
  frozen,
  specOf,
  checkMode,
  initLayer,
  sameSpec,
  type Initial,
  type Layer,
  type MaskContext,
  type Mode,
  type None,
  type OnTensors
} from "./layer.js"
import { contextOf, unwatched } from "./observe.js"

export const recurrentFields = {
  /** What is given: the outputs at all places, the last one, or those at all places with the state after the last. Default all. */
  give: choice(["all", "last", "withState"], "all"),
  /** Whether to walk from the last place to the first; outputs keep their places. Default no. */
  reverse: flag(false),
  /** Whether all places draw alike, so that dropout in the cell has one mask for a sequence. Default no. */
  variational: flag(false)
}

/** What may be given of a run along places. */
export type Give = (typeof recurrentFields)["give"]["choices"][number]

/** How a cell goes along places, and what is given, of which the type is kept. */
export interface RecurrentOptions<G extends Give = Give> extends OptionsOf<typeof recurrentFields> {
  /** What is given: the outputs at all places, the last one, or those at all places with the state after the last. Default all. */
  readonly give?: G | undefined
}

/** The outputs at all places, and the state after the last step. */
export type WithState<S> = { readonly outputs: Tensor; readonly state: S }

/** What a run along places gives: outputs, and the state of its cell where it is asked for. */
export type GivenBy<G extends Give, S> = G extends "withState" ? WithState<S> : Tensor

/** The context of what runs a cell: the state in which sequences begin; without one, that of the cell's `init`. */
export type InitialContext<S> = { readonly initial?: S }

type Cell = Layer<Tree, Tree>
type LoopContext = MaskContext & InitialContext<Tree>
type Loop = Layer<Tree, Tree, Tensor, Tree, LoopContext>

/** What the loop knows at one place, and what it carries from one to the next. */
type Place = { readonly x: Tensor; readonly place: Tensor; readonly mask?: Tensor }
type Carry = { readonly state: Tree; readonly output: Tree }

/** The batch at the first place. */
const firstOf = (title: string, x: Tensor): Tensor => {
  const [, places = 0] = checkInput(title, x).shape
  return places > 0
    ? at(x, 0, 1)
    : fail("ShapeError", title, `sequences [batch, places, …] of one place or more`, showType(x))
}

const checkMask = (title: string, mask: Tensor, x: Tensor): Tensor => {
  const { dtype, shape } = checkTensor(title, mask, "a mask of places")
  const wanted = x.shape.slice(0, 2)
  if (dtype !== "bool") fail("DTypeError", title, "a mask of bool, true where a place is there", dtype)
  return sameShape(shape, wanted) ? mask : fail("ShapeError", title, `a mask ${showShape(wanted)}`, showShape(shape))
}

/** Chooses by example: what is new where the mask `[batch]` is true, else what was before. */
const chosenBy =
  (mask: Tensor | undefined) =>
  (now: Tensor, before: Tensor): Tensor =>
    mask === undefined ? now : where(reshape(mask, [...mask.shape, ...now.shape.slice(1).map(() => 1)]), now, before)

/** One step of a cell. What is not there becomes 0 before it is seen: the derivative of a NaN that is not chosen is no number. */
const stepOf =
  (cell: Cell, params: Tree, modeAt: (place: Tensor) => Mode, isLast: boolean) =>
  ({ state, output }: Carry, { x, place, mask }: Place): readonly [Carry, Tree] => {
    const choose = chosenBy(mask)
    const [now, after] = applyLayer(cell, params, state, choose(x, zerosLike(x)), modeAt(place))
    const next = Tree.zipWith(choose)(after, state)
    return isLast
      ? [{ state: next, output: choose(now, output as Tensor) }, []]
      : [{ state: next, output: [] }, choose(now, zerosLike(now))]
  }

/** A cell along places, whose state goes on from call to call. */
const along = (title: string, options: RecurrentOptions) => {
  const own = { ...checkBefore(title, options) }
  const { give, reverse, variational } = resolve(title, recurrentFields, options)
  const isLast = give === "last"
  return (given: unknown): Loop => {
    const cell = checkLayer(title, given as Cell)
    const apply = (params: Tree, state: Tree, x: Tensor, given: Mode & LoopContext): readonly [Tree, Tree] => {
      const { mask, initial: _, ...mode } = checkMode(title, given)
      const [first] = applyLayer(cell, params, state, firstOf(title, x), mode) // whoever watches sees this one
      const quiet = unwatched(mode)
      const modeAt = (place: Tensor): Mode =>
        quiet.training && !variational ? { ...quiet, key: foldIn(quiet.key, place) } : quiet
      const places = {
        x: swapAxes(x, 0, 1),
        place: iota([x.shape[1] ?? 0], 0),
        ...(mask !== undefined && { mask: swapAxes(checkMask(title, mask, x), 0, 1) })
      }
      const start: Carry = { state, output: isLast ? zerosLike(first) : [] }
      const step = stepOf(cell, params, modeAt, isLast)
      const [end, outputs] = scan<Carry, Place, Tree>(step, start, places, { reverse })
      const output = isLast ? end.output : swapAxes(outputs as Tensor, 0, 1)
      return [give === "withState" ? { outputs: output, state: end.state } : output, end.state]
    }
    return frozen({
      ...cell,
      name: `${title}(${cell.name})`,
      spec: specOf(title, { ...own, of: cell }),
      init: (key, x, { mask: _, initial: __, ...context }: LoopContext = {}) =>
        initLayer(cell, key, firstOf(title, x), context),
      apply
    })
  }
}

/**
 * Runs a cell along the places of sequences, its state kept between calls: `stateful(options)(cell)` begins with the state that it
 * is given, and gives the state after its last step. So a long sequence can be taken in chunks: streams, generation, truncated
 * backpropagation through time (the derivative ends where a chunk begins).
 *
 * Shapes, options, the mask and errors as those of `recurrent`, whose `{ initial }` is the state here. Parameters and state are
 * those of the cell; `init` gives the state in which a sequence begins, for a batch of the size of the input's. Since the state has
 * the axis of the batch, a model with such a part is for batches of one size: train with `recurrent` where sequences are apart.
 *
 * Law: chunks, one after the other, give what the whole sequence gives (to the bit, where nothing is drawn).
 *
 * @example
 * import assert from "node:assert"
 * import { concat, sliceAxis, toArray } from "thalweg"
 * import { gruCell, stateful } from "thalweg/nn"
 * import { key, normal } from "thalweg/random"
 *
 * const layer = stateful()(gruCell({ units: 3 }))
 * const x = normal(key(0), [2, 7, 4])
 * const { params, state } = layer.init(key(1), x)
 * const [whole] = layer.apply(params, state, x, { training: false })
 * const [head, after] = layer.apply(params, state, sliceAxis(x, 1, 0, 3), { training: false })
 * const [tail] = layer.apply(params, after, sliceAxis(x, 1, 3, 7), { training: false })
 * assert.deepStrictEqual(toArray(concat([head, tail], 1)), toArray(whole))
 */
export const stateful = <G extends Give = "all">(options: RecurrentOptions<G> = {}) => {
  const loop = along("stateful", options)
  return <P extends object, S extends object, C extends object, I extends object = Tensor, O extends object = Tensor>(
    cell: Layer<P, S, I, O, C> & OnTensors<I, O>
  ): Layer<P, S, Tensor, GivenBy<G, S>, C & MaskContext> =>
    loop(cell) as unknown as Layer<P, S, Tensor, GivenBy<G, S>, C & MaskContext>
}

/**
 * Runs a cell along the places of sequences, from a fresh state at every call: `recurrent(options)(cell)`. A cell is a layer whose state
 * is what it remembers from one place to the next: `rnnCell`, `lstmCell`, `gruCell`, or a `sequential` of cells, which are then
 * stacked inside of one loop. The loop is one `scan`: the program does not grow with the sequence.
 *
 * Shapes: `[batch, places, …] → [batch, places, …]`, or `[batch, …]` of the last place; the cell sees `[batch, …]`. Parameters are
 * those of the cell. Options: `give`, "all" outputs (default), the "last", or "withState", which are `{ outputs, state }`: all
 * outputs, and the cell's state after its last step, a tree with the batch first; `reverse` (default no), from the last place to
 * the first, where the "last" output and the state are those of the first place; `variational` (default no): what the cell draws
 * while training, it draws anew at every place, unless all places shall draw alike, as in Gal & Ghahramani 2016, arXiv 1512.05287.
 * Others are a `HyperparameterError`.
 *
 * `{ mask }` in the context, `bool` `[batch, places]`, says which places are there (`lengthMask` makes it of lengths). Where it is
 * false, the state stays, what stands in the input does not matter, and the output is 0; the "last" output is the last that is there,
 * or 0. As with PyTorch's packed sequences, `reverse` then begins at the last place that is there. The cell does not see the mask.
 * Throws a `ShapeError` for inputs without places and for a mask of another shape, a `DTypeError` for one that is not `bool`.
 *
 * `{ initial }` in the context is the state in which sequences begin, instead of the one that the cell's `init` gives: that of another
 * run, as a decoder begins with the state of its encoder. It is a state of the cell for this batch; another structure is a
 * `TreeError`, another shape a `ShapeError`, another dtype a `DTypeError`, each with its path below `initial`. `providing` gives it to
 * one part of a `connect`, as below; every `recurrent` that sees it begins with it, but the cell does not see it. PyTorch's
 * `out, (h, c) = lstm(x, (h0, c0))` is `{ outputs, state: { hidden, cell } }`; Keras's options are `return_state` and `initial_state`.
 *
 * Layers that treat every place alike, as `dense` does, need no such loop: they take `[batch, places, …]` as it is.
 *
 * While training, the cell draws at each place by `foldIn(key, place)`, or, `variational`, by the key itself.
 *
 * Laws: with one place, it is the cell (but for that key, where it draws); a mask that is true everywhere changes nothing; places
 * that are not there do not matter; the "last" is the last of "all"; a run is that over its first part, and then, from the state
 * that this one gives, over the rest; while training, places draw apart, or, `variational`, all as
 * the cell does alone.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, zeros } from "thalweg"
 * import { dense, lengthMask, lstmCell, recurrent, sequential } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const stack = sequential(lstmCell({ units: 8 }), lstmCell({ units: 4 })) // two layers, one loop
 * const model = sequential({ time: recurrent({ give: "last" })(stack), head: dense({ units: 2 }) })
 * const x = zeros([3, 10, 5])
 * const { params, state } = model.init(key(0), x)
 * const mask = lengthMask(tensor([10, 4, 7], { dtype: "i32" }), 10)
 * assert.deepStrictEqual(model.apply(params, state, x, { training: false, mask })[0].shape, [3, 2])
 *
 * @example
 * import assert from "node:assert"
 * import { zeros, type Tensor } from "thalweg"
 * import { connect, dense, lstmCell, providing, recurrent, type LstmState } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * // sequence to sequence: the decoder begins with the state in which the encoder ends
 * type Begun = { readonly x: Tensor; readonly initial: LstmState }
 * const parts = {
 *   encoder: recurrent({ give: "withState" })(lstmCell({ units: 4 })),
 *   decoder: providing(({ x, initial }: Begun) => [x, { initial }])(recurrent()(lstmCell({ units: 4 }))),
 *   head: dense({ units: 3 })
 * }
 * type Pair = { readonly source: Tensor; readonly target: Tensor }
 * const model = connect("seq2seq", parts, ({ encoder, decoder, head }, { source, target }: Pair) =>
 *   head(decoder({ x: target, initial: encoder(source).state }))
 * )
 * const pair = { source: zeros([2, 5, 3]), target: zeros([2, 6, 3]) }
 * const { params, state } = model.init(key(0), pair)
 * assert.deepStrictEqual(model.apply(params, state, pair, { training: false })[0].shape, [2, 6, 3])
 */
export const recurrent = <G extends Give = "all">(options: RecurrentOptions<G> = {}) => {
  const loop = along("recurrent", options)
  return <P extends object, S extends object, C extends object, I extends object = Tensor, O extends object = Tensor>(
    cell: Layer<P, S, I, O, C> & OnTensors<I, O>
  ): Layer<P, None, Tensor, GivenBy<G, S>, C & MaskContext & InitialContext<S>> => {
    const inner = loop(cell)
    const init = (key: Tensor, x: Tensor, context?: LoopContext): Initial<Tree, None> => ({
      params: inner.init(key, x, context).params,
      state: []
    })
    const apply = (params: Tree, none: None, x: Tensor, mode: Mode & LoopContext): readonly [Tree, None] => {
      const { initial } = checkMode("recurrent", mode)
      const fresh = inner.init(key(0), x, contextOf(unwatched(mode)) as LoopContext).state
      if (initial !== undefined) requireLike("recurrent", "an initial state", { initial: fresh }, { initial })
      return [inner.apply(params, initial ?? fresh, x, mode)[0], none]
    }
    return frozen({ ...inner, ...sameSpec(inner), init, apply }) as unknown as Layer<
      P,
      None,
      Tensor,
      GivenBy<G, S>,
      C & MaskContext & InitialContext<S>
    >
  }
}
