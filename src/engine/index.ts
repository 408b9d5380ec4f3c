export { evaluate } from "./evaluate.js"
export { compile } from "./compile.js"
export { foldBatches, type FoldOptions } from "./fold.js"
export { item, toArray, toTyped } from "./read.js"
