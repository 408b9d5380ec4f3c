export * from "./law.js"
export * from "./equality.js"
export * from "./tree.js"
export * from "./dataflow.js"
