import { describeValue, isList, isRecord } from "../dataflow/describe.js"
import { fail, underPath } from "../dataflow/error.js"
import type * as E from "fp-ts/lib/Either.js"
import type * as t from "io-ts"
import { checkLayer, ownSpec, type LayerSpec, type Parts, type SomeLayer } from "../nn/layer.js"
import { layers } from "../nn/catalogue.js"
import {
  codeField,
  type AnyFields,
  type OptionsOf,
  type ChoiceField,
  type CodeField,
  type FlagField,
  type NameTable,
  type NumberField,
  type NumbersField,
  type RecordField,
  type StructureField
} from "../options/fields.js"
import { ownPart } from "../options/belonging.js"
import type { FunctionSpec } from "../options/function-recipe.js"
import { integer, type Range } from "../options/range.js"
import { resolve } from "../options/resolve.js"
import { choice, flag, list, number, plain, record, typeOf, type Codec, type ObjectCodec } from "./codec.js"
import type { Json, JsonRecord } from "./json.js"
import { namedCodec, type Catalogue } from "./options.js"
import { hint, refuse } from "./problem.js"
import type { LayerName, ModelSpec, OptionSpec } from "./spec.js"

/** What a recipe of layers says of itself, as `recipe` makes it: a user's, whose layers can then be data. */
export interface OwnLayer {
  readonly fields: AnyFields
  make(options: never): SomeLayer
}

type OwnLayers = Readonly<Record<string, OwnLayer>>

/** Whether something is recipes of layers by name, which do not hide those of the catalogue. */
const areOwn = (value: unknown): value is OwnLayers =>
  isRecord(value) &&
  Object.entries(value).every(([name, one]) => {
    const { fields, make } = (one ?? {}) as Partial<OwnLayer>
    return isRecord(fields) && typeof make === "function" && !Object.hasOwn(layers, name)
  })

const modelFields = {
  /** The user's recipes of layers that may be data besides those of the catalogue, by the names that the specs of their layers say. Default none. */
  layers: codeField<OwnLayers, OwnLayers>("recipes of layers by names that the catalogue has not", areOwn, {})
}

/** Which layers can be data besides those of the catalogue, of which the names are kept. */
export interface ModelOptions<N extends string = never> extends OptionsOf<typeof modelFields> {
  /** The user's recipes of layers that may be data besides those of the catalogue, by the names that the specs of their layers say. Default none. */
  readonly layers?: Readonly<Record<N, OwnLayer>> | undefined
}

/** What an option of a layer may be; code is no data. */
type LayerOption = NumberField | NumbersField | FlagField | ChoiceField | StructureField | CodeField | RecordField

/** One of two forms, of which a look at the JSON tells the one that is meant. */
const either = <A, B>(
  expected: string,
  isFirst: (value: unknown) => boolean,
  first: Codec<A>,
  second: Codec<B>
): Codec<A | B> => {
  const codecOf = (value: unknown) => (isFirst(value) ? first : second) as Codec<A | B>
  return {
    expected,
    decode: (input, context) => codecOf(input).decode(input, context),
    encode: spec => codecOf(spec).encode(spec),
    make: spec => codecOf(spec).make(spec)
  }
}

const perAxis = (range: Range): Codec<number | readonly number[]> => {
  const one = number(range)
  return either(`${one.expected}, or a list of such, one for each axis`, isList, list(one, ""), one)
}

const words = choice(["valid", "same"], ", or a list of pairs of whole numbers")
const pairs = list(list(number(integer), "a pair of whole numbers"), "")
const padding: Codec<string | readonly (readonly number[])[]> = either(words.expected, isList, pairs, words)

/** How the options of recipes of functions are read and written. */
const plainCodecOf = (field: NumberField | ChoiceField): Codec<OptionSpec> =>
  field.kind === "number" ? number(field.range) : choice(field.choices)

/** A function by its name, or by its recipe and options, or `false` where there may be none. */
const named = ({ names, tag, recipes }: NameTable, optional: boolean): Codec<OptionSpec> => {
  const expected = `the name of a function, or an object { "${tag}": …, … }${optional ? ", or false" : ""}`
  const is = (input: Json | undefined): input is string | false =>
    (optional && input === false) || (typeof input === "string" && Object.hasOwn(names, input))
  const known = plain(expected, is)
  const byName: Codec<string | false> = {
    ...known,
    decode: (input, context) =>
      typeof input === "string" && !is(input)
        ? refuse(context, [], input, `the name of a function (${hint(input, Object.keys(names))})`)
        : known.decode(input, context),
    make: spec => (spec === false ? false : names[spec])
  }
  return either(
    expected,
    isRecord,
    namedCodec({ tag, recipes, codecOf: plainCodecOf, plain: Object.keys(names) }),
    byName
  ) as Codec<OptionSpec>
}

