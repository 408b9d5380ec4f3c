import { convolutionLaws, normalizationLaws } from "thalweg/laws"
import * as nn from "thalweg/nn"
import { convolutionMutants } from "../mutants/convolution.js"
import { normalizationMutants } from "../mutants/normalization.js"
import type { Suite } from "./suite.js"

export const convolutions: Suite = ["convolutions and pooling", convolutionLaws(nn), convolutionMutants]
export const normalizations: Suite = ["normalization of channels", normalizationLaws(nn), normalizationMutants]
