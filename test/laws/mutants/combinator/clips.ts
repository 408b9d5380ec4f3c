import {
  abs,
  add,
  cast,
  clamp,
  div,
  gt,
  le,
  max,
  maximum,
  mul,
  norm,
  Tree,
  where,
  zerosLike,
  type Tensor
} from "thalweg"
import { anyOptimizer, clipAdaptiveLaws, clipByLeafNormLaws, clipByValueLaws } from "thalweg/laws"
import { clipAdaptive, clipByLeafNorm, clipByNorm, clipByValue } from "thalweg/optimizer"
import { clipElements, clipLeaves, clipUnits, type UnitClipOptions } from "thalweg/transform"
import { mutant, type Mutants } from "../mutant.js"
import { before, onDisplacements, rateless, type Wrap } from "./wrap.js"

type Clip = (most: number) => Wrap

const leafwise =
  (f: (t: Tensor, most: number) => Tensor): Clip =>
  most =>
    before(Tree.map(t => f(t, most)))

/** How large a leaf is, in its dtype. */
const sizeOf = (t: Tensor): Tensor => cast(norm(cast(t, "f64")), t.dtype)

const smoothly = leafwise((t, most) => mul(t, div(most, add(sizeOf(t), most))))
const dropping = leafwise((t, most) => where(gt(sizeOf(t), most), zerosLike(t), t))
const stretching = leafwise((t, most) => mul(t, div(most, sizeOf(t))))
const twice =
  (right: Clip): Clip =>
  most =>
    right(2 * most)

const leafNorm: Clip = most => inner => anyOptimizer(clipByLeafNorm(most)(inner))
const globally: Clip = most => inner => anyOptimizer(clipByNorm(most)(inner))
const leafClips = (how: Clip) => clipByLeafNormLaws(how as never)

export const clipByLeafNormMutants: Mutants = {
  "clipByLeafNorm is idempotent": [mutant("shrinks everything a little", leafClips(smoothly))],
  "two of clipByLeafNorm are the smaller": [mutant("shrinks everything a little", leafClips(smoothly))],
  "clipByLeafNorm does not expand distances": [mutant("drops what is too long", leafClips(dropping))],
  "clipByLeafNorm keeps zeros": [mutant("divides by the norm", leafClips(stretching))],
  "clipByLeafNorm keeps what is within the bound": [mutant("shrinks everything a little", leafClips(smoothly))],
  "clipByLeafNorm acts on the gradient alone": [
    mutant(
      "clips displacements",
      leafClips(most => onDisplacements(clipLeaves(most)))
    )
  ],
  "clipByLeafNorm keeps the rate": [
    mutant(
      "says a rate of its own",
      leafClips(most => rateless(leafNorm(most)))
    )
  ],
  "nothing is above the bound of clipByLeafNorm": [mutant("takes the bound for a radius", leafClips(twice(leafNorm)))],
  "for one leaf clipByLeafNorm is clipByNorm": [mutant("shrinks everything a little", leafClips(smoothly))],
  "clipByLeafNorm clips each leaf as if it were alone": [mutant("clips all leaves together", leafClips(globally))],
  "a mean square is a norm over the root of the size": [mutant("always measures by the norm", leafClips(leafNorm))],
  "clipByLeafNorm makes a NaN visible in its leaf": [
    mutant("clips all leaves together", leafClips(globally)),
    mutant(
      "compares, and so lets NaN pass",
      leafClips(leafwise((t, most) => where(gt(sizeOf(t), most), mul(t, div(most, sizeOf(t))), t)))
    )
  ]
}

const byValue: Clip = most => inner => anyOptimizer(clipByValue(most)(inner))
const valueClips = (how: Clip) => clipByValueLaws(how as never)

const softly = leafwise((t, most) => div(mul(t, most), add(abs(t), most)))

