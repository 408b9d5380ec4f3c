import { sign } from "../dataflow/arithmetic.js"
import { Tree } from "../tree/index.js"
import type { StatelessF, Transform } from "./transform.js"

/**
 * Keeps only the signs of updates: `u' = sign(u)`, and 0 where `u = 0`. It has no state.
 *
 * Laws: idempotent; odd; elementwise; does not see the scale of the updates, all exactly.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleBySign } from "thalweg/transform"
 *
 * const u = tensor([100, -0.01, 0])
 * assert.deepStrictEqual(toArray(scaleBySign.update(u, scaleBySign.init(u), u, clockAt(0))[0]), [1, -1, 0])
 */
export const scaleBySign: Transform<StatelessF> = /* @__PURE__ */ Object.freeze<Transform<StatelessF>>({
  init: () => [],
  update: (updates, state) => [Tree.map(sign)(updates), state]
})
