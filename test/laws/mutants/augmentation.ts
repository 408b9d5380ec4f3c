import { add, concat, flip, mul, pad, roll, slice, sliceAxis, sub, type Tensor } from "thalweg"
import { augmentationLaws, type Augmentations } from "thalweg/laws"
import { foldIn, key, normal, split, uniform } from "thalweg/random"
import * as train from "thalweg/train"
import { mutant, type Mutant, type Mutants } from "./mutant.js"

const broken = (wrong: { readonly [K in keyof Augmentations]?: unknown }) =>
  augmentationLaws({ ...train, ...wrong } as Augmentations)

const ofImages = ["randomShift", "randomCrop", "randomFlip", "randomRotation", "randomNoise", "cutout"] as const

type Make = (options: object) => train.Augmentation

/** Each augmentation of images, applied otherwise. */
const eachOf = (what: string, change: (right: train.Augmentation) => train.Augmentation): readonly Mutant[] =>
  ofImages.map(name =>
    mutant(`${name} ${what}`, broken({ [name]: (options: object) => change((train[name] as Make)(options)) }))
  )

const apart = (x: Tensor, axis: number): readonly Tensor[] =>
  Array.from({ length: x.shape[axis] ?? 0 }, (_, i) => sliceAxis(x, axis, i, i + 1))

/** What is cut out, everything said. */
interface Crop {
  readonly height: number
  readonly width: number
  readonly padding: number
}

type Mix = (key: Tensor, batch: train.Dataset) => { readonly x: Tensor; readonly y: Tensor }

const mixing = (change: (right: Mix) => Mix) =>
  broken({ mixup: (options: train.MixupOptions) => change(train.mixup(options)) })

