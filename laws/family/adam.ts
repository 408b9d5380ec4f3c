import fc from "fast-check"
import {
  withWeightDecay,
  type adam,
  type adamax,
  type AdamaxOptions,
  type adamaxw,
  type AdamOptions,
  type adamw,
  type nadam,
  type nadamw,
  type scheduledNadam,
  type rmsprop,
  type signSgd
} from "thalweg/optimizer"
import { fixed } from "../arbitrary/hyperparameter.js"
import { moving, run, wide, wideMoving } from "../arbitrary/run.js"
import { amplified, exact, rounded } from "../equality.js"
import { law, type Law } from "../law.js"
import {
  allTrue,
  atConstantGradient,
  beta,
  eps,
  filled,
  growingBy,
  movesOf,
  rate,
  samePath,
  seesNoScale,
  signs,
  sizes,
  someBeta,
  within
} from "./agree.js"
import type { FunctionOf } from "../callable.js"

/** Adam, Adamax and NAdam, with decay and without, and what they are at the ends of their ranges. */
export interface AdamFamily {
  readonly adam: FunctionOf<typeof adam>
  readonly adamw: FunctionOf<typeof adamw>
  readonly adamax: FunctionOf<typeof adamax>
  readonly adamaxw: FunctionOf<typeof adamaxw>
  readonly nadam: FunctionOf<typeof nadam>
  readonly scheduledNadam: FunctionOf<typeof scheduledNadam>
  readonly nadamw: FunctionOf<typeof nadamw>
  readonly rmsprop: FunctionOf<typeof rmsprop>
  readonly signSgd: FunctionOf<typeof signSgd>
}

const adams: fc.Arbitrary<AdamOptions> = fc.record({ learningRate: rate, b1: beta, b2: beta, eps, epsRoot: fixed(0.1) })
const adamaxes: fc.Arbitrary<AdamaxOptions> = fc.record({ learningRate: rate, b1: beta, b2: beta, eps })
const lambda = fixed(1)

const undecayed = ({ adam, adamw, adamax, adamaxw, nadam, nadamw }: AdamFamily): readonly Law[] => [
  law("adamw without decay is adam", exact, fc.tuple(adams, run), ([o, r]) =>
    samePath(r, adamw({ ...o, weightDecay: 0 }), adam(o))
  ),
  law("adamaxw without decay is adamax", exact, fc.tuple(adamaxes, run), ([o, r]) =>
    samePath(r, adamaxw({ ...o, weightDecay: 0 }), adamax(o))
  ),
  law("nadamw without decay is nadam", exact, fc.tuple(adams, run), ([o, r]) =>
    samePath(r, nadamw({ ...o, weightDecay: 0 }), nadam(o))
  )
]

const decayed = ({ adam, adamw, adamax, adamaxw, nadam, nadamw }: AdamFamily): readonly Law[] => [
  law("adamw is weight decay over adam", rounded, fc.tuple(adams, lambda, wide), ([o, weightDecay, r]) =>
    samePath(r, adamw({ ...o, weightDecay }), withWeightDecay(weightDecay)(adam(o)))
  ),
  law("adamaxw is weight decay over adamax", rounded, fc.tuple(adamaxes, lambda, wide), ([o, weightDecay, r]) =>
    samePath(r, adamaxw({ ...o, weightDecay }), withWeightDecay(weightDecay)(adamax(o)))
  ),
  law("nadamw is weight decay over nadam", rounded, fc.tuple(adams, lambda, wide), ([o, weightDecay, r]) =>
    samePath(r, nadamw({ ...o, weightDecay }), withWeightDecay(weightDecay)(nadam(o)))
  ),
  law(
    "adamw divides its decay by its base rate",
    exact,
    fc.tuple(adams, lambda, fixed(2, 0.1), run),
    ([o, decay, base, r]) =>
      samePath(r, adamw({ ...o, weightDecay: decay, baseRate: base }), adamw({ ...o, weightDecay: decay / base }))
  )
]

