import {
  abs,
  add,
  cast,
  clamp,
  div,
  gt,
  max,
  maximum,
  mul,
  norm,
  sub,
  Tree,
  where,
  zerosLike,
  type Tensor
} from "thalweg"
import { clipAdaptiveLaws, clipByLeafNormLaws, clipByNormLaws, clipByValueLaws, clipLaws, type Law } from "thalweg/laws"
import { clipAdaptive, clipByLeafNorm, clipByNorm, clipByValue } from "thalweg/optimizer"
import {
  clipByGlobalNorm,
  clipElements,
  clipLeaves,
  clipUnits,
  globalNorm,
  identity,
  type UnitClipOptions
} from "thalweg/transform"
import { mutant, type Mutants } from "../mutant.js"
import { before, onDisplacements, rateless, type Wrap } from "./wrap.js"

/** What becomes of updates under a bound, at some parameters. */
type Change = (updates: Tree, most: number, params: Tree) => Tree
type Clip = (most: number) => Wrap

/** What becomes of numbers of a size under a bound. */
type Shrink = (t: Tensor, size: Tensor, most: Tensor | number) => Tensor

const part = (factor: number, bound: Tensor | number): Tensor | number =>
  typeof bound === "number" ? factor * bound : mul(bound, factor)

const smoothly: Shrink = (t, size, most) => mul(t, div(most, add(size, most)))
const dropping: Shrink = (t, size, most) => where(gt(size, most), zerosLike(t), t)
const stretching: Shrink = (t, size, most) => mul(t, div(most, size))
const halving: Shrink = (t, size, most) => where(gt(size, most), mul(t, div(part(0.5, most), size)), t)
const turning: Shrink = (t, size, most) => where(gt(size, most), mul(t, div(part(-1, most), size)), t)

/** From half the bound on, smaller and smaller parts of what is added. */
const early: Shrink = (t, size, most) => {
  const half = part(0.5, most)
  return where(gt(size, half), mul(t, div(mul(sub(1, div(part(0.5, half), size)), most), size)), t)
}

interface Wrong {
  /** The laws of a clip that changes updates in some way. */
  readonly changed: (change: Change) => readonly Law[]
  /** A clip of some sizes that shrinks in some way. */
  readonly of: (shrink: Shrink) => Change
  /** The laws of the right clip to twice the bound. */
  readonly twice: readonly Law[]
}

const projectingMutants = (name: string, { changed, of, twice }: Wrong): Mutants => {
  const little = mutant("shrinks everything a little", changed(of(smoothly)))
  return {
    [`${name} is idempotent`]: [little],
    [`two of ${name} are the smaller`]: [little],
    [`${name} does not expand distances`]: [
      mutant("drops what is too large", changed(of(dropping))),
      mutant("halves what is too large", changed(of(halving)))
    ],
    [`${name} keeps zeros`]: [mutant("divides by the size", changed(of(stretching)))],
    [`${name} keeps what is within the bound`]: [little, mutant("begins at half the bound", changed(of(early)))],
    [`nothing is above the bound of ${name}`]: [mutant("takes the bound for a radius", twice)],
    [`${name} keeps directions`]: [
      mutant(
        "cuts at 0 below",
        changed((updates, most) => Tree.map(t => clamp(t, 0, most))(updates))
      ),
      mutant("turns round what is too large", changed(of(turning)))
    ]
  }
}

const clippingMutants = (name: string, laws: (clip: Clip) => readonly Law[], right: Clip, late: Clip): Mutants => ({
  [`${name} acts on the gradient alone`]: [mutant("clips displacements", laws(late))],
  [`${name} keeps the rate`]: [
    mutant(
      "says a rate of its own",
      laws(most => rateless(right(most)))
    )
  ]
})

const like = (value: Tensor, t: Tensor): Tensor => cast(value, t.dtype)

/** By the norm over all leaves. */
const together =
  (shrink: Shrink): Change =>
  (updates, most) => {
    const size = globalNorm(updates)
    return Tree.map(t => shrink(t, like(size, t), most))(updates)
  }

const changing =
  (change: Change): Clip =>
  most =>
    before((updates, params) => change(updates, most, params))

const leafByLeaf =
  (shrink: Shrink): Change =>
  (updates, most) =>
    Tree.map(t => shrink(t, like(norm(cast(t, "f64")), t), most))(updates)

const globally = (how: (most: number) => unknown) => clipLaws(how as typeof clipByGlobalNorm)
const globalChange = (change: Change) =>
  globally(most => ({
    ...identity,
    update: (updates: Tree, state: Tree, params: Tree) => [change(updates, most, params), state]
  }))

const apart = leafByLeaf((t, size, most) => mul(t, div(most, maximum(size, most))))
const comparing: Shrink = (t, size, most) => where(gt(size, most), mul(t, div(most, size)), t)

