import fc from "fast-check"
import {
  add,
  arange,
  div,
  eye,
  matmul,
  mul,
  reshape,
  scalar,
  square,
  sub,
  sum,
  tensor,
  transpose,
  Tree,
  type Tensor
} from "thalweg"
import { fixed } from "../arbitrary/hyperparameter.js"
import { nonZero } from "../arbitrary/numbers.js"
import { run, type Run } from "../arbitrary/run.js"
import { amplified, exact, ulps } from "../equality.js"
import { law, type Law } from "../law.js"
import { streamOf, times } from "../sides.js"
import { allTrue, beta, firstOf, movesOf, rate, sameUpdates, within } from "./agree.js"

import {
  matrices,
  squares,
  vectors,
  wellConditioned,
  gram,
  smaller,
  altered,
  turning,
  rms,
  type MatrixFamily
} from "./matrices.js"

const rooted = ({ shampoo }: MatrixFamily): readonly Law[] => [
  law(
    "the first step of shampoo is η times an orthogonal matrix",
    amplified,
    fc.tuple(rate, fc.boolean(), matrices),
    ([learningRate, flipped, r]) => {
      const steps = movesOf(shampoo({ learningRate, eps: 1e-12 }), firstOf(wellConditioned(r, flipped)))
      const square = learningRate * learningRate
      return [steps.map(gram), steps.map(Tree.map(u => mul(eye(smaller(u), smaller(u), "f64"), square)))]
    }
  ),
  law("shampoo turns its steps with its matrices", amplified, fc.tuple(rate, matrices), ([learningRate, r]) => {
    const optimizer = shampoo({ learningRate, eps: 0.1 })
    return [movesOf(optimizer, altered(turning, r)), movesOf(optimizer, r).map(turning)]
  }),
  law("shampoo computes roots in every k-th step, from the first", amplified, fc.tuple(rate, matrices), s => {
    const [learningRate, r] = s
    const [first = r.params] = r.gradients
    const twice = { ...r, gradients: [first, first] }
    const [one = r.params] = movesOf(shampoo({ learningRate, eps: 0.1 }), twice)
    return [movesOf(shampoo({ learningRate, eps: 0.1, every: 2 }), twice), [one, one]]
  })
]

/** The reflection that turns a vector around. */
const reflection = (vector: readonly number[], n: number): Tensor => {
  const v = reshape(tensor(vector.slice(0, n), { dtype: "f64" }), [n, 1])
  return sub(eye(n, n, "f64"), div(mul(matmul(v, transpose(v)), 2), sum(square(v))))
}

/** Matrices whose singular values are apart, so that their directions are the only ones. */
const apart = (g: Tensor): Tensor =>
  add(
    mul(g, 0.1),
    mul(eye(g.shape[0] ?? 0, g.shape[0] ?? 0, "f64"), mul(add(arange(g.shape[0] ?? 0, { dtype: "f64" }), 1), 4))
  )

/** A run of gradients that are one after the other but for the first, which is there twice. */
const again = ({ params, gradients }: Run): Run => ({ params, gradients: [...gradients.slice(0, 1), ...gradients] })

const alongDirections = ({ soap, adam }: MatrixFamily): readonly Law[] => {
  const adams = fc.record({ learningRate: rate, b1: beta, b2: beta, eps: fixed(0.1, 0.01) })
  const every = fc.integer({ min: 1, max: 3 })
  return [
    law("soap turns its steps with its matrices", amplified, fc.tuple(adams, every, matrices), ([o, k, r]) => {
      const optimizer = soap({ ...o, every: k })
      return [movesOf(optimizer, altered(turning, r)), movesOf(optimizer, r).map(turning)]
    }),
    // of no step, -0 is made: the sign of a zero is not the same
    law(
      "soap of vectors takes the steps of adam, and before them none",
      ulps(0),
      fc.tuple(adams, vectors),
      ([o, r]) => [
        streamOf(soap(o), again(r)),
        [...r.gradients.slice(0, 1).map(Tree.zerosLike), ...streamOf(adam(o), r)]
      ]
    ),
    law(
      "soap reflects its steps with its gradients",
      amplified,
      fc.tuple(adams, every, fc.tuple(nonZero, nonZero, nonZero), squares),
      ([o, k, mirror, r]) => {
        const optimizer = soap({ ...o, every: k })
        const mirrored = Tree.map(t => matmul(reflection(mirror, t.shape[0] ?? 0), t))
        const far = { ...r, gradients: r.gradients.map(Tree.map(apart)) }
        return [movesOf(optimizer, altered(mirrored, far)), movesOf(optimizer, far).map(mirrored)]
      }
    ),
    law(
      "soap keeps its directions until the k-th step",
      ulps(0), // the sign of a zero is that of the rate
      fc.tuple(adams, fc.integer({ min: 2, max: 3 }), matrices),
      ([o, k, r]) => {
        const until = (each: number) => movesOf(soap({ ...o, every: each }), r).slice(0, k + 1)
        return [until(k), until(100)]
      }
    )
  ]
}

const fitted = ({ psgdKron, sgd }: MatrixFamily): readonly Law[] => {
  const seed = fc.nat(99)
  return [
    // products with an identity make 0 of -0
    law("psgdKron that fits nothing, without momentum, is sgd", ulps(0), fc.tuple(rate, seed, run), ([eta, key, r]) =>
      sameUpdates(
        r,
        psgdKron({ learningRate: eta, seed: key, probability: 0, momentum: 0, clip: 1e9 }),
        sgd({ learningRate: eta })
      )
    ),
    law(
      "no step of psgdKron has a root mean square above η·clip",
      exact,
      fc.tuple(rate, seed, fixed(1, 0.01), matrices),
      ([eta, key, clip, r]) =>
        allTrue(
          movesOf(psgdKron({ learningRate: eta, seed: key, clip }), r).map(step =>
            within(rms(step), Tree.map(() => scalar(eta * clip, "f64"))(step))
          )
        )
    ),
    law(
      "gradients c times as large, begun at a scale √c times as small, leave the steps of psgdKron as they are",
      amplified,
      fc.tuple(rate, seed, fc.integer({ min: -4, max: 4 }), matrices),
      ([eta, key, n, r]) => {
        const options = { learningRate: eta, seed: key, clip: 1e9 }
        const larger = { ...r, gradients: r.gradients.map(times(4 ** n)) }
        return [
          movesOf(psgdKron({ ...options, initialScale: 2 ** -n }), larger),
          movesOf(psgdKron({ ...options, initialScale: 1 }), r)
        ]
      }
    )
  ]
}

/** The laws of those that keep a matrix for each axis. */
export const preconditioned = (family: MatrixFamily): readonly Law[] => [
  ...rooted(family),
  ...alongDirections(family),
  ...fitted(family)
]
