import type { Type } from "../../dataflow/type.js"

/** What a kernel is told besides values: the type of its result, and those of its arguments. */
export interface Call extends Type {
  readonly args: readonly Type[]
}
