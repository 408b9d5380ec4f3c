export { vmap } from "./vmap.js"
export type { ArgumentAxes, AxesOf } from "./axes.js"
