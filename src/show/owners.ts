import { isFloat } from "../dataflow/dtype.js"
import type { Tensor, Vertex } from "../dataflow/primitive.js"
import { sameShape } from "../dataflow/shape.js"
import { isTensor } from "../dataflow/tensor.js"
import { Tree } from "../tree/index.js"
import type { Influenced } from "./influence.js"
import { hasKey, type Kept, type Place, type Segments } from "./names.js"

/** Whether a leaf of the state may be kept for a parameter. */
type Fits = (leaf: Tensor, param: Tensor) => boolean

const hasShapeOf: Fits = (leaf, param) => isFloat(leaf.dtype) && sameShape(leaf.shape, param.shape)

/** Of the shape of the parameter or of a mean of it, where the axes stay with length 1; or one number. */
const isReduced: Fits = ({ shape, dtype }, param) =>
  isFloat(dtype) &&
  (shape.length === 0 ||
    (shape.length === param.shape.length && shape.every((n, axis) => n === 1 || n === param.shape[axis])))

/** The parameter that a leaf of the state is kept for, and the rest of the path of the leaf. */
interface Found {
  readonly param: Tensor
  readonly after: Segments
}

/** In the order of leaves. */
const childrenOf = (part: Tree): readonly (readonly [key: string, child: Tree])[] => {
  if (isTensor(part)) return []
  const children: readonly (readonly [string, Tree])[] = Object.entries(part)
  return Array.isArray(part) ? children : children.toSorted(([a], [b]) => (a < b ? -1 : 1))
}

const allOf = <A>(items: readonly (readonly A[] | undefined)[]): readonly A[] | undefined =>
  items.some(item => item === undefined) ? undefined : items.flatMap(item => item ?? [])

/** Each leaf of a part of the state that is built as parameters are, of which some may be hidden (`hide`). */
const asTree = (part: Tree, params: Tree, fits: Fits): readonly Found[] | undefined => {
  if (Array.isArray(part) && part.length === 0) return []
  if (isTensor(params) && isTensor(part)) return fits(part, params) ? [{ param: params, after: [] }] : undefined
  if (isTensor(params) || isTensor(part) || Array.isArray(part) !== Array.isArray(params)) return undefined
  if (Array.isArray(part) && part.length !== params.length) return undefined
  const theirs = params as Readonly<Record<string, Tree>>
  return allOf(
    childrenOf(part).map(([key, child]) =>
      Object.hasOwn(params, key) ? asTree(child, theirs[key] as Tree, fits) : undefined
    )
  )
}

/** The leaves of an entry of a list, which is a leaf or a list of leaves. */
const entryOf = (entry: Tree): readonly (readonly [leaf: Tree, after: Segments])[] =>
  isTensor(entry) ? [[entry, []]] : childrenOf(entry).map(([key, leaf]) => [leaf, [key]])

/**
 * Each leaf of a list with an entry for each of some parameters, in their order. If these are not all, they are those
 * which the entries influence.
 */
const asList = (
  part: Tree,
  params: readonly Tensor[],
  influence: ReadonlyMap<Vertex, Influenced>,
  fits: Fits
): readonly Found[] | undefined => {
  if (!Array.isArray(part)) return undefined
  const entries = (part as readonly Tree[]).map(entryOf)
  const influenced = new Set(entries.flatMap(entry => entry.map(([leaf]) => isTensor(leaf) && influence.get(leaf))))
  const meant = entries.length === params.length ? params : params.filter(param => influenced.has(param))
  if (entries.length !== meant.length) return undefined
  const found = entries.map((entry, i) => {
    const param = meant[i] as Tensor
    const isKept = entry.length > 0 && entry.every(([leaf]) => isTensor(leaf) && fits(leaf, param))
    return isKept ? entry.map(([, after]) => ({ param, after })) : undefined
  })
  return allOf(found)
}

/**
 * What each leaf of a state is kept for, in order. It is read off how the state is built: in a part that is built as the
 * parameters are, a leaf is kept for the parameter in whose place it stands; in a list with an entry for each of them, or
 * of some, for that of its entry; any other leaf for no parameter. Where parameters have no keys, lists may be built alike
 * by chance; then shapes, and what a leaf influences, tell.
 */
export const keptFor = (
  state: Tree,
  params: Tree,
  places: readonly Place[],
  influence: ReadonlyMap<Vertex, Influenced>
): readonly Kept[] => {
  const leaves = Tree.leaves(params)
  const placeOf = new Map(leaves.map((param, i) => [param, places[i]]))
  const isForOther: Fits = (leaf, param) => ![undefined, "several", param].includes(influence.get(leaf))
  const isAlone = isTensor(params)
  const isKeyed = places.some(({ segments }) => hasKey(segments))
  const fitsTree: Fits = isKeyed ? isReduced : (leaf, param) => hasShapeOf(leaf, param) && !isForOther(leaf, param)
  const fitsList: Fits = (leaf, param) => isReduced(leaf, param) && !isForOther(leaf, param)
  const read = (part: Tree, before: Segments): readonly Kept[] => {
    const found = isAlone ? undefined : (asTree(part, params, fitsTree) ?? asList(part, leaves, influence, fitsList))
    if (found !== undefined) return found.map(({ param, after }) => ({ owner: placeOf.get(param), before, after }))
    return isTensor(part)
      ? [{ owner: undefined, before, after: [] }]
      : childrenOf(part).flatMap(([key, child]) => read(child, [...before, key]))
  }
  return read(state, [])
}
