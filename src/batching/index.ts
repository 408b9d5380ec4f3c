export { vmap } from "./vmap.js"
export type { MappedAxes } from "./axes.js"
