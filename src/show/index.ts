export { equations, type EquationsOptions } from "./equations.js"
export { dataflow } from "./dataflow.js"
export type { ShowOptions } from "./step.js"