/** What only code can say has to be left out. */
const code = (): Codec<never> => plain("nothing, since only code can say it", (_): _ is never => false)

type Codecs = {
  readonly [K in LayerOption["kind"]]: (field: Extract<LayerOption, { readonly kind: K }>) => Codec<OptionSpec>
}

const codecs: Omit<Codecs, "layer" | "layers"> = {
  number: ({ range }) => number(range),
  numbers: ({ range }) => list(number(range), `a list, each item ${range.expected}`),
  flag: () => flag,
  choice: ({ choices }) => choice(choices),
  perAxis: ({ range }) => perAxis(range),
  padding: () => padding,
  named: ({ table, optional }) => named(table, optional),
  code,
  record: code
}

type AnyLayer = ModelSpec<string>
type Recipes = Catalogue<SomeLayer, string, LayerOption, "layer">["recipes"]

/** The recipes of the catalogue, and those of the user's. */
const recipesWith = (own: OwnLayers): Recipes => ({ ...layers, ...own }) as Recipes // options are checked by recipes

/** How models are read, written and made of some recipes; an option of another kind than these is nothing that data can say. */
const codecOf = (recipes: Recipes): ObjectCodec<AnyLayer, SomeLayer> => {
  const layer: ObjectCodec<AnyLayer, SomeLayer> = namedCodec({
    tag: "layer",
    recipes,
    codecOf: field => ((all[field.kind] ?? code) as (field: LayerOption) => Codec<OptionSpec>)(field)
  })
  const several = "an object or a list of layers"
  const parts = either(several, isList, list(layer, ""), record(layer, several))
  const all: Partial<Codecs> = { ...codecs, layer: () => layer, layers: () => parts }
  return layer
}

const codec = codecOf(recipesWith({}))

/** The codec of models, with what else may be data. */
const codecWith = (operation: string, options: ModelOptions<string>): ObjectCodec<AnyLayer, SomeLayer> => {
  const { layers: own } = resolve(operation, modelFields, options)
  return Object.keys(own).length === 0 ? codec : codecOf(recipesWith(own))
}

/** A function as data: its name in a catalogue, or a recipe of it, with the options that it was given. */
const functionSpecOf = ({ names, tag, recipes }: NameTable, f: unknown): OptionSpec => {
  const name = f === false ? false : Object.keys(names).find(name => names[name] === f)
  if (name !== undefined) return name
  const spec = ownPart("spec", f as { readonly spec?: FunctionSpec })
  const recipe = Object.keys(recipes).find(name => recipes[name]?.title === spec?.title)
  if (recipe !== undefined && isRecord(spec?.options))
    return { [tag]: recipe, options: spec.options } as unknown as OptionSpec
  const expected = `a function that has a name as data: ${Object.keys(names).join(", ")}; or one that ${Object.keys(recipes).join(", ")} made`
  const { name: own } = f as { readonly name: string }
  return fail(
    "DataError",
    "toModelSpec",
    expected,
    Object.hasOwn(names, own) ? `another function called ${own}` : describeValue(f)
  )
}

/** Whether options of a kind can be data: those of the user's recipes may be of other kinds. */
const isKnown = ({ kind }: LayerOption): boolean => Object.hasOwn(codecs, kind) || kind === "layer" || kind === "layers"

/** An option that code has given, as data. */
const optionOf = (recipes: Recipes, field: LayerOption | undefined, value: unknown): OptionSpec => {
  if (field === undefined)
    return fail("DataError", "toModelSpec", "an option that the recipe of the layer has", describeValue(value))
  if (field.kind === "code" || field.kind === "record" || !isKnown(field))
    return fail(
      "DataError",
      "toModelSpec",
      "an option that data can say, as of fixed, choice and flag",
      `${describeValue(value)}, of the kind "${field.kind}"`
    )
  if (field.kind === "named") return functionSpecOf(field.table, value)
  if (field.kind === "layer") return specOf(recipes, value as SomeLayer)
  if (field.kind !== "layers") return value as OptionSpec
  return isList(value)
    ? value.map((part, i) => underPath(String(i), () => specOf(recipes, part as SomeLayer)))
    : Object.fromEntries(
        Object.entries(value as Parts).map(([name, part]) => [name, underPath(name, () => specOf(recipes, part))])
      )
}