export const augmentationMutants: Mutants = {
  "augmentations that have nothing to do change nothing": [
    mutant("always flips", broken({ randomFlip: () => (_: Tensor, x: Tensor) => flip(x, 2) })),
    mutant("cuts at least a pixel out", broken({ cutout: () => train.cutout({ size: 1 }) })),
    mutant(
      "mixes halves",
      mixing(() => (_, { x, y }) => ({ x: mul(add(x, flip(x, 0)), 0.5), y: y }))
    )
  ],
  "augmentations change images, each key otherwise": [
    ...eachOf("does nothing", () => (_, x) => x),
    ...eachOf("has a key of its own", right => (_, x) => right(key(1), x)),
    mutant(
      "mixup does nothing",
      mixing(() => (_, batch) => batch)
    ),
    mutant(
      "mixup has a key of its own",
      mixing(right => (_, batch) => right(key(1), batch))
    )
  ],
  "images that are alike are changed each otherwise": eachOf(
    "draws once for the batch",
    right => (key, x) => concat(apart(x, 0).map(one => right(key, one)))
  ),
  "what is shifted or cropped is a part of an image among zeros": [
    mutant(
      "brings in from the other side",
      broken({
        randomShift:
          ({ by }: train.RandomShiftOptions) =>
          (key: Tensor, x: Tensor) =>
            train.randomCrop({ height: x.shape[1] ?? 0, width: x.shape[2] ?? 0 })(key, roll(x, by, [2]))
      })
    ),
    mutant(
      "shifts further",
      broken({ randomShift: ({ by }: train.RandomShiftOptions) => train.randomShift({ by: by + 1 }) })
    ),
    mutant(
      "takes height for width",
      broken({
        randomCrop: ({ height, width, padding }: Crop) =>
          train.randomCrop({ height, width, padding: Math.max(0, padding - 1) + width })
      })
    )
  ],
  "flipping all images turns their columns, or their rows, about": [
    mutant(
      "shifts what it flips",
      broken({ randomFlip: () => (key: Tensor, x: Tensor) => train.randomShift({ by: 1 })(key, flip(x, 2)) })
    ),
    mutant("flips one way only", broken({ randomFlip: ({ rate }: { readonly rate: number }) => train.randomFlip({ rate }) })) // prettier-ignore
  ],
  "what is cut out is a square about a pixel": [
    mutant(
      "cuts more",
      broken({ cutout: ({ size }: train.CutoutOptions) => train.cutout({ size: size && size + 1 }) })
    ),
    mutant(
      "cuts each channel by itself",
      broken({
        cutout: (options: train.CutoutOptions) => (key: Tensor, x: Tensor) =>
          concat(
            apart(x, 3).map((channel, i) => train.cutout(options)(foldIn(key, i), channel)),
            -1
          )
      })
    )
  ],
  "all shifts, crops and cuts come as often, and flips as they should": [
    mutant(
      "never shifts up",
      broken({
        randomShift:
          ({ by }: train.RandomShiftOptions) =>
          (key: Tensor, x: Tensor) => {
            const below = pad(x, [[0, 0], [by, 0], [by, by], [0, 0]]) // prettier-ignore
            return train.randomCrop({ height: x.shape[1] ?? 0, width: x.shape[2] ?? 0 })(key, below)
          }
      })
    ),
    mutant(
      "never crops at the left",
      broken({
        randomCrop:
          ({ height, width }: Crop) =>
          (key: Tensor, x: Tensor) =>
            train.randomCrop({ height, width })(key, slice(x, { start: [0, 0, 1] }))
      })
    ),
    mutant(
      "flips what it should leave",
      broken({ randomFlip: ({ rate }: { readonly rate: number }) => train.randomFlip({ rate: 1 - rate }) })
    )
  ],
  "rotations turn places about the middle, both ways, as far as they may": [
    mutant(
      "takes degrees for what they are in radians",
      broken({
        randomRotation: ({ degrees }: train.RandomRotationOptions) =>
          train.randomRotation({ degrees: Math.min(360, (degrees * 180) / Math.PI) })
      })
    ),
    mutant(
      "turns half as far",
      broken({
        randomRotation: ({ degrees }: train.RandomRotationOptions) => train.randomRotation({ degrees: degrees / 2 })
      })
    ),
    mutant(
      "turns about a corner",
      broken({
        randomRotation: (options: train.RandomRotationOptions) => (key: Tensor, x: Tensor) => {
          const [, height = 0, width = 0] = x.shape
          const [above, before] = [[height, 0] as const, [width, 0] as const]
          const wide = train.randomRotation(options)(key, pad(x, [[0, 0], above, before, [0, 0]]))
          return slice(wide, { start: [0, height, width] })
        }
      })
    )
  ],
  "noise is normal, of its deviation, and does not see images": [
    mutant(
      "takes the deviation for a variance",
      broken({
        randomNoise: ({ deviation }: train.RandomNoiseOptions) => train.randomNoise({ deviation: Math.sqrt(deviation) })
      })
    ),
    mutant(
      "multiplies",
      broken({
        randomNoise:
          ({ deviation }: train.RandomNoiseOptions) =>
          (key: Tensor, x: Tensor) =>
            mul(x, add(mul(normal(key, x.shape, { dtype: "f64" }), deviation), 1))
      })
    ),
    mutant(
      "draws evenly",
      broken({
        randomNoise:
          ({ deviation }: train.RandomNoiseOptions) =>
          (key: Tensor, x: Tensor) =>
            add(x, mul(sub(uniform(key, x.shape, { dtype: "f64" }), 0.5), Math.sqrt(12) * deviation))
      })
    )
  ],
  "what is wanted is mixed as what is given, of two examples at most": [
    mutant(
      "mixes what is given alone",
      mixing(right => (key, batch) => ({ x: right(key, batch).x, y: batch.y }))
    ),
    mutant(
      "goes beyond",
      mixing(right => (key, batch) => {
        const { x, y } = right(key, batch)
        return { x: sub(mul(batch.x, 2), x), y: sub(mul(batch.y, 2), y) }
      })
    ),
    mutant(
      "mixes twice",
      mixing(right => (key, batch) => {
        const [first, second] = split(key) as [Tensor, Tensor]
        return right(second, right(first, batch))
      })
    )
  ]
}
