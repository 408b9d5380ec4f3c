import fc from "fast-check"
import {
  abs,
  eye,
  le,
  mul,
  norm,
  onesLike,
  reshape,
  scalar,
  sign,
  sliceAxis,
  square,
  sub,
  sum,
  Tree,
  type Tensor
} from "thalweg"
import { partition, type AnyOptimizer, type MuonOptions } from "thalweg/optimizer"
import { applyMomentum } from "thalweg/transform"
import { fixed } from "../arbitrary/hyperparameter.js"
import { arbShape } from "../arbitrary/numbers.js"
import { arbRun, run, type Run, wide } from "../arbitrary/run.js"
import { amplified, exact } from "../equality.js"
import { law, type Law } from "../law.js"
import { stepsOf, streamOf, times } from "../sides.js"
import {
  allTrue,
  beta,
  filled,
  firstOf,
  movesOf,
  neverFalls,
  rate,
  samePath,
  sameUpdates,
  seesNoScaleOfALeaf,
  sizes,
  within
} from "./agree.js"
import {
  matrices,
  size,
  vectors,
  wellConditioned,
  gram,
  smaller,
  altered,
  turning,
  rms,
  type MatrixFamily
} from "./matrices.js"
import { preconditioned } from "./preconditioned.js"

const kernels = arbRun({ shape: fc.array(size, { minLength: 3, maxLength: 4 }) })
const elsewhere = arbRun({ shape: arbShape().filter(shape => shape.length !== 2) })

/** Coefficients that do go to orthogonal. */
const converging: MuonOptions = { nsSteps: 15, nsCoefficients: [1.5, -0.5, 0], eps: 0, adjust: "none" }

const flattening: (tree: Tree) => Tree = Tree.map(t => reshape(t, [-1, t.shape.at(-1) ?? 1]))

const norms = Tree.map(t => norm(t))

const orthogonal = ({ muon, adam }: MatrixFamily): readonly Law[] => {
  const adams = fc.record({ learningRate: rate, b1: beta, b2: beta, eps: fixed(0.1, 0.01) })
  return [
    seesNoScaleOfALeaf(
      "muon",
      fc
        .record({ learningRate: rate, momentum: beta, nesterov: fc.boolean() })
        .map(o => muon({ ...o, eps: 0, elsewhere: adam({ eps: 0 }) }))
    ),
    law(
      "muon without matrices is what it has elsewhere",
      exact,
      fc.tuple(rate, adams, elsewhere),
      ([learningRate, o, r]) => samePath(r, muon({ learningRate, elsewhere: adam(o) }), adam(o))
    ),
    law(
      "the steps of muon are η times an orthogonal matrix",
      amplified,
      fc.tuple(rate, beta, fc.boolean(), fc.boolean(), matrices),
      ([eta, mu, nesterov, flipped, r]) => {
        const steps = movesOf(
          muon({ ...converging, learningRate: eta, momentum: mu, nesterov }),
          wellConditioned(r, flipped)
        )
        return [steps.map(gram), steps.map(Tree.map(u => mul(eye(smaller(u), smaller(u), "f64"), eta * eta)))]
      }
    ),
    law(
      "muon turns its steps with its matrices",
      amplified,
      fc.tuple(rate, beta, matrices),
      ([learningRate, mu, r]) => {
        const optimizer = muon({ learningRate, momentum: mu, adjust: "none" })
        return [movesOf(optimizer, altered(turning, r)), movesOf(optimizer, r).map(turning)]
      }
    ),
    law(
      "muon of some of the matrices is a part of them",
      exact,
      fc.tuple(rate, adams, fc.nat(2), run),
      ([learningRate, o, salt, r]) => {
        const isMeant = (path: string): boolean => (path.charCodeAt(path.length - 1) + salt) % 2 === 0
        const [whole, rest] = [muon({ learningRate, elsewhere: adam(o) }), adam(o)]
        const apart = partition({ whole, rest }, path => (isMeant(path) ? "whole" : "rest"))
        return samePath(r, muon({ learningRate, elsewhere: adam(o), matrices: isMeant }), apart)
      }
    ),
    law(
      "muon flattens a kernel to the matrix of its last axis",
      exact,
      fc.tuple(rate, kernels),
      ([learningRate, r]) => {
        const optimizer = muon({ learningRate, flatten: true })
        return [movesOf(optimizer, r).map(flattening), movesOf(optimizer, altered(flattening, r))]
      }
    ),
    law("muon of momentum 0 does not look ahead", exact, fc.tuple(rate, matrices), ([learningRate, r]) =>
      sameUpdates(
        r,
        muon({ learningRate, momentum: 0, nesterov: true }),
        muon({ learningRate, momentum: 0, nesterov: false })
      )
    )
  ]
}

