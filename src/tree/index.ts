import * as functions from "./functions.js"

/** Functions on trees: structure-preserving maps, strict zips, folds, paths. */
export const Tree: typeof functions = functions
export type Tree = functions.Tree
