import { convolutionLaws, layerLaws, normalizationLaws, pretrainedLaws } from "thalweg/laws"
import * as nn from "thalweg/nn"
import { convolutionMutants } from "../mutants/convolution.js"
import { normalizationMutants } from "../mutants/normalization.js"
import { layerMutants, pretrainedMutants } from "../mutants/layers.js"
import { fromModelSpec } from "thalweg/spec"
import type { Suite } from "./suite.js"

export const layers: Suite = ["layers", layerLaws(fromModelSpec), layerMutants]
export const pretrainings: Suite = ["pretrained", pretrainedLaws(nn.pretrained), pretrainedMutants]
export const convolutions: Suite = ["convolutions and pooling", convolutionLaws(nn), convolutionMutants]
export const normalizations: Suite = ["normalization of channels", normalizationLaws(nn), normalizationMutants]
