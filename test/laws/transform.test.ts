import { describe } from "vitest"
import { isHeld } from "./hold.js"
import { transforms } from "./suites/transforms.js"

describe.each(transforms.map(suite => [suite[0], suite] as const))("%s", (_, suite) => {
  isHeld(suite)
})
