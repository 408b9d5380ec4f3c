import fc from "fast-check"
import {
  abs,
  add,
  all,
  any,
  at,
  cast,
  concat,
  div,
  eq,
  eye,
  flip,
  ge,
  gt,
  iota,
  le,
  lt,
  matmul,
  mean,
  mul,
  ne,
  ones,
  or,
  pad,
  slice,
  sliceAxis,
  square,
  stack,
  sub,
  sum,
  tensor,
  where,
  zerosLike,
  type Tensor
} from "thalweg"
import { key, normal } from "thalweg/random"
import type {
  Augmentation,
  cutout,
  mixup,
  randomCrop,
  randomFlip,
  randomNoise,
  randomRotation,
  randomShift
} from "thalweg/train"
import { upTo } from "./arbitrary/model.js"
import { range, sizeOf } from "./arbitrary/numbers.js"
import { exact, rounded, ulps } from "./equality.js"
import { law, type Law } from "./law.js"
import { truth } from "./sides.js"

/** What changes batches of images, and what mixes examples. */
export interface Augmentations {
  readonly randomShift: typeof randomShift
  readonly randomCrop: typeof randomCrop
  readonly randomFlip: typeof randomFlip
  readonly randomRotation: typeof randomRotation
  readonly randomNoise: typeof randomNoise
  readonly cutout: typeof cutout
  readonly mixup: typeof mixup
}

/** Images, none of whose pixels is another or 0. */
const draw = (seed: number, ...shape: readonly number[]): Tensor => normal(key(seed), shape, { dtype: "f64" })

const images = fc
  .record({ batch: upTo(3), height: upTo(4), width: upTo(4), channels: upTo(2), seed: fc.nat() })
  .map(({ batch, height, width, channels, seed }) => ({
    x: draw(seed, batch, height, width, channels),
    ...{ height, width, seed },
    key: key(seed + 1)
  }))

const turning = fc.record({ degrees: fc.constantFrom(1, 15, 90, 180), seed: fc.nat() })
const noisy = fc.record({ deviation: fc.constantFrom(0.1, 1, 30), seed: fc.nat() })
const mixtures = fc.record({ n: upTo(5), alpha: fc.constantFrom(0.2, 1, 8), seed: fc.nat() })

/** So many images that what is drawn for each of them is not alike for all by chance: in one of 2³² samples. */
const MANY = 32

/** A part of images among zeros. */
interface Part {
  readonly height: number
  readonly width: number
  readonly padding: number
}

/** All parts of a size of images among so many zeros. */
const partsOf = (x: Tensor, { height, width, padding }: Part): readonly Tensor[] => {
  const around = [padding, padding] as const
  const wide = pad(x, [[0, 0], around, around, [0, 0]])
  const [batch = 0, rows = 0, columns = 0] = wide.shape
  return range(rows - height + 1).flatMap(r =>
    range(columns - width + 1).map(c => slice(wide, { start: [0, r, c], stop: [batch, r + height, c + width] }))
  )
}

/** Images without a square, about each of their pixels. */
const cutsOf = (x: Tensor, size: number): readonly Tensor[] => {
  const [, height = 0, width = 0] = x.shape
  const isWithin = (place: number, middle: number): boolean => {
    const first = middle - Math.floor(size / 2)
    return place >= first && place < first + size
  }
  const isOut = (row: number, column: number): Tensor =>
    tensor(range(height).map(r => range(width).map(c => [isWithin(r, row) && isWithin(c, column)])))
  return range(height).flatMap(row => range(width).map(column => where(isOut(row, column), 0, x)))
}

/** Which images are those. */
const areAs = (y: Tensor, x: Tensor): Tensor => all(eq(y, x), { axes: [1, 2, 3] })

/** Which images are one of some. */
const areAmong = (y: Tensor, candidates: readonly Tensor[]): Tensor =>
  candidates.map(x => areAs(y, x)).reduce((a, b) => or(a, b))

