import { cast, eq, mul, Tree, where, type Tensor } from "thalweg"
import { layerwiseLaws, matrixLaws, type LayerwiseFamily, type MatrixFamily } from "thalweg/laws"
import {
  adafactor,
  adagrad,
  adam,
  adamMini,
  fromage,
  galore,
  lamb,
  lars,
  momentum,
  muon,
  normuon,
  novograd,
  onDisplacement,
  onGradient,
  psgdKron,
  shampoo,
  rmsprop,
  sgd,
  signSgd,
  sm3,
  soap
} from "thalweg/optimizer"
import { globalNorm, normalize, scale } from "thalweg/transform"
import { afterwards, forgetful, made, tampered, wrapped, zeroIsUnset, type Recipe } from "./family.js"
import { mutant, type Mutants } from "../mutant.js"

const layers = { lars, lamb, novograd, fromage, momentum, adamMini, adam, signSgd }
const layering = (wrong: Partial<LayerwiseFamily>) => layerwiseLaws({ ...layers, ...wrong })

/** A ratio of 0, not 1, where the parameters are 0: they never leave it. */
const stuck = <R extends Recipe>(right: R): R =>
  wrapped(right, optimizer =>
    afterwards(optimizer, ([displacement, after], { params }) => {
      const still = Tree.zipWith((d: Tensor, p: Tensor) => mul(d, cast(where(eq(globalNorm(p), 0), 0, 1), d.dtype)))
      return [still<Tree>(displacement, params), after]
    })
  )

/** By the norm over all leaves, not by that of each. */
const together = <R extends Recipe>(right: R): R =>
  made(right, ({ learningRate = 1 }) => onGradient(normalize())(sgd({ learningRate })))

const onlyLars = made(fromage, ({ learningRate = 1e-2 }) => lars({ learningRate, momentum: 0, trustCoefficient: 1 }))

export const layerwiseMutants: Mutants = {
  "adamMini does not see the scale of the gradients of any one leaf": [
    mutant("takes an ε of 0 for unset", layering({ adamMini: zeroIsUnset(adamMini, "eps", 1e-8) }))
  ],
  "adamMini of leaves of one element is adam": [
    mutant("averages squares as gradients", layering({ adamMini: tampered(adamMini, ({ b1 = 0.9 }) => ({ b2: b1 })) }))
  ],
  "adamMini of gradients of one size is adam": [
    mutant("takes sums of squares", layering({ adamMini: made(adamMini, ({ blocks: _, ...o }) => novograd(o)) }))
  ],
  "adamMini along the first axis is adamMini along the last, turned": [
    mutant(
      "has blocks along the last axis, whatever is said",
      layering({ adamMini: tampered(adamMini, () => ({ blocks: "last" })) })
    )
  ],
  "lars at parameters of 0 is momentum": [mutant("stays at parameters of 0", layering({ lars: stuck(lars) }))],
  "the ratios of lars are equal without decay": [
    mutant(
      "has another coefficient in one form",
      layering({ lars: tampered(lars, o => (String(o["ratio"]) === "joint" ? { trustCoefficient: 1 } : {})) })
    )
  ],
  "the first step of lars is η·c·‖p‖ long in every leaf": [
    mutant("adds ε to the norm", layering({ lars: tampered(lars, () => ({ eps: 1e-6 })) }))
  ],
  "lamb at parameters of 0 is adam": [mutant("stays at parameters of 0", layering({ lamb: stuck(lamb) }))],
  "a step of lamb is η·‖p‖ long in every leaf": [
    mutant("leaves the ratio out", layering({ lamb: made(lamb, o => adam(o)) }))
  ],
  "the first step of novograd is η long in every leaf": [
    mutant(
      "begins its mean square at 0",
      layering({
        novograd: wrapped(novograd, (right, { b2 = 0.98 }) => onDisplacement(scale(1 / Math.sqrt(1 - b2)))(right))
      })
    )
  ],
  "novograd of betas 0 on leaves of one element is signSgd": [
    mutant("takes 0 for unset", layering({ novograd: zeroIsUnset(novograd, "b1", 0.95) }))
  ],
  "fromage keeps the norm of a leaf at right angles to its gradient": [
    mutant("does not shrink", layering({ fromage: onlyLars }))
  ],
  "fromage shrinks leaves without gradients by √(1 + η²)": [mutant("does not shrink", layering({ fromage: onlyLars }))],
  "fromage moves a leaf by η·‖p‖ along its gradient, before it shrinks": [
    mutant("does not shrink", layering({ fromage: onlyLars })),
    mutant("counts short leaves as longer", layering({ fromage: tampered(fromage, () => ({ minNorm: 1 })) }))
  ],
  "lars does not see the scale of the gradients of any one leaf": [
    mutant("takes the norm over all leaves", layering({ lars: together(lars) })),
    mutant("takes an ε of 0 for unset", layering({ lars: zeroIsUnset(lars, "eps", 1e-6) }))
  ],
  "lamb does not see the scale of the gradients of any one leaf": [
    mutant("takes the norm over all leaves", layering({ lamb: together(lamb) })),
    mutant("takes an ε of 0 for unset", layering({ lamb: zeroIsUnset(lamb, "eps", 1e-6) }))
  ],
  "novograd does not see the scale of the gradients of any one leaf": [
    mutant("takes the norm over all leaves", layering({ novograd: together(novograd) })),
    mutant("takes an ε of 0 for unset", layering({ novograd: zeroIsUnset(novograd, "eps", 1e-6) }))
  ],
  "fromage does not see the scale of the gradients of any one leaf": [
    mutant("takes the norm over all leaves", layering({ fromage: together(fromage) })),
    mutant("counts short leaves as longer", layering({ fromage: tampered(fromage, () => ({ minNorm: 1 })) }))
  ]
}

