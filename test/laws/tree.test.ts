import { isHeld } from "./hold.js"
import { trees } from "./suites/foundations.js"

isHeld(trees)
