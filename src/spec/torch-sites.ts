import { range } from "../dataflow/shape.js"
import { ownSpec, type SomeLayer } from "../nn/layer.js"
import { cells, partNames } from "./torch-rules.js"

/** Where a layer stands. */
interface Spot {
  /** Its path here. */
  readonly path: string
  /** Which depth of each `repeat` around it. */
  readonly depths: readonly number[]
  /** What its tensors begin with in PyTorch. */
  readonly prefix: string
}

/** A layer that is not made of others, where it stands, and what the names of its tensors end with. */
export interface Site extends Spot {
  readonly layer: SomeLayer
  readonly suffix: string
}

/** Which of our layers it is; one of the user's is none of them, whatever its name is, nor is one of ours that was changed. */
export const kindOf = (layer: SomeLayer): string => ownSpec(layer)?.layer ?? ""

/** What it is called in errors. */
export const titleOf = (layer: SomeLayer): string => kindOf(layer) || layer.name

/** The layer that another is made of by a function. */
const innerOf = ({ spec }: SomeLayer): SomeLayer => spec?.options["of"] as SomeLayer

/** What has the parameters and the path of the layer that it is made of. */
export const TRANSPARENT: readonly string[] = ["residual", "withParams", "providing", "inference"]

export const join = (path: string, name: string): string => (path === "" ? name : `${path}/${name}`)

/** Cells are numbered as the layers of one module. */
const numbered = (sites: readonly Site[], prefix: string, direction: string): readonly Site[] => {
  const numbers = new Map(
    sites.filter(({ layer }) => cells.includes(kindOf(layer))).map((site, number) => [site, number])
  )
  return sites.map(site => {
    const number = numbers.get(site)
    return number === undefined ? site : { ...site, prefix, suffix: `_l${number}${direction}` }
  })
}

/** Parts by place of which some go in both directions, and others have no parameters, are the layers of one module. */
const isBothWays = (layer: SomeLayer): boolean => {
  const parts: unknown = ownSpec(layer)?.options["of"]
  const kinds = Array.isArray(parts) ? (parts as readonly SomeLayer[]).map(kindOf) : []
  return kinds.includes("bidirectional") && kinds.every(kind => ["bidirectional", "dropout"].includes(kind))
}

const partsOf = (layer: SomeLayer, { path, depths, prefix }: Spot): readonly Site[] =>
  Object.entries(layer.layers ?? {}).flatMap(([part, inner]) => {
    const name = partNames[kindOf(layer)]?.[part] ?? part
    return sitesOf(inner, { path: join(path, part), depths, prefix: `${prefix}${name}.` })
  })

const directionOf = (cell: SomeLayer, spot: Spot, part: string, direction: string): readonly Site[] =>
  numbered(sitesOf(cell, { ...spot, path: join(spot.path, part) }), spot.prefix, direction)

/** What a layer consists of that is not made of other layers. */
export const sitesOf = (layer: SomeLayer, spot: Spot): readonly Site[] => {
  const kind = kindOf(layer)
  if (TRANSPARENT.includes(kind)) return sitesOf(innerOf(layer), spot)
  if (kind === "recurrent" || kind === "stateful") return numbered(sitesOf(innerOf(layer), spot), spot.prefix, "")
  if (kind === "bidirectional")
    return [
      ...directionOf(innerOf(layer), spot, "forward", ""),
      ...directionOf(innerOf(layer), spot, "backward", "_reverse")
    ]
  if (kind === "repeat")
    return range(Number(layer.spec?.options["times"])).flatMap(i =>
      sitesOf(innerOf(layer), {
        path: join(spot.path, "each"),
        depths: [...spot.depths, i],
        prefix: `${spot.prefix}${i}.`
      })
    )
  if (layer.layers === undefined) return [{ ...spot, layer, suffix: "" }]
  if (!isBothWays(layer)) return partsOf(layer, spot)
  const [forward, backward] = [false, true].map(isBackward =>
    partsOf(layer, spot).filter(({ suffix }) => suffix.endsWith("_reverse") === isBackward)
  )
  return [...numbered(forward ?? [], spot.prefix, ""), ...numbered(backward ?? [], spot.prefix, "_reverse")]
}
