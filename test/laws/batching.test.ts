import { isHeld } from "./hold.js"
import { batching } from "./suites/foundations.js"

isHeld(batching)
