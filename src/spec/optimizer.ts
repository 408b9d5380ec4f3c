import { fail } from "../dataflow/error.js"
import { checkRecord } from "../dataflow/check.js"
import { describeValue, isRecord as isPlain } from "../dataflow/describe.js"
import { sequenceS } from "fp-ts/lib/Apply.js"
import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as t from "io-ts"
import { optimizers } from "../optimizer/catalogue.js"
import { combinators } from "../optimizer/combinators.js"
import type { AnyOptimizer } from "../optimizer/optimizer.js"
import { belonging, ownPart } from "../options/belonging.js"
import type { Field } from "../options/fields.js"
import type { Schedule } from "../options/hyperparameter.js"
import { all, isRecord, validation, type Json, type JsonRecord } from "./json.js"
import { typeOf, type ObjectCodec } from "./codec.js"
import { attempt, build, codecsWith, decodeNamed, encodeNamed, namedCodec, type Catalogue } from "./options.js"
import { below, refuse } from "./problem.js"
import type { CombinatorSpec, OptimizerSpec, ScheduleSpec } from "./spec.js"

type Combinator = (inner: AnyOptimizer) => AnyOptimizer

/** An optimizer that was made of a spec, which it carries. */
export interface SpecifiedOptimizer extends AnyOptimizer {
  readonly spec: OptimizerSpec
}

const codec: ObjectCodec<OptimizerSpec, SpecifiedOptimizer> = {
  expected: "an optimizer",
  decode: (input, context) => decodeSpec(input, context),
  encode: spec => encode(spec),
  make: spec => fromSpec(spec)
}
const { codecOf, schedule } = codecsWith(codec)
const fromOptimizers: Catalogue<AnyOptimizer, keyof typeof optimizers> = {
  tag: "optimizer",
  recipes: optimizers,
  codecOf
}
const fromCombinators: Catalogue<Combinator, keyof typeof combinators, Field, "combinator"> = {
  tag: "combinator",
  recipes: combinators,
  codecOf
}
const combinator: ObjectCodec<CombinatorSpec, Combinator> = namedCodec(fromCombinators)

/** More combinators are refused. */
const MAX_PIPE = 32

/** More are refused in all, since each keeps the state inside twice. */
const MAX_PULLBACKS = 4

/** A spec at its top, or a `DataError`: one that was not decoded may be anything. */
const checkSpec = (operation: string, spec: OptimizerSpec): OptimizerSpec => {
  const { pipe, options } = (isPlain(spec) ? spec : {}) as Partial<OptimizerSpec>
  return Array.isArray(pipe) && pipe.every(isPlain) && isPlain(options)
    ? spec
    : fail("DataError", operation, "a spec { optimizer, options, pipe }", describeValue(spec))
}

/**
 * Makes the optimizer that a spec describes, from the functions that the catalogues name. It carries the spec: `toSpec`.
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
export const fromSpec = (spec: OptimizerSpec): SpecifiedOptimizer =>
  belonging("spec", {
    ...checkSpec("fromSpec", spec).pipe.reduce<AnyOptimizer>(
      (inner, each) => combinator.make(each)(inner),
      build(fromOptimizers, spec.optimizer, spec.options)
    ),
    spec: Object.freeze({ ...spec })
  })

/**
 * Goes back from an optimizer that `fromSpec` made to its spec. One without a spec is a `DataError`, and so is a copy that was
 * changed, `{ ...fromSpec(spec), step }`, which is no longer what the spec says, unless it is given another.
 *
 * Law: `toSpec(fromSpec(s)) ≡ s`.
 *
 * @example
 * import assert from "node:assert"
 * import { fromSpec, toSpec, type OptimizerSpec } from "thalweg/spec"
 *
 * const spec: OptimizerSpec = { optimizer: "adam", options: { b1: 0.8 }, pipe: [] }
 * assert.deepStrictEqual(toSpec(fromSpec(spec)), spec)
 */
export const toSpec = (optimizer: SpecifiedOptimizer): OptimizerSpec => {
  checkSpec("toSpec", checkRecord("toSpec", optimizer)["spec"] as OptimizerSpec)
  return (
    ownPart("spec", optimizer) ??
    fail(
      "DataError",
      "toSpec",
      "an optimizer as fromSpec made it, or with a spec of its own",
      "a copy that was changed"
    )
  )
}

/**
 * Makes the schedule that a spec describes.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar } from "thalweg"
 * import { fromScheduleSpec } from "thalweg/spec"
 *
 * const falling = fromScheduleSpec({ schedule: "linear", options: { start: 1, end: 0, steps: 4 } })
 * assert.strictEqual(item(falling(scalar(1))), 0.75)
 */
export const fromScheduleSpec = (spec: ScheduleSpec): Schedule => schedule.make(spec)

/**
 * Makes the combinator that a spec describes.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar } from "thalweg"
 * import { fromCombinatorSpec, fromSpec } from "thalweg/spec"
 *
 * const halved = fromCombinatorSpec({ combinator: "withSchedule", options: { factor: 0.5 } })
 * const opt = halved(fromSpec({ optimizer: "sgd", options: { learningRate: 1 }, pipe: [] }))
 * assert.strictEqual(item(opt.rate(opt.init(scalar(0)))), 0.5)
 */
export const fromCombinatorSpec = (spec: CombinatorSpec): Combinator => combinator.make(spec)

