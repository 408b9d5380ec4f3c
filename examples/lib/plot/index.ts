/** Plots for the examples: data in, Vega specification out, and one effect that writes it. */

export { grid } from "./grid.js"
export { learningCurve } from "./learningCurve.js"
export { lineChart } from "./lineChart.js"
export { lossCurves } from "./lossCurves.js"
export { pathsOverContours } from "./pathsOverContours.js"
export { writeSvg } from "./writeSvg.js"
export { averaged } from "./series.js"
export type { Series } from "./series.js"
