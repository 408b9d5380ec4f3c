import * as thalweg from "thalweg"
import {
  attentionLaws,
  augmentationLaws,
  autodiffLaws,
  batchingLaws,
  checkpointLaws,
  crossEntropyLaws,
  dataflowLaws,
  dataLaws,
  elementaryLaws,
  leastSquaresLaws,
  linalgLaws,
  locateLaws,
  lossLaws,
  metricLaws,
  scoreLaws,
  minimizeLaws,
  operationLaws,
  recurrentLaws,
  specLaws,
  trainingLaws,
  treeLaws
} from "thalweg/laws"
import * as minimizing from "thalweg/minimize"
import { bidirectional, recurrent, stateful } from "thalweg/nn"
import * as nn from "thalweg/nn"
import { decodeOptimizer, decodeTensors, decodeTree, encodeOptimizer, encodeTree, fromSpec, toSpec } from "thalweg/spec"
import { attentionMutants } from "../mutants/attention.js"
import * as train from "thalweg/train"
import { augmentationMutants } from "../mutants/augmentation.js"
import { autodiffMutants } from "../mutants/autodiff.js"
import { checkpointMutants } from "../mutants/checkpoint.js"
import { dataMutants } from "../mutants/data.js"
import { batchingMutants } from "../mutants/batching.js"
import { dataflowMutants } from "../mutants/dataflow.js"
import { elementaryMutants } from "../mutants/elementary.js"
import { leastSquaresMutants } from "../mutants/least-squares.js"
import { linalgMutants } from "../mutants/linalg.js"
import { locateMutants } from "../mutants/locate.js"
import { crossEntropyMutants, judgedLosses, lossMutants } from "../mutants/losses.js"
import { judgedMetrics, metricMutants, scoreMutants } from "../mutants/metrics.js"
import { minimizeMutants } from "../mutants/minimize.js"
import { operationMutants } from "../mutants/operations.js"
import { recurrentMutants } from "../mutants/recurrent.js"
import { specMutants } from "../mutants/spec.js"
import { trainingMutants } from "../mutants/training.js"
import { treeMutants } from "../mutants/tree.js"
import type { Suite } from "./suite.js"

const { Tree } = thalweg

export const trees: Suite = ["trees", treeLaws(Tree), treeMutants]
export const dataflow: Suite = ["dataflow", dataflowLaws(thalweg), dataflowMutants]
export const located: Suite = ["locate", locateLaws(thalweg.locate), locateMutants]
export const elementary: Suite = ["elementary functions", elementaryLaws(thalweg), elementaryMutants]
export const composed: Suite = ["composed operations", operationLaws(thalweg), operationMutants]
export const linearAlgebra: Suite = ["linear algebra", linalgLaws(thalweg), linalgMutants]
export const autodiff: Suite = ["derivatives", autodiffLaws(thalweg), autodiffMutants]
export const minimized: Suite = ["minimizing", minimizeLaws(minimizing), minimizeMutants]
export const fitted: Suite = ["least squares", leastSquaresLaws(minimizing), leastSquaresMutants]
export const batching: Suite = ["mapping over examples", batchingLaws(thalweg), batchingMutants]
export const specs: Suite = [
  "optimizers as data",
  specLaws({ decode: decodeOptimizer, encode: encodeOptimizer, fromSpec, toSpec }),
  specMutants
]
export const checkpoints: Suite = [
  "trees as files",
  checkpointLaws({ encodeTree, decodeTree, decodeTensors }),
  checkpointMutants
]
export const recurring: Suite = [
  "cells along sequences",
  recurrentLaws({ recurrent, stateful, bidirectional }),
  recurrentMutants
]
export const attention: Suite = ["attention", attentionLaws(nn), attentionMutants]
export const losses: readonly Suite[] = [
  ["losses", lossLaws(judgedLosses), lossMutants],
  ["cross-entropy", crossEntropyLaws(nn.crossEntropy), crossEntropyMutants],
  ["metrics", metricLaws(judgedMetrics), metricMutants],
  ["scores", scoreLaws(nn), scoreMutants]
]
export const training: Suite = ["training", trainingLaws(train), trainingMutants]
export const data: Suite = ["data", dataLaws(train), dataMutants]
export const augmentations: Suite = ["augmentations", augmentationLaws(train), augmentationMutants]