const decodePipe = (input: Json | undefined, context: t.Context): t.Validation<readonly CombinatorSpec[]> => {
  if (input === undefined) return t.success([])
  const items = input as readonly Json[]
  if (!Array.isArray(input) || items.length > MAX_PIPE)
    return refuse(context, [], input, `a list of at most ${MAX_PIPE} combinators`)
  return all(items, (item, i) => combinator.decode(item, below(context, i)))
}

const decodeSpec = (input: Json | undefined, context: t.Context): t.Validation<OptimizerSpec> => {
  const piped = isRecord(input) && Object.hasOwn(input, "pipe") ? input["pipe"] : undefined
  return pipe(
    sequenceS(validation)({
      own: decodeNamed(fromOptimizers, ["pipe"], input, context),
      pipe: decodePipe(piped, below(context, "pipe"))
    }),
    E.map(({ own, pipe }): OptimizerSpec => ({ optimizer: own.name, options: own.options, pipe })),
    E.chain(spec => attempt(spec, () => fromSpec(spec), input, context))
  )
}

const encode = (spec: OptimizerSpec): JsonRecord => ({
  ...encodeNamed(fromOptimizers, checkSpec("encodeOptimizer", spec).optimizer, spec.options),
  ...(spec.pipe.length === 0 ? {} : { pipe: spec.pipe.map(each => combinator.encode(each)) })
})

/** How many lookaheads in a text pull back. */
const pullbacks = (json: Json | undefined): number => {
  const inside = Array.isArray(json) ? (json as readonly Json[]) : isRecord(json) ? Object.values(json) : []
  const own = isRecord(json) && json["atSync"] === "pullback" ? 1 : 0
  return inside.reduce((total: number, item) => total + pullbacks(item), own)
}

const bounded: ObjectCodec<OptimizerSpec> = {
  ...codec,
  decode: (input, context) =>
    pullbacks(input) > MAX_PULLBACKS
      ? refuse(context, [], input, `at most ${MAX_PULLBACKS} lookaheads that pull back`)
      : codec.decode(input, context)
}

/**
 * Reads and writes optimizers as JSON: `{ "optimizer": name, …options, "pipe": [{ "combinator": name, …options }, …] }`.
 *
 * Names and options are those of `optimizers` and `combinators`. A hyperparameter is a number or a schedule,
 * `{ "schedule": name, …options }`; where a schedule is made of another, that stands under `of`. A `mask` is a pattern
 * of paths, or a list of patterns, as are the `matrices` of `muon`. Optimizers that others are made of are such objects, too: `elsewhere` of `muon`, and
 * the `optimizers` of `partition` by label, of which `labels`, a list `[[pattern, label], …]`, gives each parameter one
 * by the first pattern that matches. Options that are left out have their defaults, also in what is written: what is
 * said is kept, in the order of the catalogue.
 *
 * Decoding is total: whatever comes, the answer is a `Right` or a `Left` that says for each mistake where it is, what
 * was expected, what came and, for a name that is none, which was probably meant. Unknown options are mistakes, as are
 * options that mean nothing without one that is left out (`dampening` without `momentum`), labels without an optimizer
 * and patterns that could match no path; whether one matches is seen at `init`. At most 32 combinators around an
 * optimizer, 10 000 values, 1500 objects, each counted once for every level that it is deep, 24 levels, texts of 1000
 * characters and 4 lookaheads that pull back are read, and at most 100 mistakes told; getters are not called.
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
export const optimizerSpec: t.Type<OptimizerSpec, JsonRecord> = typeOf("OptimizerSpec", "encodeOptimizer", bounded)

/**
 * Reads and writes schedules as JSON: `{ "schedule": name, …options }`, as they stand among the options of optimizers.
 *
 * @example
 * import assert from "node:assert"
 * import { fromScheduleSpec, scheduleSpec } from "thalweg/spec"
 *
 * const decoded = scheduleSpec.decode({ schedule: "warmup", steps: 3, of: { schedule: "constant", value: 1 } })
 * assert.ok(decoded._tag === "Right")
 * assert.strictEqual(typeof fromScheduleSpec(decoded.right), "function")
 */
export const scheduleSpec: t.Type<ScheduleSpec, JsonRecord> = typeOf("ScheduleSpec", "scheduleSpec", schedule)

/**
 * Reads and writes combinators as JSON: `{ "combinator": name, …options }`, as they stand in the `pipe` of optimizers.
 *
 * @example
 * import assert from "node:assert"
 * import { combinatorSpec, report } from "thalweg/spec"
 *
 * const wrong = combinatorSpec.decode({ combinator: "clipByNorm" })
 * assert.ok(wrong._tag === "Left")
 * assert.deepStrictEqual(report(wrong.left), ["maxNorm: expected a finite number ≥ 0, or a schedule; got undefined"])
 */
export const combinatorSpec: t.Type<CombinatorSpec, JsonRecord> = typeOf("CombinatorSpec", "combinatorSpec", combinator)

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
 * Encodes an optimizer as JSON in normal form: only what the spec says, in the order of the catalogue. What could not be decoded
 * again, being larger than what is read (24 levels) or with options out of range, is a `DataError`. `optimizerSpec.encode` is the
 * same.
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
export const encodeOptimizer = (spec: OptimizerSpec): JsonRecord => optimizerSpec.encode(spec)
