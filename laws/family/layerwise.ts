import fc from "fast-check"
import { concat, div, flatten, mul, neg, scalar, sub, transpose, Tree, type Tensor } from "thalweg"
import type { adam, adamMini, fromage, lamb, lars, momentum, novograd, signSgd } from "thalweg/optimizer"
import { globalNorm } from "thalweg/transform"
import { fixed } from "../arbitrary/hyperparameter.js"
import { arbShape, nonZero } from "../arbitrary/numbers.js"
import { arbRun, run, type Run, wide } from "../arbitrary/run.js"
import { exact, rounded } from "../equality.js"
import { law, type Law } from "../law.js"
import { pathOf, times } from "../sides.js"
import { beta, eps, firstOf, movesOf, positive, rate, sameUpdates, seesNoScaleOfALeaf, signs } from "./agree.js"
import type { FunctionOf } from "../callable.js"

/** Descent at a rate of its own for each leaf, and what it is without. */
export interface LayerwiseFamily {
  readonly lars: FunctionOf<typeof lars>
  readonly lamb: FunctionOf<typeof lamb>
  readonly novograd: FunctionOf<typeof novograd>
  readonly fromage: FunctionOf<typeof fromage>
  readonly momentum: FunctionOf<typeof momentum>
  readonly adamMini: FunctionOf<typeof adamMini>
  readonly adam: FunctionOf<typeof adam>
  readonly signSgd: FunctionOf<typeof signSgd>
}

/** Leaves and gradients that have a length. */
const present = { dtypes: ["f64"], shape: arbShape({ smallest: 1 }), params: nonZero, numbers: nonZero } as const
const long = arbRun(present)
/** Gradients of which no average vanishes. */
const aligned = arbRun({ ...present, numbers: positive })
/** Leaves of one element. */
const single = arbRun({ shape: fc.constantFrom([], [1], [1, 1]), numbers: nonZero })

/** Matrices and gradients that have a length. */
const matrices = arbRun({ ...present, shape: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })) })

const transposed = (trees: readonly Tree[]): readonly Tree[] => trees.map(Tree.map(t => transpose(t)))

const lengths = (trees: readonly Tree[]): readonly Tree[] => trees.map(Tree.map(t => globalNorm(t)))
const atZero = (r: Run): Run => ({ ...r, params: Tree.zerosLike(r.params) })

const blockwise = ({ adamMini, adam }: LayerwiseFamily): readonly Law[] => {
  const adams = fc.record({ learningRate: rate, b1: beta, b2: beta, eps })
  const blocks = fc.constantFrom<("last" | "first" | "leaf")[]>("last", "first", "leaf")
  return [
    seesNoScaleOfALeaf(
      "adamMini",
      fc.record({ learningRate: rate, b1: beta, b2: beta, blocks }).map(o => adamMini({ ...o, eps: 0 }))
    ),
    law("adamMini of leaves of one element is adam", exact, fc.tuple(adams, blocks, single), ([o, of, r]) =>
      sameUpdates(r, adamMini({ ...o, blocks: of }), adam(o))
    ),
    law("adamMini of gradients of one size is adam", rounded, fc.tuple(adams, blocks, long), ([o, of, r]) =>
      sameUpdates({ ...r, gradients: r.gradients.map(signs(1)) }, adamMini({ ...o, blocks: of }), adam(o))
    ),
    law(
      "adamMini along the first axis is adamMini along the last, turned",
      rounded,
      fc.tuple(adams, matrices),
      ([o, r]) => [
        transposed(movesOf(adamMini({ ...o, blocks: "first" }), r)),
        movesOf(adamMini({ ...o, blocks: "last" }), {
          params: Tree.map(t => transpose(t))(r.params),
          gradients: transposed(r.gradients)
        })
      ]
    )
  ]
}

const trusting = ({ lars, lamb, momentum, adam }: LayerwiseFamily): readonly Law[] => {
  const adams = fc.record({ learningRate: rate, b1: beta, b2: beta, eps })
  return [
    law(
      "lars at parameters of 0 is momentum",
      exact,
      fc.tuple(rate, beta, rate, run),
      ([learningRate, mu, weightDecay, r]) =>
        sameUpdates(
          atZero(r),
          lars({ learningRate, momentum: mu, weightDecay }),
          momentum({ learningRate, momentum: mu })
        )
    ),
    law("the ratios of lars are equal without decay", exact, fc.tuple(rate, beta, run), ([learningRate, mu, r]) =>
      sameUpdates(
        r,
        lars({ learningRate, momentum: mu, ratio: "joint" }),
        lars({ learningRate, momentum: mu, ratio: "separate" })
      )
    ),
    law(
      "the first step of lars is η·c·‖p‖ long in every leaf",
      rounded,
      fc.tuple(rate, rate, long),
      ([eta, trust, r]) => [
        lengths(movesOf(lars({ learningRate: eta, trustCoefficient: trust }), firstOf(r))),
        lengths([times(eta * trust)(r.params)])
      ]
    ),
    law("lamb at parameters of 0 is adam", exact, fc.tuple(adams, rate, run), ([o, weightDecay, r]) =>
      sameUpdates(atZero(r), lamb({ ...o, weightDecay }), adam(o))
    ),
    law("a step of lamb is η·‖p‖ long in every leaf", rounded, fc.tuple(adams, aligned), ([o, r]) => [
      lengths(movesOf(lamb(o), r)),
      lengths(r.gradients.map(() => times(o.learningRate)(r.params)))
    ])
  ]
}

