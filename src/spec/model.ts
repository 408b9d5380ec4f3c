import { describeValue, isList } from "../dataflow/describe.js"
import { fail, underPath } from "../dataflow/error.js"
import type * as E from "fp-ts/lib/Either.js"
import type * as t from "io-ts"
import { checkLayer, type Parts, type SomeLayer } from "../nn/layer.js"
import { layers } from "../nn/catalogue.js"
import type {
  ChoiceField,
  CodeField,
  FlagField,
  NumberField,
  NumbersField,
  RecordField,
  StructureField
} from "../options/fields.js"
import { integer, type Range } from "../options/range.js"
import { choice, flag, list, number, plain, record, typeOf, type Codec, type ObjectCodec } from "./codec.js"
import type { Json, JsonRecord } from "./json.js"
import { namedCodec, type Catalogue } from "./options.js"
import { hint, refuse } from "./problem.js"
import type { ModelSpec, OptionSpec } from "./spec.js"

/** What an option of a layer may be; code is no data. */
type LayerOption = NumberField | NumbersField | FlagField | ChoiceField | StructureField | CodeField | RecordField

type Names = keyof typeof layers

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

/** A function by its name, or `false` where there may be none. */
const named = (names: Readonly<Record<string, unknown>>, optional: boolean): Codec<string | false> => {
  const expected = `the name of a function${optional ? ", or false" : ""}`
  const is = (input: Json | undefined): input is string | false =>
    (optional && input === false) || (typeof input === "string" && Object.hasOwn(names, input))
  const known = plain(expected, is)
  return {
    ...known,
    decode: (input, context) =>
      typeof input === "string" && !is(input)
        ? refuse(context, [], input, `${expected} (${hint(input, Object.keys(names))})`)
        : known.decode(input, context),
    make: spec => (spec === false ? false : names[spec])
  }
}

const from: Catalogue<SomeLayer, Names, LayerOption, "layer"> = {
  tag: "layer",
  recipes: layers,
  codecOf: field => (codecs[field.kind] as (field: LayerOption) => Codec<OptionSpec>)(field)
}
const codec: ObjectCodec<ModelSpec, SomeLayer> = namedCodec(from)

const parts = either(
  "an object or a list of layers",
  isList,
  list(codec, ""),
  record(codec, "an object or a list of layers")
)

/** What only code can say has to be left out. */
const code = (): Codec<never> => plain("nothing, since only code can say it", (_): _ is never => false)

const codecs: {
  readonly [K in LayerOption["kind"]]: (field: Extract<LayerOption, { readonly kind: K }>) => Codec<OptionSpec>
} = {
  number: ({ range }) => number(range),
  numbers: ({ range }) => list(number(range), `a list, each item ${range.expected}`),
  flag: () => flag,
  choice: ({ choices }) => choice(choices),
  perAxis: ({ range }) => perAxis(range),
  padding: () => padding,
  named: ({ names, optional }) => named(names, optional),
  layer: () => codec,
  layers: () => parts,
  code,
  record: code
}

/** The name of a function in a catalogue. */
const nameOf = (names: Readonly<Record<string, unknown>>, f: unknown): string | false => {
  const found = f === false ? false : Object.keys(names).find(name => names[name] === f)
  return (
    found ??
    fail(
      "DataError",
      "toModelSpec",
      `a function that has a name as data: ${Object.keys(names).join(", ")}`,
      describeValue(f)
    )
  )
}

/** An option that code has given, as data. */
const optionOf = (field: LayerOption | undefined, value: unknown): OptionSpec => {
  if (field === undefined || field.kind === "code" || field.kind === "record")
    return fail("DataError", "toModelSpec", "options that can be data", describeValue(value))
  if (field.kind === "named") return nameOf(field.names, value)
  if (field.kind === "layer") return specOf(value as SomeLayer)
  if (field.kind !== "layers") return value as OptionSpec
  return isList(value)
    ? value.map((part, i) => underPath(String(i), () => specOf(part as SomeLayer)))
    : Object.fromEntries(
        Object.entries(value as Parts).map(([name, part]) => [name, underPath(name, () => specOf(part))])
      )
}

const specOf = ({ name, spec }: SomeLayer): ModelSpec => {
  if (spec === undefined || !Object.hasOwn(layers, spec.layer))
    return fail("DataError", "toModelSpec", "a layer of the catalogue, which a recipe made", `"${spec?.layer ?? name}"`)
  const fields: Readonly<Record<string, LayerOption>> = from.recipes[spec.layer as Names].fields
  const options = Object.entries(spec.options).flatMap(([option, value]) =>
    value === undefined ? [] : [[option, underPath(option, () => optionOf(fields[option], value))] as const]
  )
  return { layer: spec.layer as Names, options: Object.fromEntries(options) }
}

/**
 * Says of what a model is made, as data: the names of its layers and the options that they were given.
 *
 * Throws a `DataError` at the path of what is no data: a layer of one's own, made by `connect` or by hand, or a function that is in
 * no catalogue.
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
 */
export const toModelSpec = (model: SomeLayer): ModelSpec => specOf(checkLayer("toModelSpec", model))

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
export const fromModelSpec = (spec: ModelSpec): SomeLayer => codec.make(spec)

/**
 * Reads and writes models as JSON: `{ "layer": name, …options }`. Layers that others are made of are such objects, too, under
 * `of`: `{ "layer": "sequential", "of": { "hidden": { "layer": "dense", "units": 8 }, … } }`, or a list of them. Initializers and
 * activations have the names of their functions.
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
export const modelSpec: t.Type<ModelSpec, JsonRecord> = typeOf("ModelSpec", "encodeModel", codec)

/**
 * Decodes a model from JSON; `modelSpec` says what it must look like.
 *
 * @example
 * import assert from "node:assert"
 * import { decodeModel, report } from "thalweg/spec"
 *
 * const wrong = decodeModel({ layer: "dens", units: 1 })
 * assert.ok(wrong._tag === "Left")
 * assert.deepStrictEqual(report(wrong.left), ['layer: expected a known layer (did you mean "dense"?); got "dens"'])
 */
export const decodeModel = (json: unknown): E.Either<t.Errors, ModelSpec> => modelSpec.decode(json)

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
export const encodeModel = (spec: ModelSpec): JsonRecord => modelSpec.encode(spec)
