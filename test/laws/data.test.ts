import { isHeld } from "./hold.js"
import { data } from "./suites/foundations.js"

isHeld(data)