const alike = ({ muon, normuon, adam }: MatrixFamily): readonly Law[] => [
  law(
    "the steps of normuon have the root mean square targetRms·η",
    amplified,
    fc.tuple(rate, fixed(2, 0.1), beta, beta, matrices),
    ([eta, targetRms, mu, b2, r]) => {
      const moves = movesOf(normuon({ learningRate: eta, targetRms, momentum: mu, b2 }), firstOf(r))
      return [moves.map(rms), moves.map(Tree.map(() => scalar(eta * targetRms, "f64")))]
    }
  ),
  law(
    "the steps of normuon that keep norms are as long as those of muon",
    amplified,
    fc.tuple(rate, beta, fc.boolean(), matrices),
    ([eta, b2, nesterov, r]) => {
      const muons = { learningRate: eta, nesterov }
      return [
        movesOf(normuon({ ...muons, b2, norm: "kept", adjust: "outOverIn" }), firstOf(r)).map(norms),
        movesOf(muon(muons), firstOf(r)).map(norms)
      ]
    }
  ),
  law(
    "normuon that remembers nothing moves all units alike",
    amplified,
    fc.tuple(rate, matrices, fc.boolean()),
    ([eta, r, flipped]) => {
      const moves = movesOf(normuon({ learningRate: eta, b2: 0, unitEps: 0 }), wellConditioned(r, flipped))
      const ofUnits = Tree.map(t => sum(square(t), { axes: [0] }))
      const share = Tree.map(t => mul(onesLike(sum(t, { axes: [0] })), (eta * 0.2) ** 2 * (t.shape[0] ?? 1)))
      return [moves.map(ofUnits), moves.map(share)]
    }
  ),
  law("normuon without matrices is what it has elsewhere", exact, fc.tuple(rate, rate, elsewhere), ([eta, other, r]) =>
    samePath(r, normuon({ learningRate: eta, elsewhere: adam({ learningRate: other }) }), adam({ learningRate: other }))
  )
]

/** What is left of a matrix beside its first rows' and columns' product: its 2 × 2 minors, 0 where it has rank 1. */
const minors: (tree: Tree) => Tree = Tree.map(t => {
  const [rows = 0, columns = 0] = t.shape
  const corner = (i: number, j: number): Tensor => sliceAxis(sliceAxis(t, 0, i, rows - 1 + i), 1, j, columns - 1 + j)
  return sub(mul(corner(0, 0), corner(1, 1)), mul(corner(0, 1), corner(1, 0)))
})

const projected = ({ galore, adam }: MatrixFamily): readonly Law[] => {
  const adams = fc.record({ learningRate: rate, b1: beta, b2: beta, eps: fixed(0.1, 0.01) })
  return [
    law("the steps of galore of rank 1 have rank 1", amplified, fc.tuple(adams, matrices), ([o, r]) => {
      const moves = movesOf(galore({ ...o, rank: 1, gap: 2 }), r).map(minors)
      return [moves, moves.map(Tree.zerosLike)]
    }),
    law("galore of matrices it is not to project is adam", exact, fc.tuple(adams, run), ([o, r]) =>
      samePath(r, galore({ ...o, matrices: () => false }), adam(o))
    ),
    law(
      "galore of all directions, under an ε that outweighs all, descends by α",
      amplified,
      fc.tuple(rate, fixed(1), matrices),
      ([eta, scale, r]) => {
        const once = firstOf(r)
        const descent = galore({ learningRate: eta, scale, b1: 0, b2: 0, eps: 1e12 })
        return [movesOf(descent, once).map(times(1e12)), once.gradients.map(times(-eta * scale))]
      }
    )
  ]
}

/** Gradients whose squares have rank one: sums of rows times sums of columns, with the signs as they were. */
const rankOne = ({ params, gradients }: Run): Run => {
  const [first = []] = gradients
  const product = Tree.zipWith((g: Tensor, f: Tensor) => {
    const [rows, columns] = [0, 1].map(axis => sum(abs(f), { axes: axis, keepDims: true }))
    return mul(mul(rows ?? f, columns ?? f), sign(g))
  })
  return { params, gradients: gradients.map((grads, t) => times(1 + t)(product<Tree>(grads, first))) }
}

