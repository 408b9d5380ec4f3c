import { isHeld } from "./hold.js"
import { located } from "./suites/foundations.js"

isHeld(located)
