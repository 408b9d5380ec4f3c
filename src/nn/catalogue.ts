import { dense } from "./dense.js"
import { dropout } from "./dropout.js"

/** The layers that are made of a record of options, by name. */
export const layers = { dense, dropout }
