import { scalar } from "../dataflow/create.js"
import { isFloat } from "../dataflow/dtype.js"
import { add, sub } from "../dataflow/arithmetic.js"
import { fail, locate } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sameShape, showShape } from "../dataflow/shape.js"
import { Tree } from "../tree/index.js"
import type { Extra, StateFamily, StateOf, Transform } from "../transform/transform.js"

/**
 * A transform whose updates are the displacements to add to the parameters.
 *
 * `step(params, state, grads)` is one transition; `update` gives its displacement alone, for combinators.
 *
 * Shapes: gradients and parameters have one structure, and leaf by leaf one shape and dtype, before and after.
 * A state goes back to the optimizer that made it, or to the same at other hyperparameters; `step` refuses one of
 * another layout, but cannot tell one of the same.
 *
 * Laws: pure, so that replaying a run gives the same bits and a saved state goes on as it would have; a state is a tree
 * of tensors only.
 */
export interface Optimizer<F extends StateFamily, X extends Extra = readonly []> extends Transform<F, X> {
  readonly step: <P extends Tree>(
    params: P,
    state: StateOf<F, NoInfer<P>>,
    grads: NoInfer<P>,
    ...extra: X
  ) => readonly [params: P, state: StateOf<F, P>]
  /** The learning rate that the next step will apply, an f64 scalar; 1 for an optimizer that has none. */
  readonly rate: <P extends Tree>(state: StateOf<F, P>) => Tensor
  /** Where the gradient of the next step is to be taken. The parameters themselves, but for look-ahead methods. */
  readonly gradientPoint: <P extends Tree>(params: P, state: StateOf<F, P>) => P
  /** The weights to validate and deploy. The parameters themselves, but for averaging methods. */
  readonly evalParams: <P extends Tree>(params: P, state: StateOf<F, P>) => P
}

const requireFloats = Tree.map(t =>
  isFloat(t.dtype) ? t : fail("DTypeError", "init", "f32 or f64 parameters", t.dtype)
)

/** An error that names the first leaf which is not as expected: another structure, shape or dtype. */
const requireLike = (what: string, expected: Tree, received: Tree): void => {
  Tree.requireSameStructure("step", expected, received, what)
  const others = Tree.leaves(received)
  Tree.leaves(expected).forEach((e, i) => {
    const r = others[i] ?? e
    const fits = sameShape(e.shape, r.shape)
    if (fits && e.dtype === r.dtype) return
    const [path, show] = [Tree.paths(expected)[i] ?? "", (t: Tensor) => `${t.dtype}${showShape(t.shape)}`]
    locate(path, () => fail(fits ? "DTypeError" : "ShapeError", "step", `${what} of ${show(e)}`, show(r)))
  })
}

type Step<F extends StateFamily, X extends Extra> = Optimizer<F, X>["step"]

/** A step that knows what it does without the check of its state. */
type Checked<F extends StateFamily, X extends Extra> = Step<F, X> & { readonly trusting?: Step<F, X> }

/** A step that first checks that the gradients match the parameters and the state is one that `init` could make. */
export const checked = <F extends StateFamily, X extends Extra>(
  init: Transform<F>["init"],
  step: Step<F, X>
): Step<F, X> => {
  const trusting: Step<F, X> = (params, state, grads, ...extra) => {
    requireLike("a gradient", params, grads)
    return step(params, state, grads, ...extra)
  }
  const doubting: Step<F, X> = (params, state, grads, ...extra) => {
    requireLike("a state", init(params), state)
    return trusting(params, state, grads, ...extra)
  }
  return Object.assign(doubting, { trusting })
}

/** The step of an optimizer that trusts its state, for combinators: theirs has been checked, and that within it. */
const trusting = <F extends StateFamily, X extends Extra>({ step }: Optimizer<F, X>): Step<F, X> =>
  (step as Checked<F, X>).trusting ?? step

/** The step that adds the displacements of an update to the parameters. */
const stepOf =
  <F extends StateFamily, X extends Extra>(update: Transform<F, X>["update"]): Step<F, X> =>
  (params, state, grads, ...extra) => {
    const [displacement, after] = update(grads, state, params, ...extra)
    requireLike("a displacement", params, displacement)
    return [Tree.zipWith(add)(params, displacement), after]
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
export const optimizer = <F extends StateFamily, X extends Extra = readonly []>(
  transform: Transform<F, X>
): Optimizer<F, X> => {
  const init: Transform<F>["init"] = params => transform.init(requireFloats(params))
  return {
    init,
    update: transform.update,
    step: checked(init, stepOf(transform.update)),
    rate: state => transform.rate?.(state) ?? scalar(1, "f64"),
    gradientPoint: params => params,
    evalParams: params => params
  }
}

/** How an optimizer goes: by `update`, of which a displacement comes, or by `step`, of which the parameters come. */
export interface Way<F extends StateFamily, X extends Extra> {
  readonly go: Transform<F, X>["update"]
  /** What comes of not moving. */
  readonly still: <P extends Tree>(params: P) => P
  /** The parameters to which it leads. */
  readonly arrive: <P extends Tree>(params: P, outcome: P) => P
  /** What would have led to these parameters. */
  readonly outcome: <P extends Tree>(params: P, arrived: P) => P
}

export const byUpdate = <F extends StateFamily, X extends Extra>({ update }: Optimizer<F, X>): Way<F, X> => ({
  go: update,
  still: Tree.zerosLike,
  arrive: Tree.zipWith(add),
  outcome: (params, arrived) => Tree.zipWith(sub)(arrived, params)
})

export const byStep = <F extends StateFamily, X extends Extra>(inner: Optimizer<F, X>): Way<F, X> => {
  const step = trusting(inner)
  return {
    go: (grads, state, params, ...extra) => step(params, state, grads, ...extra),
    still: params => params,
    arrive: (_, moved) => moved,
    outcome: (_, arrived) => arrived
  }
}

/** What a combinator may say of itself besides how it moves. */
type Own<G extends StateFamily, Y extends Extra> = Pick<Transform<G>, "init"> &
  Partial<Pick<Optimizer<G, Y>, "rate" | "gradientPoint" | "evalParams">>

/**
 * Makes a combinator's result: what it says of itself, and for the rest what the optimizer inside says at the state
 * that is kept as `inner`.
 */
export const around = <F extends StateFamily, G extends StateFamily, X extends Extra, Y extends Extra>(
  inner: Optimizer<F, X>,
  own: Own<G, Y> & Pick<Transform<G, Y>, "update"> & Partial<Pick<Optimizer<G, Y>, "step">>
): Optimizer<G, Y> => {
  const within = <P extends Tree>(state: StateOf<G, P>): StateOf<F, P> =>
    (state as { readonly inner: StateOf<F, P> }).inner
  return {
    rate: state => inner.rate(within(state)),
    gradientPoint: (params, state) => inner.gradientPoint(params, within(state)),
    evalParams: (params, state) => inner.evalParams(params, within(state)),
    ...own,
    step: checked(own.init, own.step ?? stepOf(own.update))
  }
}

/** Makes a combinator's result as `around` does, of what it does alike to displacements and to where they lead. */
export const along = <F extends StateFamily, G extends StateFamily, X extends Extra, Y extends Extra>(
  inner: Optimizer<F, X>,
  own: Own<G, Y>,
  move: (way: Way<F, X>) => Transform<G, Y>["update"]
): Optimizer<G, Y> => {
  const stepping = move(byStep(inner))
  return around(inner, {
    ...own,
    update: move(byUpdate(inner)),
    step: (params, state, grads, ...extra) => stepping(grads, state, params, ...extra)
  })
}
