import { isHeld } from "./hold.js"
import { elementary } from "./suites/foundations.js"

isHeld(elementary)
