import { adam, sgd, type Trait } from "thalweg/optimizer"
import { adamLaws, arbOptimizer, optimizerLawsOver, sgdLaws, traitLawsOver, type Law } from "thalweg/laws"
import { optimizerMutants } from "../mutants/optimizer.js"
import { adamMutants } from "../mutants/recipe/adam.js"
import { sgdMutants } from "../mutants/recipe/sgd.js"
import { traitMutants } from "../mutants/traits.js"
import { transformMutants } from "../mutants/transform.js"
import type { Suite } from "./suite.js"

export const traits: readonly Trait[] = ["additive", "leafwise", "elementwise", "blind", "odd", "still", "scaleFree"]

const inherited = { ...transformMutants, ...optimizerMutants, ...traitMutants }
/** The laws that a suite does not have from another. */
const own = (suite: readonly Law[]): readonly Law[] => suite.filter(({ name }) => !(name in inherited))

export const anyOptimizers: Suite = [
  "any optimizer",
  optimizerLawsOver(arbOptimizer()).filter(({ name }) => !(name in transformMutants)),
  optimizerMutants
]

export const compositions: Suite = [
  "compositions of any rows",
  traits.flatMap(trait => traitLawsOver(trait, arbOptimizer({ traits: [trait] }))),
  traitMutants
]

/** Recipes that are held to the laws of their kind as well. */
export const recipes = [
  ["sgd", sgdLaws(sgd)],
  ["adam", adamLaws(adam)]
] as const

export const ownOfRecipes: readonly Suite[] = [
  ["sgd itself", own(recipes[0][1]), sgdMutants],
  ["adam itself", own(recipes[1][1]), adamMutants]
]
