import { zerosLike as zerosLikeTensor } from "../dataflow/create.js"
import { sizeOf } from "../dataflow/shape.js"
import * as functions from "./tree.js"

const zerosLike = functions.map(zerosLikeTensor)

const size = functions.reduce(0, (n, t) => n + sizeOf(t.shape))

/** Functions on trees: structure-preserving maps, strict zips, folds, paths. */
export const Tree = { ...functions, zerosLike, size }
export type Tree = functions.Tree
