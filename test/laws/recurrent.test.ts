import { isHeld } from "./hold.js"
import { recurring } from "./suites/foundations.js"

isHeld(recurring)
