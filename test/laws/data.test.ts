import { isHeld } from "./hold.js"
import { augmentations, data } from "./suites/foundations.js"

isHeld(data)
isHeld(augmentations)
