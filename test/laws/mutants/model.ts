import * as E from "fp-ts/lib/Either.js"
import { modelLaws, type ModelFunctions } from "thalweg/laws"
import { decodeModel, encodeModel, fromModelSpec, toModelSpec, type ModelSpec } from "thalweg/spec"
import { mutant, type Mutants } from "./mutant.js"

const right: ModelFunctions = { decode: decodeModel, encode: encodeModel, fromSpec: fromModelSpec, toSpec: toModelSpec }
const suite = (wrong: Partial<ModelFunctions>) => modelLaws({ ...right, ...wrong })

/** A spec that is changed as text. */
const edited =
  (change: (text: string) => string) =>
  (spec: ModelSpec): ModelSpec =>
    JSON.parse(change(JSON.stringify(spec))) as ModelSpec

export const modelMutants: Mutants = {
  "a model that is written and read is as it was": [
    mutant(
      "reads layers by name in the order of the alphabet",
      suite({
        decode: json =>
          decodeModel(
            JSON.parse(
              JSON.stringify(json, (key, part: unknown) =>
                key === "of" && typeof part === "object" && part !== null && !("layer" in part) && !Array.isArray(part)
                  ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? 1 : -1)))
                  : part
              )
            )
          )
      })
    ),
    mutant(
      "reads causal attention as any",
      suite({ decode: json => E.map(edited(text => text.replaceAll('"causal":true', '"causal":false')))(decodeModel(json)) }) // prettier-ignore
    ),
    mutant(
      "writes functions without their options",
      suite({
        encode: spec => encodeModel(edited(text => text.replaceAll(/"slope":0.25|"min":-1,"max":0.5/g, ""))(spec))
      })
    ),
    mutant(
      "writes a repeat as one layer",
      suite({ encode: spec => encodeModel(edited(text => text.replaceAll('"times":2', '"times":1'))(spec)) })
    )
  ],
  "a model carries the spec that it was made of": [
    mutant(
      "carries the layer that is repeated",
      suite({
        toSpec: layer => toModelSpec(layer.spec?.layer === "repeat" ? (layer.layers?.["each"] ?? layer) : layer)
      })
    ),
    mutant(
      "forgets of which options a function was made",
      suite({
        toSpec: layer =>
          edited(text => text.replaceAll('{"activation":"leakyRelu","options":{"slope":0.25}}', '"leakyRelu"'))(
            toModelSpec(layer)
          )
      })
    ),
    mutant(
      "forgets what is the default",
      suite({
        toSpec: layer => edited(text => text.replaceAll(/,"causal":false|"causal":false,/g, ""))(toModelSpec(layer))
      })
    )
  ]
}
