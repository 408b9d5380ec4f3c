import { checkMethods } from "../dataflow/check.js"
import { checkTransform } from "../transform/transform.js"
import { describeValue, isRecord } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { scalar } from "../dataflow/create.js"
import { isFloat } from "../dataflow/dtype.js"
import { cast } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isTensor } from "../dataflow/tensor.js"
import { belonging, ownPart } from "../options/belonging.js"
import type {
  AnyF,
  AtExamples,
  AtLoss,
  Clock,
  Needs,
  NeedsOf,
  StateFamily,
  StateOf,
  Transform
} from "../transform/transform.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { clocked, type ClockedF } from "./clock.js"
import { motionOf, noMove, type Motion } from "./motion.js"
import { requireLike } from "../tree/require-like.js"

/** The last argument of a step: what the family needs, or nothing. */
export type StepNeeds<F extends StateFamily, P extends object> = [keyof NeedsOf<F, P>] extends [never]
  ? readonly []
  : // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- "nothing is needed"
    {} extends NeedsOf<F, P>
    ? readonly [given?: NeedsOf<F, P>]
    : readonly [given: NeedsOf<F, P>]

/** The state of an optimizer: the count of its steps, and what its family keeps (`inner`). */
export type OptimizerState<F extends StateFamily, P extends object> = StateOf<ClockedF<F>, P>

/**
 * A pure transition of parameters and state, `step(params, state, grads) → [params', state']`; `update` gives the
 * displacement alone, `step` adds it.
 *
 * What a step needs besides gradients, the loss say, is its last argument; `needs` lists it.
 *
 * Shapes: gradients and parameters have one structure, and leaf by leaf one shape and dtype, before and after.
 * A state goes back to the optimizer that made it, or to the same at other hyperparameters; `step` refuses one of
 * another layout, but cannot tell one of the same. (Where every ε is below 2⁻⁵⁰, second moments are f64: such a state goes to such
 * an optimizer.)
 *
 * Laws: pure, so that replaying a run gives the same bits and a saved state goes on as it would have; a state is a tree
 * of tensors only.
 */
export interface Optimizer<F extends StateFamily> {
  init<P extends TreeLike<P>>(this: void, params: P): OptimizerState<F, P>
  step<P extends TreeLike<P>>(
    this: void,
    params: P,
    state: OptimizerState<F, NoInfer<P>>,
    grads: NoInfer<P>,
    ...given: StepNeeds<F, NoInfer<P>>
  ): readonly [params: P, state: OptimizerState<F, P>]
  /** The displacement that a step makes. */
  update<P extends TreeLike<P>>(
    this: void,
    grads: P,
    state: OptimizerState<F, NoInfer<P>>,
    params: NoInfer<P>,
    ...given: StepNeeds<F, NoInfer<P>>
  ): readonly [displacement: P, state: OptimizerState<F, P>]
  /**
   * The learning rate that the next step will apply, an f64 scalar; 1 for an optimizer that has none. A step whose loss
   * reduces the rate (`reduceOnPlateau`) applies the one that is asked for with this loss.
   */
  rate<P extends TreeLike<P>>(this: void, state: OptimizerState<F, P>, given?: Partial<AtLoss>): Tensor
  /** Where the gradient of the next step is to be taken. The parameters themselves, but for look-ahead methods. */
  gradientPoint<P extends TreeLike<P>>(this: void, params: P, state: OptimizerState<F, P>): P
  /** The weights to validate and deploy. The parameters themselves, but for averaging methods. */
  evalParams<P extends TreeLike<P>>(this: void, params: P, state: OptimizerState<F, P>): P
  /**
   * Applies what steps have held back so far: the last, partial window of `accumulate` as a window of that size.
   * Everything else stays as it is.
   *
   * What holds back inside others is finished too; what acts on displacements, and averages, make up for it in the last
   * step. A `TreeError`, `ShapeError` or `DTypeError` for a state of others.
   *
   * Law: where nothing is held back, the identity; of most optimizers, everywhere.
   */
  finish<P extends TreeLike<P>>(
    this: void,
    params: P,
    state: OptimizerState<F, NoInfer<P>>
  ): readonly [params: P, state: OptimizerState<F, P>]
  /**
   * The state after an epoch, of which a number that is to become small, a float scalar such as the validation loss, is
   * told to what looks at epochs (`reduceOnPlateau({ per: "epoch" })`), wherever that stands inside. `epochs` and `fit` see to
   * that; a loop of one's own calls it between two epochs. A `ShapeError` for what is no float scalar.
   *
   * Law: of an optimizer that looks at steps only, the identity.
   */
  endEpoch<P extends TreeLike<P>>(this: void, state: OptimizerState<F, P>, monitored: Tensor): OptimizerState<F, P>
  /** What a step needs besides gradients. */
  readonly needs: Motion<F>["needs"]
  /**
   * How it moves under a clock that is kept outside: what combinators are made of. They refuse a copy of an optimizer that has
   * another `step`, say, beside the same motion, which would be ignored.
   */
  readonly motion: Motion<F>
}