export const clipMutants: Mutants = {
  ...projectingMutants("clipByGlobalNorm", {
    changed: globalChange,
    of: together,
    twice: globally(most => clipByGlobalNorm(2 * most))
  }),
  "nothing is above the bound of clipByGlobalNorm": [mutant("clips each leaf by itself", globalChange(apart))],
  "clipByGlobalNorm makes a NaN visible everywhere": [
    mutant("compares, and so lets NaN pass", globalChange(together(comparing)))
  ]
}

const byNorm: Clip = most => inner => clipByNorm(most)(inner)
const normClips = (how: Clip) => clipByNormLaws(how as never)

export const clipByNormMutants: Mutants = {
  ...projectingMutants("clipByNorm", {
    changed: change => normClips(changing(change)),
    of: together,
    twice: normClips(most => byNorm(2 * most))
  }),
  ...clippingMutants("clipByNorm", normClips, byNorm, most => onDisplacements(clipByGlobalNorm(most))),
  "clipByNorm shows what clipByGlobalNorm makes of gradients": [
    mutant("clips each leaf by itself", normClips(changing(apart)))
  ]
}

const byLeafNorm: Clip = most => inner => clipByLeafNorm(most)(inner)
const leafClips = (how: Clip) => clipByLeafNormLaws(how as never)

export const clipByLeafNormMutants: Mutants = {
  ...projectingMutants("clipByLeafNorm", {
    changed: change => leafClips(changing(change)),
    of: leafByLeaf,
    twice: leafClips(most => byLeafNorm(2 * most))
  }),
  ...clippingMutants("clipByLeafNorm", leafClips, byLeafNorm, most => onDisplacements(clipLeaves(most))),
  "for one leaf clipByLeafNorm is clipByNorm": [
    mutant("shrinks everything a little", leafClips(changing(leafByLeaf(smoothly))))
  ],
  "clipByLeafNorm clips each leaf as if it were alone": [mutant("clips all leaves together", leafClips(byNorm))],
  "a mean square is a norm over the root of the size": [mutant("always measures by the norm", leafClips(byLeafNorm))],
  "clipByLeafNorm makes a NaN visible in its leaf": [
    mutant("clips all leaves together", leafClips(byNorm)),
    mutant("compares, and so lets NaN pass", leafClips(changing(leafByLeaf(comparing))))
  ]
}

const byElement =
  (shrink: Shrink): Change =>
  (updates, most) =>
    Tree.map(t => shrink(t, abs(t), most))(updates)

const byValue: Clip = most => inner => clipByValue(most)(inner)
const valueClips = (how: Clip) => clipByValueLaws(how as never)

/** By the largest element of each leaf. */
const byLargest: Change = (updates, most) =>
  Tree.map(t => (t.shape.includes(0) ? t : mul(t, div(most, maximum(max(abs(t)), most)))))(updates)

export const clipByValueMutants: Mutants = {
  ...projectingMutants("clipByValue", {
    changed: change => valueClips(changing(change)),
    of: byElement,
    twice: valueClips(most => byValue(2 * most))
  }),
  ...clippingMutants("clipByValue", valueClips, byValue, most => onDisplacements(clipElements(most))),
  "clipByValue cuts each element as if it were alone": [
    mutant("shortens the leaf by its largest element", valueClips(changing(byLargest)))
  ]
}

type Adaptive = (most: number, options?: UnitClipOptions) => Wrap

const adaptive: Adaptive = (most, options) => inner => clipAdaptive(most, options)(inner)
const adaptiveClips = (how: Adaptive) => clipAdaptiveLaws(how as never)

/** Leaf by leaf, under a bound that depends on the parameters. */
const relatively =
  (shrink: Shrink): Change =>
  (updates, most, params) => {
    const sizeOf = (t: Tensor): Tensor => like(norm(cast(t, "f64")), t)
    const shrunk = Tree.zipWith((u: Tensor, p: Tensor) => shrink(u, sizeOf(u), mul(maximum(sizeOf(p), 1e-3), most)))
    return shrunk<Tree>(updates, params)
  }

const wholeLeaves = relatively((t, size, most) => mul(t, div(most, maximum(size, most))))

export const clipAdaptiveMutants: Mutants = {
  ...projectingMutants("clipAdaptive", {
    changed: change => adaptiveClips(changing(change)),
    of: relatively,
    twice: adaptiveClips(most => adaptive(2 * most))
  }),
  ...clippingMutants("clipAdaptive", adaptiveClips, adaptive, most => onDisplacements(clipUnits(most))),
  "clipAdaptive clips each unit as if it were alone": [
    mutant("clips leaf by leaf", adaptiveClips(changing(wholeLeaves)))
  ],
  "units along the first axis are those of the transposed": [
    mutant(
      "always takes the last axis",
      adaptiveClips(most => adaptive(most))
    )
  ],
  "clipAdaptive does not see a common scale": [mutant("does not look at the parameters", adaptiveClips(byLeafNorm))]
}
