import { isHeld } from "./hold.js"
import { training } from "./suites/foundations.js"

isHeld(training)
