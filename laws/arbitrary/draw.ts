import { cast, flatten, reshape, take, zeros, type Shape, type Tensor } from "thalweg"
import { range, sizeOf } from "./numbers.js"

/** What an instruction of a random program is made from. */
export interface Draw {
  /** The first operand. */
  readonly x: Tensor
  /** Another earlier value that fits; the first operand where none does. */
  readonly other: (fits: (t: Tensor) => boolean) => Tensor
  /** The `index`-th of the instruction's own numbers, below `below`; 0 if that is 0. */
  readonly nat: (index: number, below: number) => number
}

/** An operation of random programs; `undefined` where it does not apply. */
export type Operation = (draw: Draw) => Tensor | undefined
export type Operations = Readonly<Record<string, Operation>>

const isFloat = (t: Tensor): boolean => t.dtype === "f32" || t.dtype === "f64"

export const float = (t: Tensor): Tensor => (isFloat(t) ? t : cast(t, "f32"))
export const numeric = (t: Tensor): Tensor => (t.dtype === "bool" ? cast(t, "i32") : t)
export const signed = (t: Tensor): Tensor => (t.dtype === "u32" ? cast(t, "i32") : numeric(t))
export const bits = (t: Tensor): Tensor => (isFloat(t) ? cast(t, "i32") : t)

const broadcasts = (a: Shape, b: Shape): boolean => {
  const [long, short] = a.length < b.length ? [b, a] : [a, b]
  const aligned = long.slice(long.length - short.length)
  return short.every((n, i) => n === aligned[i] || n === 1 || aligned[i] === 1)
}

/** A second operand for elementwise operations on `x`, which may have been cast from the drawn one. */
export const partner = ({ other }: Draw, x: Tensor): Tensor => {
  const found = other(t => t.dtype === x.dtype && broadcasts(t.shape, x.shape))
  return found.dtype === x.dtype && broadcasts(found.shape, x.shape) ? found : x
}

/** One axis of a tensor that has any. */
export const axisOf = ({ nat }: Draw, x: Tensor): number => nat(0, x.shape.length)

/** Some axes, by the bits of a number. */
export const axesOf = ({ nat }: Draw, x: Tensor): readonly number[] => {
  const chosen = nat(0, 2 ** x.shape.length)
  return range(x.shape.length).filter(axis => ((chosen >> axis) & 1) === 1)
}

export const isEmpty = (t: Tensor): boolean => sizeOf(t.shape) === 0

/** The elements of `t` over and over, under another shape. */
export const fit = (t: Tensor, shape: Shape): Tensor => {
  const [from, to] = [sizeOf(t.shape), sizeOf(shape)]
  if (from === 0 || to === 0) return zeros(shape, t.dtype)
  return reshape(
    take(
      flatten(t),
      range(to).map(i => i % from)
    ),
    shape
  )
}

/** A tensor as a batch of images `[n, …spatial, channels]`, with axes of size 1 where there are too few. */
export const imagesOf = (x: Tensor): Tensor => {
  const { shape } = x
  if (shape.length === 1) return reshape(x, [1, ...shape, 1])
  return reshape(x, [...[1, 1, 1].slice(shape.length), ...shape])
}

/** Rows for a product with the last axis of `x`: an earlier value whose second to last axis fits, else made of it. */
export const factorOf = ({ other }: Draw, x: Tensor): Tensor => {
  const inner = x.shape.at(-1) ?? 1
  const found = other(t => t.dtype === x.dtype && t.shape.length === 2 && t.shape[0] === inner)
  return found.dtype === x.dtype && found.shape.length === 2 && found.shape[0] === inner
    ? found
    : fit(found.dtype === x.dtype ? found : x, [inner, 2])
}