const factored = ({ adafactor, signSgd }: MatrixFamily): readonly Law[] => [
  law(
    "adafactor with factors is adafactor without, for squares of rank one",
    amplified,
    fc.tuple(rate, matrices),
    ([learningRate, r]) =>
      samePath(
        rankOne(r),
        adafactor({ learningRate, eps1: 0 }),
        adafactor({ learningRate, eps1: 0, minFactoredSize: 4 })
      )
  ),
  law(
    "the first step of adafactor without factors is signSgd's, if absolute",
    exact,
    fc.tuple(rate, run),
    ([learningRate, r]) =>
      sameUpdates(
        firstOf(r),
        adafactor({ learningRate, eps1: 0, steps: "absolute", minFactoredSize: 4 }),
        signSgd({ learningRate })
      )
  ),
  law("adafactor with momentum averages its steps", exact, fc.tuple(rate, beta, run), ([learningRate, mu, r]) => {
    const steps = movesOf(adafactor({ learningRate }), r)
    return [
      movesOf(adafactor({ learningRate, momentum: mu }), r),
      streamOf(applyMomentum({ decay: mu, dampening: mu }), { ...r, gradients: steps })
    ]
  }),
  law(
    "the rate of adafactor is never above t^-κ",
    exact,
    fc.tuple(fixed(4), rate, run),
    ([learningRate, rateDecay, r]) => {
      const optimizer: AnyOptimizer = adafactor({ learningRate, rateDecay })
      const rates = [optimizer.init(r.params), ...stepsOf(optimizer, r).map(([, state]) => state)].map(state =>
        optimizer.rate(state)
      )
      return allTrue(rates.map((eta, t) => le(eta, (t + 1) ** -rateDecay * (1 + 1e-12))))
    }
  )
]

const covered = ({ sm3, adagrad }: MatrixFamily): readonly Law[] => [
  law("sm3 of momentum 0 is adagrad on vectors", exact, fc.tuple(rate, vectors), ([learningRate, r]) =>
    samePath(r, sm3({ learningRate, momentum: 0 }), adagrad({ learningRate, eps: 0 }))
  ),
  law("no step of sm3 is longer than adagrad's, without momentum", exact, fc.tuple(rate, wide), ([learningRate, r]) => {
    const longer = movesOf(adagrad({ learningRate, eps: 0 }), r)
    return allTrue(
      movesOf(sm3({ learningRate, momentum: 0 }), r).map((step, i) => within(sizes(step), sizes(longer[i] ?? step)))
    )
  }),
  law("no step of sm3 is longer than η", exact, fc.tuple(rate, beta, wide), ([learningRate, mu, r]) =>
    allTrue(
      movesOf(sm3({ learningRate, momentum: mu }), r).map(step => within(sizes(step), filled(learningRate)(step)))
    )
  ),
  law("the bounds of sm3 never fall", exact, fc.tuple(beta, run), ([mu, r]) => {
    const perAxis = (params: Tree) => Tree.leaves(params).flatMap(t => [...Array(Math.max(1, t.shape.length)).keys()])
    return neverFalls("accumulators", sm3({ learningRate: 1, momentum: mu }), r, perAxis)
  })
]

/**
 * Lists the laws of Muon, NorMuon, Shampoo, SOAP, Kron, GaLore, Adafactor and SM3, which look at the rows and columns of a leaf,
 * and of what they are where there are none: what Muon and NorMuon have elsewhere, Adam, the signs, AdaGrad (exactly). Muon's steps
 * are orthogonal, within 1e-9 if its coefficients converge, as are Shampoo's first and SOAP's second; those of NorMuon are as long
 * as it says, those of GaLore have few directions; Adafactor loses nothing where squares have rank one; SM3 never steps further
 * than AdaGrad.
 *
 * @example
 * import assert from "node:assert"
 * import { checkAll, matrixLaws } from "thalweg/laws"
 * import { adafactor, adagrad, adam, galore, muon, normuon, psgdKron, sgd, shampoo, signSgd, sm3, soap } from "thalweg/optimizer"
 *
 * const suite = matrixLaws({ muon, normuon, shampoo, soap, psgdKron, galore, adafactor, sm3, adagrad, adam, sgd, signSgd })
 * assert(checkAll(suite, { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const matrixLaws = (family: MatrixFamily): readonly Law[] => [
  ...orthogonal(family),
  ...preconditioned(family),
  ...alike(family),
  ...projected(family),
  ...factored(family),
  ...covered(family)
]
