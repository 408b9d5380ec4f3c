import { isHeld } from "./hold.js"
import { linearAlgebra } from "./suites/foundations.js"

isHeld(linearAlgebra)