const withoutMomentum = ({
  adam,
  adamax,
  nadam,
  scheduledNadam,
  nadamw,
  adamw,
  rmsprop,
  signSgd
}: AdamFamily): readonly Law[] => [
  law(
    "adam of β₁ 0 is rmsprop without bias, ε outside",
    exact,
    fc.tuple(rate, beta, eps, run),
    ([learningRate, b2, e, r]) =>
      samePath(
        r,
        adam({ learningRate, b1: 0, b2, eps: e }),
        rmsprop({ learningRate, decay: b2, eps: e, epsPlace: "outside", biasCorrection: true })
      )
  ),
  law("nadam of β₁ 0 is adam of β₁ 0", exact, fc.tuple(adams, run), ([o, r]) =>
    samePath(r, nadam({ ...o, b1: 0 }), adam({ ...o, b1: 0 }))
  ),
  law("scheduled nadam of β₁ 0 is adam of β₁ 0", exact, fc.tuple(adams, fixed(4), run), ([o, momentumDecay, r]) =>
    samePath(r, scheduledNadam({ ...o, b1: 0, momentumDecay }), adam({ ...o, b1: 0 }))
  ),
  law("nadamw of β₁ 0 is adamw of β₁ 0", exact, fc.tuple(adams, lambda, run), ([o, weightDecay, r]) =>
    samePath(r, nadamw({ ...o, b1: 0, weightDecay }), adamw({ ...o, b1: 0, weightDecay }))
  ),
  law("adam of betas 0 is signSgd", exact, fc.tuple(rate, moving), ([learningRate, r]) =>
    samePath(r, adam({ learningRate, b1: 0, b2: 0, eps: 0 }), signSgd({ learningRate }))
  ),
  law("adamax of betas 0 is signSgd", exact, fc.tuple(rate, run), ([learningRate, r]) =>
    samePath(r, adamax({ learningRate, b1: 0, b2: 0, eps: 0 }), signSgd({ learningRate }))
  )
]

const lookingAhead = ({ adam, nadam, scheduledNadam }: AdamFamily): readonly Law[] => [
  law("nadam is adam that looks ahead", exact, fc.tuple(adams, run), ([o, r]) =>
    samePath(r, nadam(o), adam({ ...o, nesterov: true }))
  ),
  law("scheduled nadam is nadam for ψ → ∞", rounded, fc.tuple(adams, wide), ([o, r]) =>
    samePath(r, scheduledNadam({ ...o, momentumDecay: 1e6 }), nadam(o))
  ),
  law(
    "without ε the two forms of adam are equal",
    amplified,
    fc.tuple(rate, beta, beta, wideMoving),
    ([learningRate, b1, b2, r]) => {
      const o = { learningRate, b1, b2, eps: 0 }
      return samePath(r, adam({ ...o, form: "epsilonHat" }), adam(o))
    }
  )
]

/** `(1-β₁)/c₁ · Σ_{j<t} (β₁/β₂)ʲ`: the longest step `t` of Adamax at rate 1, since `u ≥ β₂ʲ·|g_{t-j}|`. */
const longest = (b1: number, b2: number, t: number): number => {
  const terms = Array.from({ length: t }, (_, j) => (b1 / b2) ** j).reduce((total, term) => total + term)
  return ((1 - b1) / (1 - b1 ** t)) * terms
}

const maxima = ({ adamax }: AdamFamily): readonly Law[] => [
  seesNoScale(
    "adamax",
    adamaxes.map(o => adamax({ ...o, eps: 0 }))
  ),
  law(
    "adamax at a constant gradient steps by η",
    rounded,
    fc.tuple(rate, beta, beta, wideMoving),
    ([eta, b1, b2, r]) => {
      const constant = atConstantGradient(r)
      return [movesOf(adamax({ learningRate: eta, b1, b2, eps: 0 }), constant), constant.gradients.map(signs(-eta))]
    }
  ),
  law("no step of adamax is longer than its bound", exact, fc.tuple(beta, someBeta, wide), ([b1, b2, r]) =>
    allTrue(
      movesOf(adamax({ learningRate: 1, b1, b2, eps: 0 }), r).map((step, i) =>
        within(sizes(step), filled(longest(b1, b2, i + 1))(step))
      )
    )
  ),
  law(
    "a step of adamax can be as long as its bound",
    amplified,
    fc.tuple(beta, someBeta, wideMoving),
    ([b1, b2, r]) => {
      const falling = growingBy(b2, r)
      const steps = falling.gradients.length
      return [
        movesOf(adamax({ learningRate: 1, b1, b2, eps: 0 }), falling).at(-1) ?? [],
        signs(-longest(b1, b2, steps))(falling.gradients[0] ?? [])
      ]
    }
  )
]

/**
 * Lists the laws that relate Adam, Adamax and NAdam to each other, to their forms with decay and to what they become
 * where a hyperparameter vanishes. Exact where that leaves the same operations; decays and forms, which round in
 * another order, within 1e-12 or 1e-9 in f64.
 *
 * @example
 * import assert from "node:assert"
 * import { adam, adamax, adamaxw, adamw, nadam, nadamw, rmsprop, scheduledNadam, signSgd } from "thalweg/optimizer"
 * import { adamFamilyLaws, checkAll } from "thalweg/laws"
 *
 * const suite = adamFamilyLaws({ adam, adamax, adamaxw, adamw, nadam, nadamw, scheduledNadam, rmsprop, signSgd })
 * assert(checkAll(suite, { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const adamFamilyLaws = (family: AdamFamily): readonly Law[] => [
  ...undecayed(family),
  ...decayed(family),
  ...withoutMomentum(family),
  ...lookingAhead(family),
  ...maxima(family)
]
