import { isHeld } from "./hold.js"
import { dataflow } from "./suites/foundations.js"

isHeld(dataflow)
