import * as recipes from "thalweg/optimizer"
import * as transforms from "thalweg/transform"
import {
  adamFamilyLaws,
  adaptiveLaws,
  beyondAdamLaws,
  boundedAdamLaws,
  curvatureLaws,
  layerwiseLaws,
  matrixLaws,
  momoLaws,
  momentumFamilyLaws,
  privacyLaws,
  rateFreeLaws,
  scheduleFreeLaws,
  signLaws
} from "thalweg/laws"
import { adamFamilyMutants, beyondAdamMutants, boundedAdamMutants } from "../mutants/family/adam.js"
import { curvatureMutants } from "../mutants/family/curvature.js"
import { adaptiveMutants, momentumFamilyMutants, signMutants } from "../mutants/family/descent.js"
import { momoMutants, rateFreeMutants, scheduleFreeMutants } from "../mutants/family/free.js"
import { judged, privacyMutants } from "../mutants/family/privacy.js"
import { layerwiseMutants, matrixMutants } from "../mutants/family/layers.js"
import type { Suite } from "./suite.js"

export const families: readonly Suite[] = [
  ["momentum", momentumFamilyLaws(recipes), momentumFamilyMutants],
  ["rates of their own in each coordinate", adaptiveLaws(recipes), adaptiveMutants],
  ["signs", signLaws(recipes), signMutants],
  ["Adam, Adamax and NAdam", adamFamilyLaws(recipes), adamFamilyMutants],
  ["Adams that are held down", boundedAdamLaws(recipes), boundedAdamMutants],
  ["Adams that came later", beyondAdamLaws(recipes), beyondAdamMutants],
  ["rates of their own for each leaf", layerwiseLaws(recipes), layerwiseMutants],
  ["rows and columns", matrixLaws(recipes), matrixMutants],
  ["rates that are found", rateFreeLaws(recipes), rateFreeMutants],
  ["Polyak's step for momentum", momoLaws(recipes), momoMutants],
  ["curvature", curvatureLaws({ ...recipes, ...transforms }), curvatureMutants],
  ["averages of iterates", scheduleFreeLaws(recipes), scheduleFreeMutants],
  ["differential privacy", privacyLaws(judged), privacyMutants]
]
