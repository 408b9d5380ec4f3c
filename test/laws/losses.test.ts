import { describe } from "vitest"
import { isHeld } from "./hold.js"
import { losses } from "./suites/foundations.js"

describe.each(losses)("%s", (...suite) => {
  isHeld(suite)
})
