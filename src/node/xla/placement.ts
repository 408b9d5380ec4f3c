import { fail } from "../../dataflow/error.js"
import { byDistance } from "../../dataflow/nearest.js"
import { matching } from "../../tree/pattern.js"
import { sameType } from "../../dataflow/type.js"
import type { StableHloLeaf } from "../../xla/index.js"

/** How many devices there are along each axis of a mesh, by the name of the axis; all of them together are the product. */
export type Mesh = Readonly<Record<string, number>>

/** For each dimension of a tensor the axis of the mesh along which it is cut, several, or `null`; further dimensions are not cut. */
export type Placement = readonly (string | readonly string[] | null)[]

/**
 * Where tensors are: patterns of paths, as in a mask, each with the placement of what matches it, of which the first counts. What no
 * pattern matches is whole on every device, but that a tensor of the state that is like a parameter follows it: one whose path ends as
 * that of a parameter, below `state/params`, and whose shape and dtype are the same, as moments are.
 */
export type Placements = readonly (readonly [pattern: string, placement: Placement])[]

const PARAMS = "state/params"

/** What stands behind each `/` of a path, the longest first, and nothing in the end. */
const endings = (path: string): readonly string[] => {
  const parts = path.split("/")
  return [...parts.keys(), parts.length].map(i => parts.slice(i).join("/"))
}

const isWithin = (root: string, { path }: StableHloLeaf): boolean => `${path}/`.startsWith(`${root}/`)

const isParameter = (leaf: StableHloLeaf): boolean => isWithin(PARAMS, leaf)

/** How batches come to fit. */
const FITTING =
  ' (by a batchSize that is one, and remainder: "drop" of batches or fit, which leaves out a smaller last batch)'

const checkAxes = (operation: string, mesh: Mesh, leaf: StableHloLeaf, placement: Placement): Placement => {
  const { path, shape } = leaf
  const names = Object.keys(mesh)
  const wrong = (expected: string, received: string): never => fail("AxisError", operation, expected, received, path)
  if (placement.length > shape.length)
    wrong(`a placement of at most ${shape.length} axes, for the shape [${shape.join(", ")}]`, `${placement.length}`)
  const axes = placement.map(axis => [axis ?? []].flat())
  const all = axes.flat()
  for (const axis of all)
    if (!names.includes(axis))
      wrong(`an axis of the mesh, such as "${byDistance(axis, names)[0]?.name ?? ""}"`, `"${axis}"`)
  const twice = all.find((axis, i) => all.indexOf(axis) < i)
  if (twice !== undefined) wrong("each axis of the mesh once", `"${twice}" twice`)
  axes.forEach((own, i) => {
    const size = shape[i] ?? 0
    const parts = own.reduce((product, axis) => product * (mesh[axis] ?? 1), 1)
    if (size % parts !== 0)
      wrong(
        `dimension ${i} to be a multiple of ${parts}, the size of ${own.map(axis => `"${axis}"`).join(" and ")}${i === 0 && isWithin("batch", leaf) ? FITTING : ""}`,
        `${size}`
      )
  })
  return placement
}

/** Refuses a rule that never counts since a more general one stands before it. */
const checkOrder = (operation: string, rules: Placements, found: readonly (readonly number[])[]): void => {
  const matches = rules.map((_, rule) => new Set(found.flatMap((all, leaf) => (all.includes(rule) ? [leaf] : []))))
  matches.forEach((own, rule) => {
    const special = rules[rule]?.[0] ?? ""
    const hides = (other: ReadonlySet<number>, i: number) =>
      rules[i]?.[0] === special || (other.size > own.size && [...own].every(leaf => other.has(leaf)))
    const general = own.size === 0 ? -1 : matches.slice(0, rule).findIndex(hides)
    if (general < 0) return
    const before = rules[general]?.[0] ?? ""
    if (before === special) fail("TreeError", operation, `place to have "${special}" once`, "it twice")
    fail(
      "TreeError",
      operation,
      `place to have "${special}" before "${before}", of which the first counts`,
      "it after that"
    )
  })
}

/** The placement of each leaf, by the rules; mistakes are told with the path that they are made for. */
export const placeLeaves = (
  operation: string,
  mesh: Mesh,
  rules: Placements,
  leaves: readonly StableHloLeaf[]
): readonly Placement[] => {
  const found = matching(
    operation,
    rules.map(([pattern]) => pattern),
    leaves.map(({ path }) => path),
    { one: "a tensor", many: "tensors" }
  )
  checkOrder(operation, rules, found)
  const said = leaves.map((leaf, i) => {
    const placement = rules[found[i]?.[0] ?? rules.length]?.[1]
    return placement && checkAxes(operation, mesh, leaf, placement)
  })
  const params = new Map(
    leaves.flatMap((leaf, i) => {
      const placement = said[i]
      if (placement === undefined || !isParameter(leaf)) return []
      return [[leaf.path.slice(PARAMS.length + 1), { leaf, placement }] as const]
    })
  )
  const followed = (leaf: StableHloLeaf): Placement | undefined => {
    if (!leaf.path.startsWith("state/") || isParameter(leaf)) return undefined
    const like = endings(leaf.path).map(ending => params.get(ending))
    return like.find(other => other !== undefined && sameType(other.leaf, leaf))?.placement
  }
  return leaves.map((leaf, i) => said[i] ?? followed(leaf) ?? [])
}
