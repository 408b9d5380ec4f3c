import { isHeld } from "./hold.js"
import { convolutions } from "./suites/networks.js"

isHeld(convolutions)