/** Whether images are each of some as often as they should be: within five deviations. */
const areShared = (y: Tensor, candidates: readonly (readonly [x: Tensor, share: number])[]): readonly Tensor[] =>
  candidates.map(([x, share]) => {
    const [n = 0] = x.shape
    const off = sub(sum(cast(areAs(y, x), "f64")), n * share)
    return le(abs(off), 5 * Math.sqrt(n * share * (1 - share)))
  })

const evenly = (candidates: readonly Tensor[]): readonly (readonly [Tensor, number])[] =>
  candidates.map(x => [x, 1 / candidates.length])

/** Sides that are so. */
const are = (truths: readonly Tensor[]): readonly [readonly Tensor[], readonly Tensor[]] => [
  truths,
  truths.map(truth => ones(truth.shape, "bool"))
]

/**
 * Lists the laws of what changes images and mixes examples by a key: what has nothing to do does nothing, else each key and
 * each image gives another; what is shifted, cropped, flipped and cut out, and how often; that rotations turn places about the
 * middle, and noise has its deviation (within five deviations of what is drawn); and that what is wanted is mixed as what is
 * given.
 *
 * @example
 * import assert from "node:assert"
 * import * as train from "thalweg/train"
 * import { augmentationLaws, checkAll } from "thalweg/laws"
 *
 * assert(checkAll(augmentationLaws(train), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const augmentationLaws = (of: Augmentations): readonly Law[] => {
  const mixing =
    (alpha: number): Augmentation =>
    (key, x) =>
      of.mixup({ alpha })(key, { x, y: x }).x
  const busy = (height: number, width: number): readonly Augmentation[] => [
    of.randomShift({ by: 1 }),
    of.randomCrop({ height, width, padding: 1 }),
    of.randomFlip({ rate: 0.5 }),
    of.randomRotation({ degrees: 90 }),
    of.randomNoise({ deviation: 1 }),
    of.cutout({ size: 1 })
  ]
  return [
    law("augmentations that have nothing to do change nothing", ulps(0), images, ({ x, height, width, key }) => {
      const parts = [
        of.randomShift({ by: 0 }),
        of.randomCrop({ height, width }),
        of.randomFlip({ rate: 0 }),
        of.randomRotation({ degrees: 0 }),
        of.randomNoise({ deviation: 0 }),
        of.cutout({ size: 0 }),
        mixing(0)
      ]
      return [parts.map(part => part(key, x)), parts.map(() => x)]
    }),
    law("augmentations change images, each key otherwise", exact, fc.nat(), seed => {
      const x = draw(seed, MANY, 3, 4, 2)
      const changed = [...busy(3, 4), mixing(1)].flatMap(part => {
        const [own, other] = [part(key(seed + 1), x), part(key(seed + 2), x)]
        return [any(ne(own, x)), any(ne(own, other))]
      })
      return are(changed)
    }),
    law("images that are alike are changed each otherwise", exact, fc.nat(), seed => {
      const one = draw(seed, 1, 3, 4, 2)
      const x = concat(range(MANY).map(() => one))
      const changed = busy(3, 4).map(part => part(key(seed + 1), x))
      return are(changed.map(y => any(ne(y, sliceAxis(y, 0, 0, 1)))))
    }),
    law("what is shifted or cropped is a part of an image among zeros", exact, fc.tuple(images, upTo(2)), sample => {
      const [{ x, height, width, seed, key }, padding] = sample
      const part = { height: 1 + (seed % (height + padding)), width: 1 + (seed % (width + padding)), padding }
      return are([
        areAmong(of.randomShift({ by: padding })(key, x), partsOf(x, { height, width, padding })),
        areAmong(of.randomCrop(part)(key, x), partsOf(x, part))
      ])
    }),
    law("flipping all images turns their columns, or their rows, about", exact, images, ({ x, key }) => [
      [of.randomFlip({ rate: 1 })(key, x), of.randomFlip({ rate: 1, direction: "vertical" })(key, x)],
      [flip(x, [2]), flip(x, [1])]
    ]),
    law("what is cut out is a square about a pixel", exact, fc.tuple(images, fc.nat(5)), ([{ x, key }, size]) =>
      are([areAmong(of.cutout({ size })(key, x), cutsOf(x, size))])
    ),
    law("all shifts, crops and cuts come as often, and flips as they should", exact, fc.nat(), seed => {
      const x = draw(seed, 8 * MANY, 3, 3, 1)
      const [own, corner, rate] = [key(seed + 1), { height: 2, width: 2, padding: 0 }, 0.125]
      return are([
        ...areShared(of.randomShift({ by: 1 })(own, x), evenly(partsOf(x, { height: 3, width: 3, padding: 1 }))),
        ...areShared(of.randomCrop(corner)(own, x), evenly(partsOf(x, corner))),
        ...areShared(of.cutout({ size: 1 })(own, x), evenly(cutsOf(x, 1))),
        ...areShared(of.randomFlip({ rate })(own, x), [[x, 1 - rate], [flip(x, [2]), rate]]) // prettier-ignore
      ])
    }),
    law("rotations turn places about the middle, both ways, as far as they may", rounded, turning, sample => {
      const { degrees, seed } = sample
      const shape = [MANY, 5, 5]
      const [row, column] = [1, 2].map(axis => sub(iota(shape, axis, "f64"), 2)) as [Tensor, Tensor]
      const turned = of.randomRotation({ degrees })(key(seed), stack([row, column], -1))
      const [y, x] = [at(turned, 0, -1), at(turned, 1, -1)]
      const length = add(square(row), square(column))
      const among = (t: Tensor): Tensor => where(le(length, 4), t, 0) // what comes from further may be outside
      const [along, across] = [among(add(mul(y, row), mul(x, column))), among(sub(mul(y, column), mul(x, row)))]
      const isWithin = (angle: number): Tensor =>
        all(ge(along, mul(among(length), Math.cos((angle * Math.PI) / 180) - 1e-9)))
      return [
        [
          among(add(square(y), square(x))),
          isWithin(degrees),
          isWithin(degrees / 2),
          any(gt(across, 0)),
          any(lt(across, 0))
        ],
        [among(length), ...[true, false, true, true].map(truth)]
      ]
    }),
    law("noise is normal, of its deviation, and does not see images", rounded, noisy, ({ deviation, seed }) => {
      const x = draw(seed, MANY, 3, 4, 2)
      const add = of.randomNoise({ deviation })
      const noise = add(key(seed + 1), zerosLike(x))
      const n = sizeOf(x.shape)
      const isNear = (t: Tensor, wanted: number, spread: number): Tensor =>
        le(abs(sub(t, wanted)), (5 * spread) / Math.sqrt(n))
      const unit = div(noise, deviation)
      return [
        [
          sub(add(key(seed + 1), x), x),
          isNear(mean(unit), 0, 1),
          isNear(mean(square(unit)), 1, Math.SQRT2),
          isNear(mean(cast(le(abs(unit), 1), "f64")), 0.6827, 0.5)
        ],
        [noise, truth(true), truth(true), truth(true)]
      ]
    }),
    law(
      "what is wanted is mixed as what is given, of two examples at most",
      rounded,
      mixtures,
      ({ n, alpha, seed }) => {
        const x = draw(seed, n, 3)
        const mixed = of.mixup({ alpha })(key(seed + 1), { x, y: eye(n, n, "f64") })
        const shares = mixed.y
        return [
          [
            mixed.x,
            sum(shares, { axes: 1 }),
            all(ge(shares, 0)),
            all(le(sum(cast(gt(shares, 0), "i32"), { axes: 1 }), 2))
          ],
          [matmul(shares, x), ones([n], "f64"), truth(true), truth(true)]
        ]
      }
    )
  ]
}