const normalizing = ({ novograd, signSgd }: LayerwiseFamily): readonly Law[] => [
  law(
    "the first step of novograd is η long in every leaf",
    rounded,
    fc.tuple(rate, beta, beta, long),
    ([eta, b1, b2, r]) => [
      lengths(movesOf(novograd({ learningRate: eta, b1, b2, eps: 0 }), firstOf(r))),
      firstOf(r).gradients.map(Tree.map(() => scalar(eta, "f64")))
    ]
  ),
  law("novograd of betas 0 on leaves of one element is signSgd", exact, fc.tuple(rate, single), ([learningRate, r]) =>
    sameUpdates(r, novograd({ learningRate, b1: 0, b2: 0, eps: 0 }), signSgd({ learningRate }))
  )
]

const both = Tree.zipWith((a: Tensor, b: Tensor) => concat([flatten(a), flatten(b)]))
const negated = Tree.map(neg)

/** Of each leaf `p` and its first gradient `g`, the leaf `[p, g]` and the gradient `k·[-g, p]` at right angles to it. */
const turned = ({ params, gradients }: Run, k: number): Run => {
  const [first = []] = gradients
  return { params: both<Tree>(params, first), gradients: [times(k)(both<Tree>(negated(first), params))] }
}

const onSpheres = ({ fromage }: LayerwiseFamily): readonly Law[] => [
  law(
    "fromage keeps the norm of a leaf at right angles to its gradient",
    rounded,
    fc.tuple(rate, fixed(4, 0.1), long),
    ([learningRate, k, r]) => {
      const right = turned(r, k)
      return [lengths(pathOf(fromage({ learningRate }), right)), lengths([right.params])]
    }
  ),
  law("fromage shrinks leaves without gradients by √(1 + η²)", rounded, fc.tuple(rate, wide), ([eta, r]) => [
    pathOf(fromage({ learningRate: eta }), { ...r, gradients: r.gradients.map(Tree.zerosLike) }),
    r.gradients.map((_, t) => times((1 + eta * eta) ** (-(t + 1) / 2))(r.params))
  ]),
  law(
    "fromage moves a leaf by η·‖p‖ along its gradient, before it shrinks",
    rounded,
    fc.tuple(rate, long),
    ([eta, r]) => {
      const shrunk = times(1 / Math.sqrt(1 + eta * eta))
      const grown = Tree.zipWith((p: Tensor, g: Tensor) => sub(p, mul(g, div(mul(globalNorm(p), eta), globalNorm(g)))))
      return [
        pathOf(fromage({ learningRate: eta }), firstOf(r)),
        firstOf(r).gradients.map(grads => shrunk(grown<Tree>(r.params, grads)))
      ]
    }
  )
]

const apart = ({ lars, lamb, novograd, fromage }: LayerwiseFamily): readonly Law[] => {
  const betas = fc.record({ learningRate: rate, b1: beta, b2: beta })
  return [
    seesNoScaleOfALeaf(
      "lars",
      fc.record({ learningRate: rate, momentum: beta }).map(o => lars({ ...o, eps: 0 }))
    ),
    seesNoScaleOfALeaf(
      "lamb",
      betas.map(o => lamb({ ...o, eps: 0, epsRoot: 0 }))
    ),
    seesNoScaleOfALeaf(
      "novograd",
      betas.map(o => novograd({ ...o, eps: 0, epsRoot: 0 }))
    ),
    seesNoScaleOfALeaf(
      "fromage",
      rate.map(learningRate => fromage({ learningRate }))
    )
  ]
}

/**
 * Lists the laws of descent with a rate for each leaf: LARS and LAMB are momentum and Adam at parameters of 0, where
 * there is no ratio to trust (exactly), and elsewhere step by a part of the length of the parameters; the first step of
 * NovoGrad has length η; Fromage stays on a sphere where the gradient is at right angles. Lengths are within 1e-12. None
 * sees the scale of the gradients of any one leaf, exactly for powers of two.
 *
 * @example
 * import assert from "node:assert"
 * import { adam, adamMini, fromage, lamb, lars, momentum, novograd, signSgd } from "thalweg/optimizer"
 * import { checkAll, layerwiseLaws } from "thalweg/laws"
 *
 * const suite = layerwiseLaws({ lars, lamb, novograd, fromage, momentum, adamMini, adam, signSgd })
 * assert(checkAll(suite, { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const layerwiseLaws = (family: LayerwiseFamily): readonly Law[] => [
  ...blockwise(family),
  ...trusting(family),
  ...normalizing(family),
  ...onSpheres(family),
  ...apart(family)
]
