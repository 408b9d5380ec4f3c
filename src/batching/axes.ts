import { describeKeys, describeValue, isList, isRecord } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { isTensor } from "../dataflow/tensor.js"
import { pathOf, type Structure, type Trail } from "../tree/tree.js"

/**
 * Along which axis the examples of a tree lie: one number for all its leaves, negative from the end; `null` for a tree
 * that is the same for every example; or a record or array of such for its branches.
 */
export type MappedAxes = number | null | readonly MappedAxes[] | { readonly [key: string]: MappedAxes }

const refuse = (expected: string, received: string, trail: Trail): never =>
  fail("AxisError", "vmap", expected, received, trail.length === 0 ? undefined : pathOf(trail))

const branchOf = (axes: unknown, keys: readonly (string | number)[], trail: Trail): readonly unknown[] => {
  const given = !isTensor(axes) && (isList(axes) || isRecord(axes)) ? Object.keys(axes) : undefined
  const known = given !== undefined && given.length === keys.length && keys.every(key => given.includes(String(key)))
  return known
    ? keys.map(key => (axes as Readonly<Record<string | number, unknown>>)[key])
    : refuse(
        `an axis, null, or one of these for each of ${describeKeys(keys.map(String))}`,
        given === undefined ? describeValue(axes) : describeKeys(given),
        trail
      )
}

/** The axis of each leaf of a structure, in order. */
export const leafAxes = (structure: Structure, axes: unknown, trail: Trail = []): readonly (number | null)[] => {
  if (structure.kind === "leaf")
    return axes === null || Number.isInteger(axes)
      ? [axes as number | null]
      : refuse("an axis, or null for a tensor that all examples share", describeValue(axes), trail)
  const keys = structure.kind === "record" ? structure.keys : [...structure.items.keys()]
  const isOne = axes === null || typeof axes === "number"
  const parts = isOne ? keys.map(() => axes) : branchOf(axes, keys, trail)
  return structure.items.flatMap((item, i) => leafAxes(item, parts[i], [...trail, keys[i] as string | number]))
}