/** An optimizer of whose state nothing is known but that it is a tree. */
export type AnyOptimizer = Optimizer<AnyF>

/** An optimizer, or a `DataError`. */
export const checkOptimizer = <O>(operation: string, optimizer: O, path?: string): O =>
  checkMethods(operation, "an optimizer, such as adam()", optimizer, ["init", "step", "finish"], path)

/** An optimizer that moves as its motion says, of which combinators are made; or a `DataError`. */
export const checkMoving = <O>(operation: string, optimizer: O, path?: string): O =>
  ownPart("motion", checkOptimizer(operation, optimizer, path) as { readonly motion?: object }) !== undefined
    ? optimizer
    : fail(
        "DataError",
        operation,
        "an optimizer that moves as its motion says, as optimizerOf({ ...motion, move }) does",
        "a copy that was changed beside its motion",
        path
      )

/** A state with its clock; what is inside is looked at where the parameters are. */
const checkState = <S extends Tree>(operation: string, state: S): S =>
  isRecord(state) && isTensor(state["count"]) && Object.hasOwn(state, "inner")
    ? state
    : fail("TreeError", operation, "a state { count, inner }, as init and step give", describeValue(state))

/** What a step is given as all that is inside gets it: the loss is f64, whatever it was computed in. */
const widened = <N extends object>(given: N | undefined): N | undefined => {
  const { loss } = (given ?? {}) as Partial<Needs<never>>
  return isTensor(loss) && loss.shape.length === 0 && isFloat(loss.dtype)
    ? ({ ...given, loss: cast(loss, "f64") } as N)
    : given
}

/** What an epoch came to, in f64. */
const checkMonitored = (monitored: Tensor): Tensor =>
  isTensor(monitored) && monitored.shape.length === 0 && isFloat(monitored.dtype)
    ? cast(monitored, "f64")
    : fail("ShapeError", "endEpoch", "what is monitored, a scalar of f32 or f64", describeValue(monitored))

/** A tree as it leaves: frozen, and none of the records that the caller gave. */
const own = Tree.map((t: Tensor) => t)

/** The clock of the outermost optimizer is its own, so that nobody else's is read. */
const noClock: Clock = { step: scalar(0, "f64") }

/**
 * Makes an optimizer of a motion: it keeps the clock, and checks what comes once, before the first step inside.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar } from "thalweg"
 * import { noMove, optimizerOf, sgd } from "thalweg/optimizer"
 *
 * const { motion } = sgd({ learningRate: 1 })
 * const still = optimizerOf({ ...motion, move: (_, state, params) => [noMove(params), state] })
 * const [params, { count }] = still.step(scalar(8), still.init(scalar(8)), scalar(1))
 * assert.deepStrictEqual([params, count].map(item), [8, 1])
 */
