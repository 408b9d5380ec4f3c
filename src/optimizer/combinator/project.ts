import type { Tensor } from "../../dataflow/primitive.js"
import { depthsOf } from "../../tree/depth.js"
import { maximum, sub } from "../../dataflow/arithmetic.js"
import { scalar } from "../../dataflow/create.js"
import { ne, or } from "../../dataflow/logic.js"
import { any } from "../../dataflow/reduce.js"
import { choice, functionField, type OptionsOf } from "../../options/fields.js"
import { combinatorOf } from "./recipe.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import type { StateFamily } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { moveTo, noMove } from "../motion.js"
import { altered, type Optimizer } from "../optimizer.js"
import { apart } from "../traits.js"
import { select } from "./select.js"
import {
  ontoBox,
  ontoL1Ball,
  ontoL2Ball,
  ontoLInfBall,
  ontoNonNegative,
  ontoSimplex,
  type Projection,
  type BoxOptions
} from "./projections.js"

const overField = {
  /** What is projected at once: "tree" (the default): all leaves together; "leaf": each on its own. */
  over: choice(["tree", "leaf"], "tree")
}

const fields = {
  /** Gives the nearest point of a set. */
  projection: functionField<Projection>(),
  ...overField
}

/** What is projected at once. */
export interface ProjectOptions extends OptionsOf<typeof overField> {}

/** A function from optimizers to optimizers that keep to a set, for `pipe`. */
export type Projecting = <F extends StateFamily>(inner: Optimizer<F>) => Optimizer<F>

/** Whether any element moves. */
const isMove = Tree.reduce(scalar(false), (sofar, by) => or(sofar, any(ne(by, 0))))

/** Into a set that elements are in or not one by one. */
const intoEach = { ...apart, scaleFree: {} } as const

/** Into a set of which the elements know each other. */
const intoAll = { leafwise: { over: "leaf" }, scaleFree: {} } as const

/** Does something to every leaf, of a `repeat` to every depth of it. */
const eachLeaf = <P extends Tree>(params: P, f: (leaf: Tensor) => Tensor): P => {
  const { apart, together } = depthsOf(params)
  return together(Tree.map(f)(apart(params)))
}

/**
 * Puts the parameters back into a set after each step: `p' = Π(p + Δ)`, the nearest point of the set.
 *
 * Acts on parameters. `projection`: `ontoSimplex`, `ontoL1Ball`, `ontoL2Ball`, `ontoLInfBall`, `ontoBox`,
 * `ontoNonNegative`, or a function of parameters and count. Velocities and moments within do not know of it. Its place
 * is last in a `pipe`: a combinator over it that acts on displacements sees `p' - p`, rounded, and may leave the set.
 * `masked` inside does not restrict it; over it, it does. `evalParams` projects what the inner optimizer deploys.
 * Throws a `HyperparameterError` for options that are none. What is not finite stays visible.
 *
 * Laws: after a step parameters lie in the set, to rounding; where every step stays in it, the inner optimizer; two of
 * the same are one, to rounding.
 * Source: Goldstein 1964; Levitin & Polyak 1966 (the gradient projection method).
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { ontoL2Ball, project, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), project(ontoL2Ball(5)))
 * const params = { w: tensor([0]), b: tensor([0]) }
 * const [{ w, b }] = opt.step(params, opt.init(params), { w: tensor([-6]), b: tensor([8]) })
 * assert.deepStrictEqual([w, b].map(toArray), [[3], [-4]])
 */
export const project: Recipe<typeof fields, (projection: Projection, options?: ProjectOptions) => Projecting> =
  combinatorOf("project", "projection", fields, {}, ({ projection, over }) => {
    const onto: Projection = (params, step) =>
      over === "tree" ? projection(params, step) : eachLeaf(params, p => projection(p, step))
    return inner => {
      const { move, evalParams, finish } = inner.motion
      return altered(inner, {
        evalParams: (params, state, now) => onto(evalParams(params, state, now), maximum(sub(now.step, 1), 0)),
        move: (grads, state, params, now) => {
          const [{ to }, after] = move(grads, state, params, now)
          return [moveTo(params, onto(to, now.step)), after]
        },
        ...(finish && {
          finish: (params, state, now) => {
            const [{ by, to }, after] = finish(params, state, now)
            return [select(isMove(by), moveTo(params, onto(to, now.step)), noMove(params)), after]
          }
        })
      })
    }
  })

const simplexFields = { ...ontoSimplex.fields, ...overField }
const ballFields = { ...ontoL2Ball.fields, ...overField }
const boxFields = { ...ontoBox.fields, ...overField }

/** The options of projecting on a simplex. */
export interface ProjectOntoSimplexOptions
  extends OptionsOf<typeof ontoSimplex.fields>, OptionsOf<typeof simplexFields> {}

/** The options of projecting on a ball. */
export interface ProjectOntoBallOptions extends OptionsOf<typeof ontoL2Ball.fields>, OptionsOf<typeof ballFields> {}

/** The options of projecting on a box. */
export interface ProjectOntoBoxOptions extends BoxOptions, OptionsOf<typeof boxFields> {}

type OntoBall = Recipe<typeof ballFields, (options: ProjectOntoBallOptions) => Projecting>

/** Makes `project(ontoSimplex(total), { over })` of one record of options. */
export const projectOntoSimplex: Recipe<typeof simplexFields, (options?: ProjectOntoSimplexOptions) => Projecting> =
  recipe("ontoSimplex", simplexFields, intoAll, ({ total, ...others }) => project(ontoSimplex(total), others))

/** Makes `project(ontoL1Ball(radius), { over })` of one record of options. */
export const projectOntoL1Ball: OntoBall = recipe("ontoL1Ball", ballFields, intoAll, ({ radius, ...others }) =>
  project(ontoL1Ball(radius), others)
)

/** Makes `project(ontoL2Ball(radius), { over })` of one record of options. */
export const projectOntoL2Ball: OntoBall = recipe("ontoL2Ball", ballFields, intoAll, ({ radius, ...others }) =>
  project(ontoL2Ball(radius), others)
)

/** Makes `project(ontoLInfBall(radius), { over })` of one record of options. */
export const projectOntoLInfBall: OntoBall = recipe("ontoLInfBall", ballFields, intoEach, ({ radius, ...others }) =>
  project(ontoLInfBall(radius), others)
)

/** Makes `project(ontoBox({ lower, upper }), { over })` of one record of options. */
export const projectOntoBox: Recipe<typeof boxFields, (options?: ProjectOntoBoxOptions) => Projecting> = recipe(
  "ontoBox",
  boxFields,
  intoEach,
  ({ over }, { over: _, ...bounds }) => project(ontoBox(bounds), { over })
)

/** Makes `project(ontoNonNegative, { over })` of one record of options. */
export const projectOntoNonNegative: Recipe<typeof overField, (options?: ProjectOptions) => Projecting> = recipe(
  "ontoNonNegative",
  overField,
  intoEach,
  options => project(ontoNonNegative, options)
)
