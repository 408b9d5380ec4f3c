export { readIdx } from "./datasets.js"
export { readJson, writeText } from "./files.js"
export { progress, type ProgressDisplay, type ProgressOptions, type ProgressState } from "./progress.js"
export { readTree, writeTree } from "./trees.js"