const matrices = { muon, normuon, shampoo, soap, psgdKron, galore, adafactor, sm3, adagrad, adam, sgd, signSgd }
const held = (wrong: Partial<MatrixFamily>) => matrixLaws({ ...matrices, ...wrong })
const averagingSquares = made(sm3, ({ learningRate = 0 }) => rmsprop({ learningRate, eps: 0 }))

/** Muon under the name of NorMuon. */
const asMuon = (adjust: "matchRmsAdamw") =>
  made(normuon, ({ learningRate = 0.02, targetRms = 0.2 }) => muon({ learningRate, rmsRate: targetRms, adjust }))

export const matrixMutants: Mutants = {
  "muon does not see the scale of the gradients of any one leaf": [
    mutant("takes the norm over all leaves", held({ muon: together(muon) })),
    mutant("takes an ε of 0 for unset", held({ muon: zeroIsUnset(muon, "eps", 1e-7) }))
  ],
  "muon without matrices is what it has elsewhere": [
    mutant(
      "has adam with its defaults elsewhere",
      held({ muon: made(muon, ({ learningRate = 0.02 }) => muon({ learningRate })) })
    )
  ],
  "the steps of muon are η times an orthogonal matrix": [
    mutant(
      "divides by the norm only",
      held({ muon: tampered(muon, () => ({ nsSteps: 1, nsCoefficients: [1, 0, 0] })) })
    ),
    mutant("adjusts anyway", held({ muon: tampered(muon, () => ({ adjust: "outOverIn" })) }))
  ],
  "muon turns its steps with its matrices": [
    mutant("adjusts anyway", held({ muon: tampered(muon, () => ({ adjust: "outOverIn" })) }))
  ],
  "muon of some of the matrices is a part of them": [
    mutant("takes all of them", held({ muon: tampered(muon, () => ({ matrices: "**" })) }))
  ],
  "muon flattens a kernel to the matrix of its last axis": [
    mutant("leaves it to adam", held({ muon: tampered(muon, () => ({ flatten: false })) }))
  ],
  "the steps of normuon have the root mean square targetRms·η": [
    mutant("is muon, matched to the steps of AdamW", held({ normuon: asMuon("matchRmsAdamw") }))
  ],
  "the steps of normuon that keep norms are as long as those of muon": [
    mutant("forgets to adjust", held({ normuon: tampered(normuon, () => ({ adjust: "none" })) })),
    mutant(
      "has the length of the other form",
      held({ normuon: made(normuon, ({ norm: _, adjust: __, ...o }) => normuon(o)) })
    )
  ],
  "normuon that remembers nothing moves all units alike": [
    mutant("is muon, matched to the steps of AdamW", held({ normuon: asMuon("matchRmsAdamw") })),
    mutant("takes 0 for unset", held({ normuon: zeroIsUnset(normuon, "b2", 0.95) }))
  ],
  "normuon without matrices is what it has elsewhere": [
    mutant("has adam with its defaults elsewhere", held({ normuon: tampered(normuon, () => ({ elsewhere: adam() })) }))
  ],
  "the steps of galore of rank 1 have rank 1": [
    mutant("keeps one more direction", held({ galore: tampered(galore, ({ rank = 1 }) => ({ rank: rank + 1 })) }))
  ],
  "galore of matrices it is not to project is adam": [
    mutant("scales all leaves", held({ galore: wrapped(galore, onDisplacement(scale(0.25))) }))
  ],
  "galore of all directions, under an ε that outweighs all, descends by α": [
    mutant("forgets α", held({ galore: tampered(galore, () => ({ scale: 0.25 })) })),
    mutant("keeps one direction", held({ galore: tampered(galore, () => ({ rank: 1 })) }))
  ],
  "muon of momentum 0 does not look ahead": [
    mutant("takes 0 for unset", held({ muon: zeroIsUnset(muon, "momentum", 0.95) }))
  ],
  "the first step of shampoo is η times an orthogonal matrix": [
    mutant("takes a small ε for unset", held({ shampoo: tampered(shampoo, () => ({ eps: 0.1 })) })),
    mutant("looks at no axis", held({ shampoo: tampered(shampoo, () => ({ maxSize: 1 })) }))
  ],
  "shampoo turns its steps with its matrices": [
    mutant(
      "adjusts by rows and columns",
      held({ shampoo: made(shampoo, ({ learningRate = 1 }) => muon({ learningRate, adjust: "outOverIn" })) })
    )
  ],
  "shampoo computes roots in every k-th step, from the first": [
    mutant("computes them in every step", held({ shampoo: tampered(shampoo, () => ({ every: 1 })) }))
  ],
  "soap turns its steps with its matrices": [
    mutant(
      "adjusts by rows and columns",
      held({ soap: made(soap, ({ learningRate = 1 }) => muon({ learningRate, adjust: "outOverIn" })) })
    )
  ],
  "soap of vectors takes the steps of adam, and before them none": [
    mutant(
      "moves by the first gradient",
      held({ soap: made(soap, ({ learningRate = 1, b1 = 0, b2 = 0, eps = 0 }) => adam({ learningRate, b1, b2, eps })) })
    ),
    mutant("has ε beside the raw root", held({ soap: tampered(soap, () => ({ form: "epsilonHat" })) }))
  ],
  "soap reflects its steps with its gradients": [
    mutant("is adam, which turns nothing", held({ soap: tampered(soap, () => ({ maxSize: 1 })) }))
  ],
  "soap keeps its directions until the k-th step": [
    mutant("renews them a step too soon", held({ soap: tampered(soap, ({ every = 1 }) => ({ every: every - 1 })) }))
  ],
  "psgdKron that fits nothing, without momentum, is sgd": [
    mutant("takes a probability of 0 for unset", held({ psgdKron: zeroIsUnset(psgdKron, "probability", 1) })),
    mutant("takes a momentum of 0 for unset", held({ psgdKron: zeroIsUnset(psgdKron, "momentum", 0.9) })),
    mutant("cuts anyway", held({ psgdKron: tampered(psgdKron, () => ({ clip: 1.1 })) }))
  ],
  "no step of psgdKron has a root mean square above η·clip": [
    mutant("cuts at its default", held({ psgdKron: tampered(psgdKron, () => ({ clip: 1.1 })) }))
  ],
  "gradients c times as large, begun at a scale √c times as small, leave the steps of psgdKron as they are": [
    mutant("begins at the identity", held({ psgdKron: tampered(psgdKron, () => ({ initialScale: 1 })) }))
  ],
  "adafactor with factors is adafactor without, for squares of rank one": [
    mutant("takes an ε₁ of 0 for unset", held({ adafactor: zeroIsUnset(adafactor, "eps1", 1e-3) }))
  ],
  "the first step of adafactor without factors is signSgd's, if absolute": [
    mutant("steps relatively", held({ adafactor: tampered(adafactor, () => ({ steps: "relative" })) }))
  ],
  "adafactor with momentum averages its steps": [
    mutant(
      "sums its steps",
      held({
        adafactor: wrapped(adafactor, (right, { momentum: mu = 0 }) => onDisplacement(scale(1 / (1 - mu)))(right))
      })
    )
  ],
  "the rate of adafactor is never above t^-κ": [
    mutant("has a rate of its own only", held({ adafactor: tampered(adafactor, () => ({ rateDecay: 0 })) }))
  ],
  "sm3 of momentum 0 is adagrad on vectors": [
    mutant("takes 0 for unset", held({ sm3: zeroIsUnset(sm3, "momentum", 0.9) }))
  ],
  "no step of sm3 is longer than adagrad's, without momentum": [
    mutant("averages squares", held({ sm3: averagingSquares }))
  ],
  "no step of sm3 is longer than η": [mutant("averages squares", held({ sm3: averagingSquares }))],
  "the bounds of sm3 never fall": [mutant("forgets", held({ sm3: forgetful(sm3, "accumulators") }))]
}
