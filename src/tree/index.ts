import * as functions from "./functions.js"

/** Functions on trees: structure-preserving maps, strict zips, folds, paths. */
export const Tree: typeof functions = functions
export type Tree = functions.Tree
/** The same, by a name that no value shares: the one that compilers can write in declaration files. */
export type { Tree as AnyTree } from "./functions.js"
export type { functions as TreeFunctions }
