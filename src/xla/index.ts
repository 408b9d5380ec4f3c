export { toStableHlo, type StableHlo, type StableHloLeaf } from "./stablehlo.js"
