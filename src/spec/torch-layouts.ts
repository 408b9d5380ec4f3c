import type { Tensor } from "../dataflow/primitive.js"
import { range } from "../dataflow/shape.js"
import { reshape, swapAxes, transpose } from "../dataflow/structure.js"

/** Features that were places and channels: places vary slowest here, and fastest in PyTorch. */
export interface Order {
  readonly places: number
  readonly channels: number
}

/** Tensors by their names: in a module of PyTorch, or in a layer (`"query/kernel"`, of parameters and of state). */
export type Named = Readonly<Record<string, Tensor>>

/** What is known of the place of a layer. */
export interface Place {
  readonly options: Readonly<Record<string, unknown>>
  /** How features of what it takes, and of what it gives, are ordered, if not alike here and there. */
  readonly inputs: Order | undefined
  readonly outputs: Order | undefined
}

/** How the tensors of a layer are named and laid out in PyTorch, and the way back. */
export interface Rule {
  readonly to: (own: Named, place: Place) => Named
  readonly from: (named: Named, place: Place, like: Named) => Named
  /** What PyTorch keeps and we do not: it is written, and not looked for. */
  readonly besides?: Named
  /** Whether it looks at the order of features. */
  readonly isOrdered?: true
}

/** How a tensor is laid out in PyTorch, and the way back. */
interface Layout {
  readonly to: (own: Tensor, place: Place) => Tensor
  readonly from: (theirs: Tensor, place: Place) => Tensor
}

/** A tensor that is there: all names were checked. */
export const pick = (named: Named, name: string): Tensor => named[name] as Tensor

/** Tensors that become one each: from the name in PyTorch to ours, and how they are laid out. What is not there is left out. */
export const oneByOne = (table: Readonly<Record<string, readonly [ours: string, layout: Layout]>>): Rule => {
  const entries = Object.entries(table).map(([theirs, [ours, layout]]) => ({ theirs, ours, layout }))
  return {
    to: (own, place) =>
      Object.fromEntries(
        entries.flatMap(({ theirs, ours, layout }) => {
          const tensor = own[ours]
          return tensor === undefined ? [] : [[theirs, layout.to(tensor, place)]]
        })
      ),
    from: (named, place) =>
      Object.fromEntries(
        entries.flatMap(({ theirs, ours, layout }) => {
          const tensor = named[theirs]
          return tensor === undefined ? [] : [[ours, layout.from(tensor, place)]]
        })
      )
  }
}

/** As it is. */
export const same: Layout = { to: x => x, from: x => x }

/** Two axes, the other way round. */
export const turned: Layout = { to: x => transpose(x), from: x => transpose(x) }

/** An axis of `a · b` as one of `b · a`. */
const swapped = (x: Tensor, axis: number, a: number, b: number): Tensor =>
  reshape(swapAxes(reshape(x, x.shape.toSpliced(axis, 1, a, b)), axis, axis + 1), x.shape)

/** An axis of features, which are places and then channels here, channels and then places there. */
export const ordered = (side: "inputs" | "outputs", axis = 0): Layout => {
  const orderOf = (x: Tensor, place: Place): Order | undefined => {
    const order = place[side]
    return order && order.places * order.channels === x.shape[axis] ? order : undefined // a slope for all has one
  }
  return {
    to: (x, place) => {
      const order = orderOf(x, place)
      return order ? swapped(x, axis, order.places, order.channels) : x
    },
    from: (x, place) => {
      const order = orderOf(x, place)
      return order ? swapped(x, axis, order.channels, order.places) : x
    }
  }
}

/** One layout after the other. */
export const both = (first: Layout, second: Layout): Layout => ({
  to: (x, place) => second.to(first.to(x, place), place),
  from: (x, place) => first.from(second.from(x, place), place)
})

/** `[…window, inputs / groups, outputs]` and `[outputs, inputs / groups, …window]`. */
export const window: Layout = {
  to: kernel =>
    transpose(
      kernel,
      range(kernel.shape.length)
        .toReversed()
        .slice(0, 2)
        .concat(range(kernel.shape.length - 2))
    ),
  from: weight => transpose(weight, [...range(weight.shape.length - 2).map(i => i + 2), 1, 0])
}

const groupsOf = ({ options }: Place): number => Number(options["groups"] ?? 1)

/** `[…window, inputs / groups, outputs]` and `[inputs, outputs / groups, …window]`. */
export const windowOfTransposed: Layout = {
  to: (kernel, place) => {
    const [groups, rank] = [groupsOf(place), kernel.shape.length]
    const [window, [inputs = 0, outputs = 0]] = [kernel.shape.slice(0, -2), kernel.shape.slice(-2)]
    const apart = reshape(kernel, [...window, inputs, groups, outputs / groups])
    const turned = transpose(apart, [rank - 1, rank - 2, rank, ...range(rank - 2)])
    return reshape(turned, [groups * inputs, outputs / groups, ...window])
  },
  from: (weight, place) => {
    const [groups, rank] = [groupsOf(place), weight.shape.length]
    const [inputs = 0, outputs = 0, ...window] = weight.shape
    const apart = reshape(weight, [groups, inputs / groups, outputs, ...window])
    const turned = transpose(apart, [...range(rank - 2).map(i => i + 3), 1, 0, 2])
    return reshape(turned, [...window, inputs / groups, groups * outputs])
  }
}
