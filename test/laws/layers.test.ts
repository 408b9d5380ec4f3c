import { isHeld } from "./hold.js"
import { layers } from "./suites/networks.js"

isHeld(layers)
