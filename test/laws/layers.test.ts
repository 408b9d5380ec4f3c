import { isHeld } from "./hold.js"
import { layers, pretrainings } from "./suites/networks.js"

isHeld(layers)
isHeld(pretrainings)