export const clipByValueMutants: Mutants = {
  "clipByValue is idempotent": [mutant("saturates smoothly", valueClips(softly))],
  "two of clipByValue are the smaller": [mutant("saturates smoothly", valueClips(softly))],
  "clipByValue does not expand distances": [
    mutant("drops what is too large", valueClips(leafwise((t, most) => where(le(abs(t), most), t, zerosLike(t)))))
  ],
  "clipByValue keeps zeros": [mutant("divides by the size", valueClips(leafwise((t, c) => mul(div(t, abs(t)), c))))],
  "clipByValue keeps what is within the bound": [mutant("saturates smoothly", valueClips(softly))],
  "clipByValue acts on the gradient alone": [
    mutant(
      "clips displacements",
      valueClips(most => onDisplacements(clipElements(most)))
    )
  ],
  "clipByValue keeps the rate": [
    mutant(
      "says a rate of its own",
      valueClips(most => rateless(byValue(most)))
    )
  ],
  "nothing is above the bound of clipByValue": [mutant("takes the bound for a radius", valueClips(twice(byValue)))],
  "clipByValue cuts each element as if it were alone": [
    mutant(
      "shortens the leaf by its largest element",
      valueClips(leafwise((t, most) => (t.shape.includes(0) ? t : mul(t, div(most, maximum(max(abs(t)), most))))))
    )
  ],
  "clipByValue keeps signs": [mutant("cuts at 0 below", valueClips(leafwise((t, most) => clamp(t, 0, most))))]
}

type Adaptive = (most: number, options?: UnitClipOptions) => Wrap

const adaptive: Adaptive = (most, options) => inner => anyOptimizer(clipAdaptive(most, options)(inner))
const adaptiveClips = (how: Adaptive) => clipAdaptiveLaws(how as never)

/** Leaf by leaf, under a bound that depends on the parameters. */
const relatively =
  (f: (t: Tensor, most: Tensor) => Tensor): Adaptive =>
  lambda =>
    before((updates, params) =>
      Tree.zipWith((u: Tensor, p: Tensor) => f(u, mul(maximum(sizeOf(p), 1e-3), lambda)))<Tree>(updates, params)
    )

const shrinking = relatively((t, most) => mul(t, div(most, add(sizeOf(t), most))))

export const clipAdaptiveMutants: Mutants = {
  "clipAdaptive is idempotent": [mutant("shrinks everything a little", adaptiveClips(shrinking))],
  "two of clipAdaptive are the smaller": [mutant("shrinks everything a little", adaptiveClips(shrinking))],
  "clipAdaptive does not expand distances": [
    mutant(
      "drops what is too long",
      adaptiveClips(relatively((t, most) => where(gt(sizeOf(t), most), zerosLike(t), t)))
    )
  ],
  "clipAdaptive keeps zeros": [
    mutant("divides by the norm", adaptiveClips(relatively((t, most) => mul(t, div(most, sizeOf(t))))))
  ],
  "clipAdaptive keeps what is within the bound": [mutant("shrinks everything a little", adaptiveClips(shrinking))],
  "clipAdaptive acts on the gradient alone": [
    mutant(
      "clips displacements",
      adaptiveClips(lambda => onDisplacements(clipUnits(lambda)))
    )
  ],
  "clipAdaptive keeps the rate": [
    mutant(
      "says a rate of its own",
      adaptiveClips((lambda, options) => rateless(adaptive(lambda, options)))
    )
  ],
  "nothing is above the bound of clipAdaptive": [
    mutant("takes the bound for a radius", adaptiveClips(twice(lambda => adaptive(lambda))))
  ],
  "clipAdaptive clips each unit as if it were alone": [
    mutant("clips leaf by leaf", adaptiveClips(relatively((t, most) => mul(t, div(most, maximum(sizeOf(t), most))))))
  ],
  "units along the first axis are those of the transposed": [
    mutant(
      "always takes the last axis",
      adaptiveClips(lambda => adaptive(lambda))
    )
  ],
  "clipAdaptive does not see a common scale": [mutant("does not look at the parameters", adaptiveClips(leafNorm))]
}
