import { type Tree } from "thalweg"
import { key } from "thalweg/random"
import type { SomeLayer } from "thalweg/nn"
import type { ModelSpec, modelSpec } from "thalweg/spec"
import { model, trainedBy, type Made, type ModelSample } from "./arbitrary/model.js"
import { exact } from "./equality.js"
import { law, type Law } from "./law.js"
import { spelled } from "./sides.js"

/** Models as data: how they are read, written and made. */
export interface ModelFunctions {
  readonly decode: (json: unknown) => ReturnType<(typeof modelSpec)["decode"]>
  readonly encode: (spec: ModelSpec) => object
  readonly fromSpec: (spec: ModelSpec) => SomeLayer
  readonly toSpec: (model: SomeLayer) => ModelSpec
}

/**
 * Lists the laws of models as data, over random specs: decoding undoes encoding, also by what the model starts from and does; what
 * is made of a spec carries it. All of them exact.
 *
 * @example
 * import assert from "node:assert"
 * import { checkAll, modelLaws } from "thalweg/laws"
 * import { decodeModel, encodeModel, fromModelSpec, toModelSpec } from "thalweg/spec"
 *
 * const suite = modelLaws({ decode: decodeModel, encode: encodeModel, fromSpec: fromModelSpec, toSpec: toModelSpec })
 * assert(checkAll(suite, { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const modelLaws = ({ decode, encode, fromSpec, toSpec }: ModelFunctions): readonly Law[] => {
  const again = (spec: ModelSpec): ModelSpec => {
    const decoded = decode(JSON.parse(JSON.stringify(encode(spec))))
    if (decoded._tag === "Left") throw new Error(`${decoded.left.length} mistakes in what was encoded`)
    return decoded.right
  }
  /** What a model starts from, and what it does while it is trained. */
  const run = (spec: ModelSpec, { input, seed }: ModelSample): Tree => {
    const layer = fromSpec(spec) as Made
    const { params, state } = layer.init(key(seed), input)
    return [params, state, ...layer.apply(params, state, input, trainedBy(seed))]
  }
  const text = (spec: ModelSpec): Tree => spelled([JSON.stringify(encode(spec))])
  return [
    law("a model that is written and read is as it was", exact, model, sample => [
      [run(again(sample.spec), sample), text(again(sample.spec))],
      [run(sample.spec, sample), text(sample.spec)]
    ]),
    law("a model carries the spec that it was made of", exact, model, ({ spec }) => [
      text(toSpec(fromSpec(spec))),
      text(spec)
    ])
  ]
}
