import { isHeld } from "./hold.js"
import { models } from "./suites/networks.js"

isHeld(models)