export const optimizerOf = <F extends StateFamily>(motion: Motion<F>): Optimizer<F> => {
  const { init, move, rate, gradientPoint, evalParams, finish, endEpoch, needs } = clocked(motion)
  const said = Object.freeze([...needs])
  const checked = <P extends TreeLike<P>>(
    grads: P,
    state: OptimizerState<F, P>,
    params: P,
    given: NeedsOf<F, P> | undefined
  ) => {
    requireLike("step", "a state", init(params), state)
    requireLike("step", "a gradient", params, grads)
    return move(grads, state, params, { ...widened(given), ...noClock })
  }
  return belonging<"motion", Optimizer<F>>("motion", {
    init: params => own(init(params)),
    step: (params, state, grads, ...[given]) => {
      const [{ to }, after] = checked(grads, state, params, given)
      return [own(to), own(after)]
    },
    update: (grads, state, params, ...[given]) => {
      const [{ by }, after] = checked(grads, state, params, given)
      return [own(by), own(after)]
    },
    rate: (state, given) => rate(checkState("rate", state), { ...widened(given), ...noClock }),
    gradientPoint: (params, state) => gradientPoint(params, checkState("gradientPoint", state), noClock),
    evalParams: (params, state) => evalParams(params, checkState("evalParams", state), noClock),
    finish: (params, state) => {
      requireLike("finish", "a state", init(params), state)
      const [{ to }, after] = finish?.(params, state, noClock) ?? [noMove(params), state]
      return [own(to), own(after)]
    },
    endEpoch: (state, monitored) => {
      const [before, value] = [checkState("endEpoch", state), checkMonitored(monitored)]
      return own(endEpoch?.(before, value, noClock) ?? before)
    },
    needs: said,
    motion: Object.freeze({ ...motion, needs: said })
  })
}

/**
 * Makes an optimizer of a transform that ends in displacements: `step` adds them to the parameters, `p' = p + u`.
 *
 * `init` throws a `DTypeError` for integer parameters, `step` a `TreeError`, `ShapeError` or `DTypeError` for gradients
 * that do not match the parameters, or a state of others; each names the path of the leaf. An empty tree is allowed.
 *
 * @example
 * import assert from "node:assert"
 * import { sign, tensor, toArray, Tree } from "thalweg"
 * import { optimizer } from "thalweg/optimizer"
 * import { chain, scaleByLearningRate, type StatelessF, type Transform } from "thalweg/transform"
 *
 * const signs: Transform<StatelessF> = {
 *   init: () => [],
 *   update: (updates, state) => [Tree.map(sign)(updates), state]
 * }
 * const signSgd = optimizer(chain(signs, scaleByLearningRate(0.5)))
 *
 * const params = { w: tensor([1, 1, 1]) }
 * const [{ w }] = signSgd.step(params, signSgd.init(params), { w: tensor([100, -0.01, 0]) })
 * assert.deepStrictEqual(toArray(w), [0.5, 1.5, 1])
 */
export const optimizer = <F extends StateFamily>(transform: Transform<F>): Optimizer<F> =>
  optimizerOf(motionOf(checkTransform("optimizer", transform)))

/** All that a step may need; gradients of examples, which take their time, where they are needed. */
export type Offered<P> = Omit<Needs<P>, "exampleGradients"> & Partial<AtExamples<P>>

/**
 * Picks of all that a step may need what this optimizer needs, as the last argument of its `step`. The gradient of each example may
 * be left out where no optimizer needs it.
 *
 * @example
 * import assert from "node:assert"
 * import { item, pipe, scalar, square } from "thalweg"
 * import { given, reduceOnPlateau, sgd } from "thalweg/optimizer"
 *
 * const all = { loss: scalar(9), objective: square }
 * const plain = sgd({ learningRate: 0.5 })
 * const [watching, params] = [pipe(plain, reduceOnPlateau()), scalar(3)]
 * assert.deepStrictEqual([plain, watching].map(({ needs }) => needs), [[], ["loss"]])
 * assert.strictEqual(item(watching.step(params, watching.init(params), scalar(6), ...given(watching, all))[0]), 0)
 */
