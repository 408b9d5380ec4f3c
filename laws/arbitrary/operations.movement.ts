import * as t from "thalweg"
import type { Padding, Tensor } from "thalweg"
import { axesOf, axisOf, fit, imagesOf, isEmpty, type Draw, type Operations } from "./draw.js"
import { range } from "./numbers.js"

const needsAxis =
  (f: (draw: Draw, x: Tensor, axis: number) => Tensor | undefined) =>
  (draw: Draw): Tensor | undefined =>
    draw.x.shape.length === 0 ? undefined : f(draw, draw.x, axisOf(draw, draw.x))

/** Indices along an axis: as many as it is long, some of them twice. */
const indicesFor = ({ nat }: Draw, size: number): readonly number[] =>
  range(size).map(i => (i * (1 + nat(1, 3)) + nat(2, 5)) % size)

const padding = ({ nat }: Draw, x: Tensor): readonly Padding[] =>
  x.shape.map((n, axis): Padding => [nat(axis, 3) - Math.min(1, n), nat(axis + 1, 3) - (n > 1 ? 1 : 0)])

/** Operations that move elements and compute nothing: each is right for every dtype, and smooth. */
export const movement: Operations = {
  reshape: ({ x }) => t.reshape(x, [-1]),
  expandDims: draw => t.expandDims(draw.x, draw.nat(0, draw.x.shape.length + 1)),
  squeeze: ({ x }) => t.squeeze(x),
  transpose: ({ x, nat }) => {
    const axes = range(x.shape.length)
    const first = nat(0, axes.length)
    return t.transpose(x, [...axes.slice(first), ...axes.slice(0, first)])
  },
  reverseAxes: ({ x }) => t.transpose(x),
  broadcastTo: ({ x, nat }) => t.broadcastTo(x, [1 + nat(0, 3), ...x.shape]),
  flip: draw => t.flip(draw.x, axesOf(draw, draw.x)),
  slice: needsAxis(({ nat }, x, axis) => {
    const at = (value: number, other: number): readonly number[] => x.shape.map((_, i) => (i === axis ? value : other))
    return t.slice(x, { start: at(nat(1, x.shape[axis] ?? 0), 0), step: at(1 + nat(2, 2), 1) })
  }),
  pad: draw => t.pad(draw.x, padding(draw, draw.x), { interior: draw.x.shape.map((_, i) => draw.nat(i + 2, 2)) }),
  at: needsAxis(({ nat }, x, axis) => (isEmpty(x) ? undefined : t.at(x, nat(1, x.shape[axis] ?? 1), axis))),
  take: needsAxis((draw, x, axis) => t.take(x, indicesFor(draw, x.shape[axis] ?? 0), axis)),
  takeAlongAxis: needsAxis(({ nat }, x, axis) => {
    const places = t.rem(t.add(t.mul(t.iota(x.shape, axis), 2), nat(1, 3)), Math.max(1, x.shape[axis] ?? 1))
    return t.takeAlongAxis(x, places, axis)
  }),
  roll: needsAxis(({ nat }, x, axis) => t.roll(x, nat(1, 5) - 2, axis)),
  tile: ({ x, nat }) => t.tile(x, [1 + nat(0, 2), 1 + nat(1, 2)]),
  repeat: needsAxis(({ nat }, x, axis) =>
    t.repeat(
      x,
      range(x.shape[axis] ?? 0).map(i => nat(i, 3)),
      axis
    )
  ),
  diagonal: ({ x, nat }) => (x.shape.length < 2 ? undefined : t.diagonal(x, nat(0, 3) - 1, 0, -1)),
  meshgrid: ({ x, other, nat }) => {
    const y = other(found => found.dtype === x.dtype)
    const grids = t.meshgrid([t.flatten(x), t.flatten(y)], { indexing: nat(0, 2) === 0 ? "xy" : "ij" })
    return grids[nat(1, 2)]
  },
  concat: needsAxis(({ other }, x, axis) => {
    const isLike = (y: Tensor): boolean =>
      y.dtype === x.dtype &&
      y.shape.length === x.shape.length &&
      y.shape.every((n, i) => i === axis || n === x.shape[i])
    return t.concat([x, other(isLike)].filter(isLike), axis)
  }),
  stack: ({ x, other, nat }) => {
    const y = other(found => found.dtype === x.dtype)
    return t.stack([x, fit(y.dtype === x.dtype ? y : x, x.shape)], nat(0, x.shape.length + 1))
  },
  split: needsAxis(({ nat }, x, axis) => {
    const size = x.shape[axis] ?? 0
    const first = nat(1, size + 1)
    return t.concat([...t.split(x, [first, size - first], axis)].reverse(), axis)
  }),
  tril: ({ x, nat }) => (x.shape.length < 2 ? undefined : t.tril(x, nat(0, 3) - 1)),
  triu: ({ x, nat }) => (x.shape.length < 2 ? undefined : t.triu(x, nat(0, 3) - 1)),
  maskedSelect: ({ x, other, nat }) => {
    const y = other(found => found.dtype === x.dtype)
    const mask = t.eq(t.rem(t.reshape(t.arange(x.shape.reduce((n, size) => n * size, 1)), x.shape), 2 + nat(0, 2)), 0)
    return t.where(mask, x, fit(y.dtype === x.dtype ? y : x, x.shape))
  }
}

/** A convolution's input and kernel, which is made of another value, and its options. */
export const convolution = ({ x, other, nat }: Draw, kernelOf: (t: Tensor) => Tensor): (() => Tensor) | undefined => {
  const images = imagesOf(x)
  if (isEmpty(images)) return undefined
  const rank = images.shape.length - 2
  const channels = images.shape.at(-1) ?? 1
  const depthwise = nat(0, 2) === 1
  const found = other(y => y.dtype === x.dtype && !isEmpty(y))
  const window = range(rank).map(i => Math.min(1 + nat(i + 1, 2), images.shape[i + 1] ?? 1))
  const outputs = depthwise ? channels : 1 + nat(3, 2)
  const source = found.dtype === x.dtype && !isEmpty(found) ? found : x
  const kernel = fit(kernelOf(source), [...window, depthwise ? 1 : channels, outputs])
  const modes = ["valid", "same", range(rank).map((): Padding => [1, 0])] as const
  return () =>
    t.conv(images, kernel, {
      groups: depthwise ? channels : 1,
      strides: 1 + nat(4, 2),
      padding: modes[nat(5, 3)] ?? "same",
      dilation: window.every(n => n === 1) ? 1 : 1 + nat(6, 2),
      inputDilation: 1 + nat(7, 2)
    })
}

/** Pooling over images, or nothing for those without elements. */
export const pooling = ({ x, nat }: Draw, pool: typeof t.maxPool, values: Tensor = x): Tensor | undefined => {
  const images = imagesOf(values)
  const window = images.shape.slice(1, -1).map((n, i) => Math.min(n, 1 + nat(i, 2)))
  if (isEmpty(images)) return undefined
  return pool(images, { window, strides: 1 + nat(2, 2), padding: nat(3, 2) === 0 ? "valid" : "same" })
}
