import { isHeld } from "./hold.js"
import { fitted } from "./suites/foundations.js"

// each sample compiles programs of its own
isHeld(fitted, { numRuns: 10 })
