import { fail } from "../../dataflow/error.js"
import { showType, type Type } from "../../dataflow/type.js"

/** What a kernel computes; where the host gives no buffer that is large enough, a `MemoryError` that says for what. */
export const withinMemory = <A>(operation: string, outs: readonly Type[], compute: () => A): A => {
  try {
    return compute()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const wanted = `memory for ${outs.map(showType).join(", ")} and what it is computed from`
    return fail("MemoryError", operation, wanted, `a host that gives less (${error.message})`)
  }
}
