import { isHeld } from "./hold.js"
import { minimized } from "./suites/foundations.js"

// each sample compiles programs of its own
isHeld(minimized, { numRuns: 20 })