export const given = <F extends StateFamily, P extends TreeLike<P>>(
  optimizer: Optimizer<F>,
  all: Offered<P>
): StepNeeds<F, P> => {
  const picked: Partial<Needs<P>> = Object.fromEntries(
    checkOptimizer("given", optimizer).needs.map(need => [need, all[need]])
  )
  return [picked] as unknown as StepNeeds<F, P>
}

/**
 * Makes a combinator's result: what it says of itself, and for the rest what the optimizer inside says at the state
 * that is kept as `inner`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, pipe, scalar, type Tree } from "thalweg"
 * import { around, sgd, type Optimizer } from "thalweg/optimizer"
 * import type { NeedsOf, StateFamily, StateOf } from "thalweg/transform"
 *
 * type Remembering<P extends Tree, I extends Tree> = { readonly before: P; readonly inner: I }
 * interface RememberingF<F extends StateFamily> extends StateFamily {
 *   readonly type: Remembering<this["params"], StateOf<F, this["params"]>>
 *   readonly needs: NeedsOf<F, this["params"]>
 * }
 * const remembering = <F extends StateFamily>(inner: Optimizer<F>) =>
 *   around<F, RememberingF<F>>(inner, {
 *     init: params => ({ before: params, inner: inner.motion.init(params) }),
 *     move: (grads, state, params, now) => {
 *       const [move, after] = inner.motion.move(grads, state.inner, params, now)
 *       return [move, { before: params, inner: after }]
 *     }
 *   })
 * const opt = pipe(sgd({ learningRate: 0.5 }), remembering)
 * const [p, { inner }] = opt.step(scalar(8), opt.init(scalar(8)), scalar(2))
 * assert.deepStrictEqual([p, inner.before].map(item), [7, 8])
 */
export const around = <F extends StateFamily, G extends StateFamily>(
  inner: Optimizer<F>,
  own: Pick<Motion<G>, "init" | "move"> & Partial<Motion<G>>
): Optimizer<G> => {
  const { motion } = checkMoving("around", inner)
  const within = <P extends TreeLike<P>>(state: StateOf<G, P>): StateOf<F, P> =>
    (state as { readonly inner: StateOf<F, P> }).inner
  const { finish, endEpoch } = motion
  return optimizerOf<G>({
    needs: motion.needs,
    rate: (state, now) => motion.rate(within(state), now),
    gradientPoint: (params, state, now) => motion.gradientPoint(params, within(state), now),
    evalParams: (params, state, now) => motion.evalParams(params, within(state), now),
    ...(finish && {
      finish: (params, state, now) => {
        const [move, inner] = finish(params, within(state), now)
        return [move, { ...(state as { readonly inner: Tree }), inner }]
      }
    }),
    ...(endEpoch && {
      endEpoch: (state, monitored, now) => ({
        ...(state as { readonly inner: Tree }),
        inner: endEpoch(within(state), monitored, now)
      })
    }),
    ...own
  })
}

/**
 * Makes the result of a combinator that keeps no state of its own: what it says of itself, and for the rest the same.
 *
 * @example
 * import assert from "node:assert"
 * import { item, neg, pipe, scalar, Tree } from "thalweg"
 * import { altered, moveBy, sgd, type Optimizer } from "thalweg/optimizer"
 * import type { StateFamily } from "thalweg/transform"
 *
 * const backwards = <F extends StateFamily>(inner: Optimizer<F>) =>
 *   altered(inner, {
 *     move: (grads, state, params, now) => {
 *       const [{ by }, after] = inner.motion.move(grads, state, params, now)
 *       return [moveBy(params, Tree.map(neg)(by)), after]
 *     }
 *   })
 * const opt = pipe(sgd({ learningRate: 0.5 }), backwards)
 * assert.strictEqual(item(opt.step(scalar(8), opt.init(scalar(8)), scalar(2))[0]), 9)
 */
export const altered = <F extends StateFamily>(inner: Optimizer<F>, own: Partial<Motion<F>>): Optimizer<F> =>
  optimizerOf({ ...checkMoving("altered", inner).motion, ...own })
