import { describe } from "vitest"
import { isHeld } from "./hold.js"
import { layersOfLayers, repeats } from "./suites/networks.js"

describe.each([layersOfLayers, repeats])("%s", (...suite) => {
  isHeld(suite)
})
