import { zeros } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { lower, operands } from "../engine/program/lower.js"
import { share } from "../engine/program/share.js"
import { trace } from "../engine/trace.js"
import { flatten } from "../tree/tree.js"
import type { Named, Writer } from "./writer.js"

/** Writes a function of tensors. What does not depend on these is computed there too: identities would be long texts. */
export const inlined = (
  w: Writer,
  f: (...xs: readonly [Tensor, Tensor]) => Tensor,
  ...args: readonly Named[]
): Named => {
  const { leaves, structure } = flatten(args.map(({ shape, dtype }) => zeros(shape, dtype)))
  const { symbols, outputs } = trace(f, structure, leaves)
  const program = lower(outputs, operands(outputs, new Set(symbols)), { inputs: symbols })
  return w.inline(share(program), args)[0] as Named
}
