import {
  abs,
  add,
  cast,
  concat,
  div,
  exp,
  flatten,
  gt,
  maximum,
  mul,
  sub,
  sum,
  Tree,
  where,
  zeros,
  zerosLike,
  type Tensor
} from "thalweg"
import { projectionLaws, projectLaws, type Projections } from "thalweg/laws"
import {
  ontoBox,
  ontoL1Ball,
  ontoL2Ball,
  ontoLInfBall,
  ontoNonNegative,
  ontoSimplex,
  project,
  type Projection,
  type ProjectOptions
} from "thalweg/optimizer"
import { globalNorm } from "thalweg/transform"
import { mutant, type Mutants } from "../mutant.js"
import { after, rateless, restarting, stepOf, type AnyState, type Wrap } from "./wrap.js"

const right: Projections = { ontoBox, ontoL1Ball, ontoL2Ball, ontoLInfBall, ontoNonNegative, ontoSimplex }

const broken = (parts: { readonly [K in keyof Projections]?: unknown }) =>
  projectionLaws({ ...right, ...parts } as never)

type Free = (params: Tree, count: Tensor) => Tree

const vector = (tree: Tree): Tensor =>
  concat([zeros([0], "f64"), ...Tree.leaves(tree).map(t => cast(flatten(t), "f64"))])
const times = (factor: Tensor): ((tree: Tree) => Tree) => Tree.map(t => mul(t, cast(factor, t.dtype)))

const leafByLeaf =
  (radius: number): Free =>
  (params, count) =>
    Tree.map(p => ontoL2Ball(radius)(p, count))(params)
const ontoSphere =
  (radius: number): Free =>
  params =>
    times(div(radius, globalNorm(params)))(params)
const scaledL1 =
  (radius: number): Free =>
  params =>
    times(div(radius, maximum(sum(abs(vector(params))), radius)))(params)

const softmax =
  (total = 1): Free =>
  params => {
    const powers = Tree.map(exp)(params)
    return times(div(total, sum(vector(powers))))(powers)
  }

const dropping =
  (radius: number): Free =>
  params =>
    Tree.map(p => where(gt(abs(p), radius), zerosLike(p), p))(params)

const halfway =
  (radius: number): Free =>
  (params, count) =>
    Tree.zipWith((p: Tensor, q: Tensor) => mul(add(p, q), 0.5))<Tree>(params, ontoLInfBall(radius)(params, count))

export const projectionMutants: Mutants = {
  "a projection lies in its set": [
    mutant("projects each leaf on a ball", broken({ ontoL2Ball: leafByLeaf })),
    mutant("goes half the way", broken({ ontoLInfBall: halfway }))
  ],
  "projecting twice is projecting": [mutant("goes half the way", broken({ ontoLInfBall: halfway }))],
  "a projection keeps what is inside": [mutant("projects on the sphere", broken({ ontoL2Ball: ontoSphere }))],
  "a projection keeps what is in its set": [mutant("takes softmax for a projection", broken({ ontoSimplex: softmax }))],
  "a projection does not expand distances": [mutant("drops what is outside", broken({ ontoLInfBall: dropping }))],
  "no point of the set is nearer than the projection": [
    mutant("scales into the ball", broken({ ontoL1Ball: scaledL1 })),
    mutant("takes softmax for a projection", broken({ ontoSimplex: softmax }))
  ]
}

type Projecting = (onto: Projection, options?: ProjectOptions) => Wrap

const projecting: Projecting = (onto, options) => inner => project(onto, options)(inner)
const suite = (how: Projecting) => projectLaws(how)

const count = zeros([], "i32")

/** Projects where a step begins. */
const tooEarly: Projecting = onto => inner => ({
  ...projecting(onto)(inner),
  step: ((params: Tree, state: AnyState, grads: Tree) =>
    stepOf(inner)(onto(params, cast(state.count, "f64")), state, grads)) as never
})

const later: Projecting = (onto, options) =>
  projecting(((params: Tree, steps: Tensor) => onto(params, add(steps, 1))) as Projection, options)

const relaxed: Projecting = (onto, options) =>
  projecting(
    ((params: Tree, steps: Tensor) =>
      Tree.zipWith((p: Tensor, q: Tensor) => add(p, mul(sub(q, p), 0.5)))<Tree>(
        params,
        onto(params, steps)
      )) as Projection,
    options
  )

export const projectMutants: Mutants = {
  "project ends a step at the projection": [
    mutant(
      "projects displacements",
      suite(onto => after(displacement => onto(displacement, count)))
    ),
    mutant(
      "deploys what is not projected",
      suite((onto, options) => inner => ({ ...projecting(onto, options)(inner), evalParams: params => params }))
    )
  ],
  "project can project each leaf by itself": [
    mutant(
      "always projects all leaves together",
      suite(onto => projecting(onto))
    )
  ],
  "after a step parameters lie in the set": [mutant("projects where a step begins", suite(tooEarly))],
  "project reads a schedule from step 0": [mutant("reads the schedule after counting", suite(later))],
  "a set that no step leaves changes nothing": [
    mutant(
      "begins the optimizer inside anew at every step",
      suite((onto, options) => inner => projecting(onto, options)(restarting(inner)))
    )
  ],
  "projecting steps twice is projecting them": [mutant("goes half the way", suite(relaxed))],
  "project keeps the rate": [
    mutant(
      "says a rate of its own",
      suite((onto, options) => rateless(projecting(onto, options)))
    )
  ]
}
