import type { Tensor } from "../dataflow/primitive.js"
import type { Order } from "./torch-layouts.js"

/** Which axis has the features in PyTorch: that after the batch, or the last, as here. */
export type Side = "first" | "last"

/** What is known of all axes along which the same things stand in one order. */
export interface Kin {
  /** Where layers that give them as features among places have these in PyTorch, and where those that take them do. */
  readonly given: Set<Side>
  readonly taken: Set<Side>
  /** The orders in which PyTorch has them, if not in ours; more than one contradict each other. */
  readonly orders: Map<string, Order>
  /** Whether some layer has places along them. */
  isPlaces: boolean
  /** Whether nobody knows their order. */
  isUnclear: boolean
  /** What depends on their order being ours: the name of an operation or of a layer. */
  needs: string | undefined
  /** Whether something was made of them whose axes do not have them any more. */
  isLeft: boolean
}

/** The axes of tensors, of which those that are the same can be united; axes of one element have no order, and no kin. */
export interface Kinship {
  readonly kinOf: (x: Tensor, axis: number) => Kin
  readonly unite: (x: Tensor, axis: number, y: Tensor, other: number) => void
  readonly kins: () => readonly Kin[]
}

const unknown = (): Kin => ({
  given: new Set(),
  taken: new Set(),
  orders: new Map(),
  isPlaces: false,
  isUnclear: false,
  needs: undefined,
  isLeft: false
})

const absorb = (kin: Kin, other: Kin): void => {
  other.given.forEach(side => kin.given.add(side))
  other.taken.forEach(side => kin.taken.add(side))
  other.orders.forEach((order, key) => kin.orders.set(key, order))
  kin.isPlaces ||= other.isPlaces
  kin.isUnclear ||= other.isUnclear
  kin.needs ??= other.needs
  kin.isLeft ||= other.isLeft
}

/** Disjoint sets of axes: the smaller joins the larger, and ways to the root are shortened, so that it is about linear. */
export const kinship = (): Kinship => {
  const starts = new Map<Tensor, number>()
  const parents: number[] = []
  const sizes: number[] = []
  const kins = new Map<number, Kin>()
  const rootOf = (x: Tensor, axis: number): number => {
    const start = starts.get(x) ?? parents.length
    if (!starts.has(x)) {
      starts.set(x, start)
      x.shape.forEach((_, i) => {
        parents.push(start + i)
        sizes.push(1)
      })
    }
    let at = start + axis
    for (let up = parents[at] as number; up !== at; up = parents[at] as number) {
      parents[at] = parents[up] as number
      at = up
    }
    return at
  }
  const kinAt = (root: number): Kin => {
    const kin = kins.get(root) ?? unknown()
    kins.set(root, kin)
    return kin
  }
  const unite = (x: Tensor, axis: number, y: Tensor, other: number): void => {
    if (x.shape[axis] === 1 || y.shape[other] === 1) return
    const [a, b] = [rootOf(x, axis), rootOf(y, other)]
    if (a === b) return
    const [root, child] = (sizes[a] as number) < (sizes[b] as number) ? [b, a] : [a, b]
    parents[child] = root
    sizes[root] = (sizes[root] as number) + (sizes[child] as number)
    const kin = kins.get(child)
    if (kin !== undefined) absorb(kinAt(root), kin)
    kins.delete(child)
  }
  return {
    kinOf: (x, axis) => (x.shape[axis] === 1 ? unknown() : kinAt(rootOf(x, axis))),
    unite,
    kins: () => [...kins.values()]
  }
}

/** Says that something depends on the order of an axis; `isLeft`: and that what comes of it has the axis no more. */
export const need = ({ kinOf }: Kinship, what: string, x: Tensor, axis: number, isLeft = false): void => {
  const kin = kinOf(x, axis)
  kin.needs ??= what
  kin.isLeft ||= isLeft
}
