import { checkFunction } from "../dataflow/check.js"
import { describeValue, isList, isPair, isRecord } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isTensor } from "../dataflow/tensor.js"
import { belonging, ownPart } from "../options/belonging.js"
import { isLayer, ownLayer } from "../options/fields.js"

/** Whether a model is being trained; training carries the key from which layers draw. */
export type Mode = { readonly training: false } | { readonly training: true; readonly key: Tensor }

/** No parameters, or no state. */
export type None = readonly []

/** What a layer starts from. */
export interface Initial<P extends object, S extends object> {
  readonly params: P
  readonly state: S
}

/** The context of a layer as an argument, which may be left out where all of it may be absent. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- "nothing must be given"
type ContextArgument<C extends object> = {} extends C ? readonly [context?: C] : readonly [context: C]

/** The name of the recipe that made a layer, and the options that it was given. */
export interface LayerSpec {
  readonly layer: string
  readonly options: Readonly<Record<string, unknown>>
}

/**
 * A layer: a pure transition of parameters, state and input. Nothing is hidden: running statistics are state, what is
 * drawn comes of the key of the mode, and masks and memories come with the context `C`.
 *
 * `I`, `O`: a tensor, or a tree of tensors, whose first axis is the batch. `C`: what `apply` looks at besides the input and
 * the mode, such as `{ mask?: Tensor }`; what is composed asks for the context of all its parts, and `providing` gives it.
 * `init` looks at shapes and dtypes of the input only, so that any batch will do, and nothing is computed by it.
 *
 * Laws: `apply` gives a state like the one it got, and treats every example of a batch as if it were the only one (but
 * for what says otherwise, as batch normalization does).
 *
 * @example
 * import assert from "node:assert"
 * import { mul, ones, tensor, toArray, zeros, type Tensor } from "thalweg"
 * import { sequential, summary, type Layer } from "thalweg/nn"
 *
 * const gain: Layer<{ readonly factor: Tensor }> = {
 *   name: "gain",
 *   init: (_, input) => ({ params: { factor: ones(input.shape.slice(1)) }, state: [] }),
 *   apply: ({ factor }, state, input) => [mul(input, factor), state]
 * }
 * const [y] = gain.apply({ factor: tensor([2, 3]) }, [], tensor([[10, 10]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[20, 30]])
 * assert.match(summary(sequential(gain), zeros([1, 2])), /0 +gain +\[1, 2\] +2/)
 */
export interface Layer<
  P extends object,
  S extends object = None,
  I extends object = Tensor,
  O extends object = Tensor,
  C extends object = object
> {
  readonly name: string
  readonly init: (key: Tensor, input: I, ...context: ContextArgument<C>) => Initial<P, S>
  readonly apply: (params: P, state: S, input: I, mode: Mode & C) => readonly [output: O, state: S]
  /** What it is made of, by name. */
  readonly layers?: Parts
  /**
   * How it was made, which layers of the catalogue say. One of the user's that says it is data where its recipe is told, as
   * `toModelSpec(model, { layers: { name: recipe } })`. A copy that was changed, `{ ...dense({ units: 2 }), apply }`, is no longer
   * what the spec that came along says, and no data, unless it is given a spec of its own; but for its `name`, which no spec says.
   */
  readonly spec?: LayerSpec
}

/** A layer whatever its parameters, state, input, output and context. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a layer is contravariant in all of these but its output
export type SomeLayer = Layer<any, any, any, any, any>

/** Layers by name. */
export type Parts = Readonly<Record<string, SomeLayer>>

/** The context of layers along places: which of them are there, `bool [batch, places]`; without a mask, all are. */
export type MaskContext = { readonly mask?: Tensor }

/* eslint-disable @typescript-eslint/no-explicit-any -- parts that are not asked for */
/** The parameters of a layer. */
export type ParamsOf<L> = L extends Layer<infer P, any, any, any, any> ? P : never
/** The state of a layer. */
export type StateOf<L> = L extends Layer<any, infer S, any, any, any> ? S : never
/** What a layer takes. */
export type InputOf<L> = L extends {
  readonly apply: (params: never, state: never, input: infer I, mode: never) => unknown
}
  ? I
  : never
/** What a layer gives. */
export type OutputOf<L> = L extends { readonly apply: (...args: never) => readonly [infer O, unknown] } ? O : never
/** What a layer looks at besides. */
export type ContextOf<L> = L extends Layer<any, any, any, any, infer C> ? C : never
/* eslint-enable @typescript-eslint/no-explicit-any */

/** What stands in an error at a model that looks at a context, which nobody gives where it is used. */
export interface NeedsNone<C> {
  readonly "a model that needs no context, as `providing` makes it": C
}

/** Besides a layer: nothing more, where all of its context may be left out. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- "nothing must be given"
export type Closed<C> = {} extends C ? unknown : NeedsNone<C>

/** What stands in an error at a layer that is not from a tensor to a tensor. */
export interface OfTensors {
  readonly "a layer that takes a tensor and gives one": Tensor
}

/** Besides a layer: nothing more, where it is from a tensor to a tensor. */
export type OnTensors<I, O> = [Tensor, O] extends [I, Tensor] ? unknown : OfTensors

