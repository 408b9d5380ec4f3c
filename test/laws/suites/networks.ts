import {
  blockLaws,
  compositionLaws,
  convolutionLaws,
  dropoutLaws,
  inferenceLaws,
  layerLaws,
  modelLaws,
  normalizationLaws,
  pretrainedLaws,
  repeatLaws
} from "thalweg/laws"
import * as nn from "thalweg/nn"
import { compositionMutants } from "../mutants/composition.js"
import { convolutionMutants } from "../mutants/convolution.js"
import { normalizationMutants } from "../mutants/normalization.js"
import { dropoutMutants } from "../mutants/dropout.js"
import { blockMutants } from "../mutants/transformer.js"
import { modelMutants } from "../mutants/model.js"
import { inferenceMutants, layerMutants, pretrainedMutants } from "../mutants/layers.js"
import { repeatMutants } from "../mutants/repeat.js"
import { decodeModel, encodeModel, fromModelSpec, toModelSpec } from "thalweg/spec"
import type { Suite } from "./suite.js"

export const layers: Suite = ["layers", layerLaws(fromModelSpec), layerMutants]
export const pretrainings: Suite = ["pretrained", pretrainedLaws(nn.pretrained), pretrainedMutants]
export const inferences: Suite = ["inference", inferenceLaws(nn.inference), inferenceMutants]
export const convolutions: Suite = ["convolutions and pooling", convolutionLaws(nn), convolutionMutants]
export const normalizations: Suite = ["normalization of channels", normalizationLaws(nn), normalizationMutants]
export const layersOfLayers: Suite = ["layers of layers", compositionLaws(nn), compositionMutants]
export const repeats: Suite = ["repeat", repeatLaws(nn.repeat), repeatMutants]
export const models: Suite = [
  "models as data",
  modelLaws({ decode: decodeModel, encode: encodeModel, fromSpec: fromModelSpec, toSpec: toModelSpec }),
  modelMutants
]
export const drops: Suite = ["dropout", dropoutLaws(nn), dropoutMutants]
export const blocks: Suite = ["blocks of Transformers", blockLaws(nn), blockMutants]
