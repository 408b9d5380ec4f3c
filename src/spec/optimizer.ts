import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as t from "io-ts"
import { optimizers } from "../optimizer/catalogue.js"
import { combinators } from "../optimizer/combinators.js"
import type { AnyOptimizer } from "../optimizer/entry.js"
import { all, isRecord, readJson, type Json, type JsonRecord } from "./json.js"
import type { Codec } from "./codec.js"
import { attempt, build, catalogue, codecWith, decodeRow, encodeRow } from "./options.js"
import { below, problem } from "./problem.js"
import type { CombinatorSpec, OptimizerSpec } from "./spec.js"

const codec: Codec<OptimizerSpec> = {
  expected: "an optimizer",
  decode: (input, context) => decodeSpec(input, context),
  encode: spec => encode(spec),
  make: spec => fromSpec(spec)
}
const codecOf = codecWith(codec)
const base = catalogue<AnyOptimizer, keyof typeof optimizers>("optimizer", optimizers, codecOf)
const around = catalogue<(inner: AnyOptimizer) => AnyOptimizer, keyof typeof combinators>(
  "combinator",
  combinators,
  codecOf
)

/** More combinators are refused. */
const MAX_PIPE = 32

/**
 * Makes the optimizer that a spec describes, from the functions that the catalogues name.
 *
 * Its step is that of the composition by hand. It never throws for a spec that was decoded; for one that was not, a
 * `HyperparameterError` if options are out of range.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { fromSpec } from "thalweg/spec"
 *
 * const opt = fromSpec({ optimizer: "sgd", options: { learningRate: 0.5 }, pipe: [] })
 * const params = { w: tensor([1, 2]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([2, 2]) })
 * assert.deepStrictEqual(toArray(w), [0, 1])
 */
export const fromSpec = (spec: OptimizerSpec): AnyOptimizer =>
  spec.pipe.reduce<AnyOptimizer>(
    (inner, { combinator, options }) => build(around, combinator, options)(inner),
    build(base, spec.optimizer, spec.options)
  )

const decodePipe = (input: Json | undefined, context: t.Context): t.Validation<readonly CombinatorSpec[]> => {
  if (input === undefined) return t.success([])
  const items = input as readonly Json[]
  if (!Array.isArray(input) || items.length > MAX_PIPE)
    return t.failures([problem(context, [], input, `a list of at most ${MAX_PIPE} combinators`)])
  const decode = (item: Json, i: number) =>
    pipe(
      decodeRow(around, [], item, below(context, i)),
      E.map(({ name, options }): CombinatorSpec => ({ combinator: name, options }))
    )
  return all(items.map(decode))
}

const decodeSpec = (input: Json | undefined, context: t.Context): t.Validation<OptimizerSpec> => {
  const own = decodeRow(base, ["pipe"], input, context)
  const piped = decodePipe(
    isRecord(input) && Object.hasOwn(input, "pipe") ? input["pipe"] : undefined,
    below(context, "pipe")
  )
  if (E.isLeft(own)) return t.failures(E.isLeft(piped) ? [...own.left, ...piped.left] : own.left)
  if (E.isLeft(piped)) return piped
  const spec: OptimizerSpec = { optimizer: own.right.name, options: own.right.options, pipe: piped.right }
  return attempt(spec, () => fromSpec(spec), input, context)
}

const encode = (spec: OptimizerSpec): JsonRecord => ({
  ...encodeRow(base, spec.optimizer, spec.options),
  ...(spec.pipe.length === 0
    ? {}
    : { pipe: spec.pipe.map(({ combinator, options }) => encodeRow(around, combinator, options)) })
})

const validate: t.Validate<unknown, OptimizerSpec> = (input, context) =>
  pipe(
    readJson(input, context),
    E.chain(json => decodeSpec(json, context))
  )

const isSpec = (value: unknown): value is OptimizerSpec => {
  try {
    return E.isRight(validate(encode(value as OptimizerSpec), []))
  } catch {
    return false
  }
}

