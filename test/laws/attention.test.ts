import { isHeld } from "./hold.js"
import { attention } from "./suites/foundations.js"

isHeld(attention)