const refuseLayer = (received: string): never =>
  fail(
    "DataError",
    "toModelSpec",
    "a layer of the catalogue, or one whose spec names one of the layers that were given",
    received
  )

/** How a layer says that it was made, which may be a user's. */
const saidOf = (layer: SomeLayer): LayerSpec => {
  const { name, spec } = layer
  if (spec === undefined) return refuseLayer(`"${name}", without a spec`)
  if (!isRecord(spec) || typeof spec.layer !== "string" || !isRecord(spec.options))
    return fail("DataError", "toModelSpec", "a spec { layer, options }", describeValue(spec))
  return ownSpec(layer) ?? refuseLayer(`a copy of "${spec.layer}" that was changed, without a spec of its own`)
}

const specOf = (recipes: Recipes, layer: SomeLayer): AnyLayer => {
  const spec = saidOf(layer)
  const found = Object.hasOwn(recipes, spec.layer) ? recipes[spec.layer] : undefined
  if (found === undefined) return refuseLayer(`"${spec.layer}"`)
  const { fields } = found
  const options = Object.entries(spec.options).flatMap(([option, value]) =>
    value === undefined ? [] : [[option, underPath(option, () => optionOf(recipes, fields[option], value))] as const]
  )
  return { layer: spec.layer, options: Object.fromEntries(options) }
}

/**
 * Says of what a model is made, as data: the names of its layers and the options that they were given.
 *
 * Throws a `DataError` at the path of what is no data: a layer of one's own, made by `connect` or by hand, a copy of another that was
 * changed in more than its name, or a function of one's own. Initializers and activations that are made of options,
 * `leakyRelu(0.2)`, are data by these.
 *
 * `layers`: recipes of the user's, by name (Keras's `custom_objects`); the other three functions take the same. A layer of theirs
 * says in its `spec` by which of them it was made, and the options that it was given, which are numbers, words and flags (`fixed`,
 * `choice`, `flag`). Names of the catalogue, and what is no recipe, are a `HyperparameterError`.
 *
 * Law: `toModelSpec(fromModelSpec(s)) ≡ s`.
 *
 * @example
 * import assert from "node:assert"
 * import { dense, repeat } from "thalweg/nn"
 * import { toModelSpec } from "thalweg/spec"
 *
 * assert.deepStrictEqual(toModelSpec(repeat(2)(dense({ units: 3 }))), {
 *   layer: "repeat",
 *   options: { times: 2, of: { layer: "dense", options: { units: 3 } } }
 * })
 *
 * @example
 * import assert from "node:assert"
 * import { full, mul, type Tensor } from "thalweg"
 * import { dense, sequential, type Layer } from "thalweg/nn"
 * import { decodeModel, encodeModel, fromModelSpec, toModelSpec } from "thalweg/spec"
 * import { fixed, range, recipe } from "thalweg/transform"
 *
 * // a layer of one's own that can be data
 * const layerScale = recipe("layerScale", { initial: fixed(range.finite, 1) }, {}, ({ initial }, given): Layer<{
 *   readonly weight: Tensor
 * }> => ({
 *   name: "layerScale",
 *   init: (_, x) => ({ params: { weight: full(x.shape.slice(-1), initial) }, state: [] }),
 *   apply: ({ weight }, state, x) => [mul(x, weight), state],
 *   spec: { layer: "layerScale", options: given }
 * }))
 * const own = { layers: { layerScale } }
 * const model = sequential(dense({ units: 2 }), layerScale({ initial: 0.1 }))
 * const json = encodeModel(toModelSpec(model, own), own)
 * assert.deepStrictEqual(json, {
 *   layer: "sequential",
 *   of: [{ layer: "dense", units: 2 }, { layer: "layerScale", initial: 0.1 }]
 * })
 * const read = decodeModel(json, own)
 * assert.ok(read._tag === "Right")
 * assert.strictEqual(fromModelSpec(read.right, own).name, "sequential")
 */
export const toModelSpec = <N extends string = never>(
  model: SomeLayer,
  options: ModelOptions<N> = {}
): ModelSpec<LayerName | N> => {
  const { layers: own } = resolve("toModelSpec", modelFields, options)
  return specOf(recipesWith(own), checkLayer("toModelSpec", model)) as ModelSpec<LayerName | N> // of these recipes
}

