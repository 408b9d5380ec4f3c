import { isHeld } from "./hold.js"
import { composed } from "./suites/foundations.js"

isHeld(composed)
