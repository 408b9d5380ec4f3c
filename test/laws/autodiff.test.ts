import { isHeld } from "./hold.js"
import { autodiff } from "./suites/foundations.js"

isHeld(autodiff)