/**
 * Makes the model that a spec describes. It never throws for a spec that was decoded; for one that was not, a
 * `HyperparameterError` if options are out of range.
 *
 * @example
 * import assert from "node:assert"
 * import { zeros } from "thalweg"
 * import { key } from "thalweg/random"
 * import { fromModelSpec } from "thalweg/spec"
 *
 * const model = fromModelSpec({ layer: "dense", options: { units: 3 } })
 * assert.deepStrictEqual(model.init(key(0), zeros([1, 2])).params.kernel.shape, [2, 3])
 */
export const fromModelSpec = <N extends string = never>(
  spec: ModelSpec<LayerName | NoInfer<N>>,
  options: ModelOptions<N> = {}
): SomeLayer => codecWith("fromModelSpec", options).make(spec)

const typeWith = (operation: string, options: ModelOptions<string>) =>
  typeOf("ModelSpec", "encodeModel", codecWith(operation, options))

/**
 * Reads and writes models as JSON: `{ "layer": name, …options }`. Layers that others are made of are such objects, too, under
 * `of`: `{ "layer": "sequential", "of": { "hidden": { "layer": "dense", "units": 8 }, … } }`, or a list of them. Initializers and
 * activations have the names of their functions, or, with options, are objects too: `{ "initializer": "truncatedNormal",
 * "standardDeviation": 0.1 }`, `{ "activation": "leakyRelu", "slope": 0.2 }`.
 *
 * Decoding is total, within the bounds of `optimizerSpec`: whatever comes, the answer is a `Right` or a `Left` that says for each
 * mistake where it is, what was expected and what came. Whether the layers fit each other and an input is seen at `init`.
 *
 * Laws: `decode(encode(s)) ≡ Right(s)` for what was decoded.
 *
 * @example
 * import assert from "node:assert"
 * import { modelSpec, report } from "thalweg/spec"
 *
 * const json = { layer: "sequential", of: [{ layer: "dense", units: 8, kernel: "heNormal" }, { layer: "activation", f: "relu" }] }
 * const good = modelSpec.decode(json)
 * assert.ok(good._tag === "Right")
 * assert.deepStrictEqual(modelSpec.encode(good.right), json)
 *
 * const bad = modelSpec.decode({ layer: "residual", of: { layer: "dense", units: 0, kernal: "heNormal" } })
 * assert.ok(bad._tag === "Left")
 * assert.deepStrictEqual(report(bad.left), [
 *   "of/units: expected a whole number ≥ 1; got 0",
 *   'of/kernal: expected options of dense only (did you mean "kernel"?); got "heNormal"'
 * ])
 */
export const modelSpec = typeWith("modelSpec", {}) as unknown as t.Type<ModelSpec, JsonRecord> // of the catalogue

/**
 * Decodes a model from JSON; `modelSpec` says what it must look like, and `toModelSpec` what `layers` are.
 *
 * @example
 * import assert from "node:assert"
 * import { decodeModel, report } from "thalweg/spec"
 *
 * const wrong = decodeModel({ layer: "dens", units: 1 })
 * assert.ok(wrong._tag === "Left")
 * assert.deepStrictEqual(report(wrong.left), ['layer: expected a known layer (did you mean "dense"?); got "dens"'])
 */
export const decodeModel = <N extends string = never>(
  json: unknown,
  options: ModelOptions<N> = {}
): E.Either<t.Errors, ModelSpec<LayerName | N>> =>
  typeWith("decodeModel", options).decode(json) as E.Either<t.Errors, ModelSpec<LayerName | N>> // of these recipes

/**
 * Encodes a model as JSON, options in the order of the catalogue. A model that could not be decoded again, being larger than what
 * is read (24 levels) or with options out of range, is a `DataError`. `modelSpec.encode` is the same.
 *
 * Law: `decodeModel(encodeModel(s)) ≡ Right(s)`.
 *
 * @example
 * import assert from "node:assert"
 * import { dense } from "thalweg/nn"
 * import { encodeModel, toModelSpec } from "thalweg/spec"
 *
 * assert.deepStrictEqual(encodeModel(toModelSpec(dense({ units: 8 }))), { layer: "dense", units: 8 })
 */
export const encodeModel = <N extends string = never>(
  spec: ModelSpec<LayerName | NoInfer<N>>,
  options: ModelOptions<N> = {}
): JsonRecord => typeWith("encodeModel", options).encode(spec)
