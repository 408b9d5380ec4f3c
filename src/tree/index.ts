import type * as functions from "./functions.js"
import {
  flatten,
  leaves,
  map,
  paths,
  reduce,
  requireSameStructure,
  sameStructure,
  size,
  unflatten,
  zerosLike,
  zipWith
} from "./functions.js"

/** Functions on trees: structure-preserving maps, strict zips, folds, paths. */
export const Tree: typeof functions = /* @__PURE__ */ Object.freeze({
  flatten,
  leaves,
  map,
  paths,
  reduce,
  requireSameStructure,
  sameStructure,
  size,
  unflatten,
  zerosLike,
  zipWith
})
export type Tree = functions.Tree
/** The same, by a name that no value shares: the one that compilers can write in declaration files. */
export type { Tree as AnyTree, TreeLike, TreesLike } from "./tree.js"
export type {
  /** What `Tree` holds, by a name that compilers can write in declaration files. */
  functions as TreeFunctions
}
