import { isHeld } from "./hold.js"
import { drops } from "./suites/networks.js"

isHeld(drops)
