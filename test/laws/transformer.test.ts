import { isHeld } from "./hold.js"
import { blocks } from "./suites/networks.js"

isHeld(blocks)
