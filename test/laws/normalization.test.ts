import { isHeld } from "./hold.js"
import { normalizations } from "./suites/networks.js"

isHeld(normalizations)
