export { toStableHlo, type StableHlo, type StableHloLeaf } from "./stablehlo.js"
export type { Mesh, Placement, Placements } from "./placement.js"