/**
 * Reads and writes optimizers as JSON: `{ "optimizer": name, …options, "pipe": [{ "combinator": name, …options }, …] }`.
 *
 * Names and options are those of `optimizers` and `combinators`. A hyperparameter is a number or a schedule,
 * `{ "schedule": name, …options }`; where a schedule is made of another, that stands under `of`. A `mask` is a pattern of
 * paths, or a list of patterns. Optimizers that others are made of are such objects, too: `elsewhere` of `muon`, and the
 * `optimizers` of `partition` by label, of which `labels`, a list `[[pattern, label], …]`, gives each parameter one by
 * the first pattern that matches. Options that are left out have their defaults, also in what is written: what is said
 * is kept, in the order of the catalogue.
 *
 * Decoding is total: whatever comes, the answer is a `Right` or a `Left` that says for each mistake where it is, what
 * was expected, what came and, for a name that is none, which was probably meant. Unknown options are mistakes, as are
 * labels without an optimizer and patterns that could match no path; whether one matches is seen at `init`. At most 32
 * combinators around an optimizer, 10 000 values and a depth of 24 are read; getters are not called.
 *
 * Laws: `decode(encode(s)) ≡ Right(s)` for what was decoded; `encode(decode(j))` is a normal form, unchanged when it is
 * decoded and encoded again.
 *
 * @example
 * import assert from "node:assert"
 * import { optimizerSpec, report } from "thalweg/spec"
 *
 * const json = { optimizer: "adam", learningRate: { schedule: "cosine", start: 0.1, steps: 100 } }
 * const good = optimizerSpec.decode(json)
 * assert.ok(good._tag === "Right")
 * assert.deepStrictEqual(optimizerSpec.encode(good.right), json)
 *
 * const parts = { body: { optimizer: "lion" }, head: json }
 * const labels = [["head/**", "head"], ["**", "body"]]
 * assert.ok(optimizerSpec.decode({ optimizer: "partition", optimizers: parts, labels })._tag === "Right")
 *
 * const bad = optimizerSpec.decode({ optimizer: "adam", b1: 2, lerningRate: 0.1 })
 * assert.ok(bad._tag === "Left")
 * assert.deepStrictEqual(report(bad.left), [
 *   "b1: expected a number ≥ 0 and < 1, or a schedule; got 2",
 *   'lerningRate: expected options of adam only (did you mean "learningRate"?); got 0.1'
 * ])
 */
export const optimizerSpec: t.Type<OptimizerSpec, JsonRecord> = new t.Type("OptimizerSpec", isSpec, validate, encode)

/**
 * Decodes an optimizer from JSON; `optimizerSpec` says what it must look like.
 *
 * @example
 * import assert from "node:assert"
 * import { decodeOptimizer, report } from "thalweg/spec"
 *
 * const wrong = decodeOptimizer({ optimizer: "adm" })
 * assert.ok(wrong._tag === "Left")
 * assert.deepStrictEqual(report(wrong.left), [
 *   'optimizer: expected a known optimizer (did you mean "adam"?); got "adm"'
 * ])
 */
export const decodeOptimizer = (json: unknown): E.Either<t.Errors, OptimizerSpec> => optimizerSpec.decode(json)

/**
 * Encodes an optimizer as JSON in normal form: only what the spec says, in the order of the catalogue.
 *
 * Law: `decodeOptimizer(encodeOptimizer(s)) ≡ Right(s)`.
 *
 * @example
 * import assert from "node:assert"
 * import { encodeOptimizer } from "thalweg/spec"
 *
 * assert.deepStrictEqual(encodeOptimizer({ optimizer: "adam", options: { b1: 0.8 }, pipe: [] }), {
 *   optimizer: "adam",
 *   b1: 0.8
 * })
 */
export const encodeOptimizer: (spec: OptimizerSpec) => JsonRecord = encode