/** What stands in an error at a layer that does not give what it takes. */
export interface GivesOther<I> {
  readonly "a layer that gives what it takes": I
}

/** Besides a layer: nothing more, where it gives what it takes. */
export type OntoItself<I, O> = [O] extends [I] ? unknown : GivesOther<I>

/** Whether a layer is trained, as `apply` has to be told. */
export const checkMode = <M extends Mode>(operation: string, mode: M): M =>
  isRecord(mode) && typeof mode.training === "boolean"
    ? mode
    : fail("DataError", operation, "a mode, { training: false } or { training: true, key }", describeValue(mode))

/** A layer that nobody can change, to which its spec belongs if it is new. */
export const frozen = <L extends object & { readonly spec?: LayerSpec | undefined }>(layer: L): L =>
  belonging("spec", layer)

/** How a layer was made, which nobody can change. */
export const specOf = (layer: string, options: LayerSpec["options"]): LayerSpec =>
  Object.freeze({ layer, options: Object.freeze(options) })

/** How a layer was made, if it says so, and was not changed since. */
export const ownSpec = (layer: SomeLayer): LayerSpec | undefined => ownPart("spec", layer)

/** A spec for what is data as another layer is. */
export const sameSpec = (layer: SomeLayer): { readonly spec?: LayerSpec } => {
  const spec = ownSpec(layer)
  return spec === undefined ? {} : { spec: specOf(spec.layer, spec.options) }
}

/** A layer that nobody can change, or a `DataError`. */
export const checkLayer = <L extends SomeLayer>(operation: string, layer: L, place?: string): L =>
  isLayer(layer)
    ? ownLayer(layer)
    : fail(
        "DataError",
        operation,
        "a layer, such as dense({ units: 1 }) or activation(relu)",
        describeValue(layer),
        place
      )

/** Options of what is then given a layer; a layer in their place is a `DataError` that says where it belongs. */
export const checkBefore = <O>(operation: string, options: O): O =>
  isLayer(options)
    ? fail(
        "DataError",
        operation,
        `options first, as in ${operation}(options)(layer)`,
        `a layer, ${(options as SomeLayer).name}`
      )
    : options

const isTree = (value: unknown): boolean => isTensor(value) || isRecord(value) || isList(value)

/** What a function of a layer gave as output, which an asynchronous one does not, or a `DataError`. */
export const checkOutput = <O>(operation: string, output: O, what: string): O =>
  isTree(output)
    ? output
    : fail("DataError", operation, `${what} that returns a tensor or a tree of them`, describeValue(output))

/** Starts a layer, which may be a user's: what it gives is looked at, and named by the layer. */
export const initLayer = <P extends object, S extends object, I extends object>(
  layer: Layer<P, S, I, object, never>,
  key: Tensor,
  input: I,
  context?: object
): Initial<P, S> => {
  const init = layer.init as (key: Tensor, input: I, context?: object) => Initial<P, S>
  const initial = init(key, input, context)
  return isRecord(initial) && isTree(initial.params) && isTree(initial.state)
    ? initial
    : fail("DataError", layer.name, "an init that returns { params, state }", describeValue(initial))
}

/** Applies a layer, which may be a user's: what it gives is looked at, and named by the layer. */
export const applyLayer = <P extends object, S extends object, I extends object, O extends object, C extends object>(
  layer: Layer<P, S, I, O, C>,
  params: P,
  state: S,
  input: I,
  mode: Mode & C
): readonly [output: O, state: S] => {
  const given = layer.apply(params, state, input, mode)
  if (!isPair(given) || !isTree(given[1]))
    return fail("DataError", layer.name, "an apply that returns [output, state]", describeValue(given))
  checkOutput(layer.name, given[0], "an apply")
  return given
}

/** A layer without parameters and without state. */
export type Stateless<I extends object = Tensor, O extends object = Tensor, C extends object = object> = Layer<
  None,
  None,
  I,
  O,
  C
>

/**
 * Makes a layer of a function that has neither parameters nor state. `f` gets the input and the mode, and must treat every
 * example of the batch alike. A name that is no text, an `f` that is no function, or one that returns no tree, is a
 * `DataError`.
 *
 * @example
 * import assert from "node:assert"
 * import { flip, tensor, toArray } from "thalweg"
 * import { stateless } from "thalweg/nn"
 *
 * const mirror = stateless("mirror", x => flip(x, [-1]))
 * const [y] = mirror.apply([], [], tensor([[1, 2, 3]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[3, 2, 1]])
 */
export const stateless = <I extends object = Tensor, O extends object = Tensor, C extends object = object>(
  name: string,
  f: (input: I, mode: Mode & C) => O
): Stateless<I, O, C> => {
  if (typeof name !== "string") fail("DataError", "stateless", "a name", describeValue(name))
  checkFunction("stateless", f)
  return frozen({
    name,
    init: () => ({ params: [], state: [] }),
    apply: (_, state, input, mode) => [checkOutput(name, f(input, checkMode(name, mode)), "a function"), state]
  })
}
