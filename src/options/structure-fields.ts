import { hasMethods, isRecord } from "../dataflow/describe.js"
import { arePairs } from "../dataflow/shape.js"
import type { PaddingMode } from "../dataflow/window.js"
import { listOf, only, owned, within } from "./checks.js"
import type { Applying, LayerField, LayersField, NamedField, NameTable, PaddingField, PerAxisField } from "./kinds.js"
import type { Range } from "./range.js"

/** Describes an option that is one plain number for every spatial axis, or one for each. */
export const perAxis = <const D extends number | "none" | undefined = undefined>(
  range: Range,
  value?: D
): PerAxisField<D> => {
  const one = within(range)
  return {
    kind: "perAxis",
    range,
    default: value as D,
    check: (operation, name, given) =>
      Array.isArray(given) && given.length > 0 ? listOf(one)(operation, name, given) : one(operation, name, given)
  }
}

/** Describes an option that says how much is added at the ends of spatial axes. */
export const paddingField = (value: PaddingMode): PaddingField => ({
  kind: "padding",
  default: value,
  check: owned(
    only(
      '"valid", "same" or a pair of whole numbers for each spatial axis',
      given => given === "valid" || given === "same" || (Array.isArray(given) && arePairs(given, given.length))
    )
  )
})

/** Describes an option that is a function, which is data if it is in the catalogue, or made by one of its recipes. */
export const named = <A extends (...args: never) => unknown, D extends A | undefined = undefined>(
  table: NameTable,
  value?: D
): NamedField<A, D> => ({
  kind: "named",
  table,
  optional: false,
  default: value as D,
  check: only("a function", given => typeof given === "function")
})

/** The same, where there may be none. */
export const namedOrNone = <A extends (...args: never) => unknown, D extends A>(
  table: NameTable,
  value: D
): NamedField<A | false, D> => ({
  ...named<A, D>(table, value),
  optional: true,
  check: only("a function, or false for none", given => typeof given === "function" || given === false)
})

/** Whether it is a layer, as far as can be seen. */
export const isLayer = (value: unknown): boolean => hasMethods(value, ["init", "apply"])

/** A layer that nobody can change: of one that is written down, a copy. */
export const ownLayer = <L extends object>(layer: L): L =>
  isRecord(layer) && !Object.isFrozen(layer) ? Object.freeze({ ...layer }) : layer

const aLayer = /* @__PURE__ */ only("a layer", isLayer)

/** An option that is a layer. */
export const layerField: LayerField = {
  kind: "layer",
  default: undefined,
  check: (operation, name, value) => ownLayer(aLayer(operation, name, value) as Applying)
}

const someLayers = /* @__PURE__ */ only(
  "layers by name, or a list of them",
  value => (Array.isArray(value) || isRecord(value)) && Object.values(value).every(isLayer)
)

/** An option that is layers, by name or in a list. */
export const layersField: LayersField = {
  kind: "layers",
  default: undefined,
  check: (operation, name, value) => {
    const layers = someLayers(operation, name, value) as Readonly<Record<string, Applying>> | readonly Applying[]
    const own = Object.entries(layers).map(([part, layer]) => [part, ownLayer(layer)] as const)
    return Object.freeze(Array.isArray(layers) ? own.map(([, layer]) => layer) : Object.fromEntries(own))
  }
}
