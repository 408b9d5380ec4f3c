import { scalar } from "../dataflow/create.js"
import { isFloat } from "../dataflow/dtype.js"
import { add } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sameShape, showShape } from "../dataflow/shape.js"
import { Tree } from "../tree/index.js"
import type { StateFamily, StateOf, Transform } from "../transform/transform.js"

/**
 * A transform whose updates are the displacements to add to the parameters.
 *
 * `step(params, state, grads)` is one transition; `update` gives its displacement alone, for combinators.
 */
export interface Optimizer<F extends StateFamily> extends Transform<F> {
  readonly step: <P extends Tree>(
    params: P,
    state: StateOf<F, P>,
    grads: P
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

const requireLike = Tree.zipWith((p: Tensor, g: Tensor) =>
  sameShape(p.shape, g.shape) && p.dtype === g.dtype
    ? g
    : fail("ShapeError", "step", `a gradient of ${p.dtype}${showShape(p.shape)}`, `${g.dtype}${showShape(g.shape)}`)
)

/** Gradients that match the parameters leaf by leaf, or an error that names the leaf. */
export const checkGradients = <P extends Tree>(params: P, grads: P): P => {
  Tree.requireSameStructure("step", params, grads)
  return requireLike(params, grads)
}

/** The step that adds the displacements of an update to the parameters. */
const stepOf =
  <F extends StateFamily>(update: Transform<F>["update"]): Optimizer<F>["step"] =>
  (params, state, grads) => {
    const [displacement, after] = update(checkGradients(params, grads), state, params)
    return [Tree.zipWith(add)(params, displacement), after]
  }

/**
 * Makes an optimizer of a transform that ends in displacements: `step` adds them to the parameters.
 *
 * `init` throws a `DTypeError` for integer parameters, `step` a `TreeError` or `ShapeError` for gradients that do not
 * match the parameters; each names the path of the leaf. An empty tree is allowed.
 */
export const optimizer = <F extends StateFamily>(transform: Transform<F>): Optimizer<F> => ({
  init: params => transform.init(requireFloats(params)),
  update: transform.update,
  step: stepOf(transform.update),
  rate: state => transform.rate?.(state) ?? scalar(1, "f64"),
  gradientPoint: params => params,
  evalParams: params => params
})

/**
 * Makes a combinator's result: what it says of itself, and for the rest what the optimizer inside says at the state that
 * is kept as `inner`.
 */
export const around = <F extends StateFamily, G extends StateFamily>(
  inner: Optimizer<F>,
  own: Transform<G> & Partial<Optimizer<G>>
): Optimizer<G> => {
  const within = <P extends Tree>(state: StateOf<G, P>): StateOf<F, P> =>
    (state as { readonly inner: StateOf<F, P> }).inner
  return {
    step: stepOf(own.update),
    rate: state => inner.rate(within(state)),
    gradientPoint: (params, state) => inner.gradientPoint(params, within(state)),
    evalParams: (params, state) => inner.evalParams(params, within(state)),
    ...own
  }
}
