import { checkFunction, checkPair } from "../dataflow/check.js"
import { add } from "../dataflow/arithmetic.js"
import { concat } from "../dataflow/concat.js"
import { describeKeys, isRecord, describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sameType, showType } from "../dataflow/type.js"
import { connect, type Calls, type ContextsOf, type PartsParams, type PartsState } from "./connect.js"
import { requireNumeric } from "./input.js"
import {
  checkLayer,
  frozen,
  specOf,
  initLayer,
  type Initial,
  type InputOf,
  type Layer,
  type Mode,
  type OnTensors,
  type OutputOf,
  type Parts
} from "./layer.js"
import { applyInner, withContext } from "./observe.js"

/**
 * Adds the input of a layer to its output: `y = x + layer(x)`. Parameters, state and context are those of the layer.
 *
 * The layer must give what it takes, `[batch, …]` of one dtype, else a `ShapeError`, and numbers, else a `DTypeError`. For a shortcut with parameters of its own, `connect` the two.
 *
 * Source: He et al. 2016, "Deep residual learning for image recognition", arXiv 1512.03385, equation 1.
 *
 * @example
 * import assert from "node:assert"
 * import { mul, tensor, toArray } from "thalweg"
 * import { residual, stateless } from "thalweg/nn"
 *
 * const [y] = residual(stateless("double", x => mul(x, 2))).apply([], [], tensor([[1, 2]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[3, 6]])
 */
export const residual = <
  P extends object,
  S extends object,
  C extends object,
  I extends object = Tensor,
  O extends object = Tensor
>(
  layer: Layer<P, S, I, O, C> & OnTensors<I, O>
): Layer<P, S, Tensor, Tensor, C> => {
  const inner = checkLayer("residual", layer) as unknown as Layer<P, S, Tensor, Tensor, C>
  return frozen({
    ...inner,
    name: `residual(${inner.name})`,
    spec: specOf("residual", { of: inner }),
    apply: (params, state, input, mode) => {
      const [output, after] = applyInner(inner, params, state, input, mode)
      if (!sameType(input, output))
        fail("ShapeError", "residual", `${inner.name} to give what it takes, ${showType(input)}`, showType(output))
      return [add(requireNumeric("residual", input), output), after]
    }
  })
}

/**
 * Applies several layers to one input; the outputs are a record with their names, and so are parameters and states.
 *
 * @example
 * import assert from "node:assert"
 * import { zeros } from "thalweg"
 * import { branch, dense } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const heads = branch({ mean: dense({ units: 2 }), spread: dense({ units: 1 }) })
 * const { params, state } = heads.init(key(0), zeros([1, 4]))
 * const [{ mean, spread }] = heads.apply(params, state, zeros([3, 4]), { training: false })
 * assert.deepStrictEqual([mean.shape, spread.shape], [[3, 2], [3, 1]])
 */
export const branch = <const K extends Parts>(
  parts: K
): Layer<
  PartsParams<K>,
  PartsState<K>,
  InputOf<K[keyof K]> & object,
  { readonly [N in keyof K]: OutputOf<K[N]> },
  ContextsOf<K[keyof K]>
> => {
  type Outputs = { readonly [N in keyof K]: OutputOf<K[N]> }
  const layer = connect("branch", parts, (call: Calls<K>, input: InputOf<K[keyof K]> & object) => {
    const outputs = Object.entries<(input: object) => unknown>(call as never).map(([part, run]) => [part, run(input)])
    return Object.fromEntries(outputs) as Outputs
  })
  return frozen({ ...layer, spec: specOf("branch", { of: layer.layers }) })
}

/**
 * Applies several layers to one input and joins what they give along the last axis, in the order in which they are written.
 *
 * Shapes: `[batch, …, aᵢ]` of each becomes `[batch, …, Σ aᵢ]`; if other axes differ, or there is no layer, it is a `ShapeError`.
 *
 * Source: the blocks of Szegedy et al. 2015, "Going deeper with convolutions", arXiv 1409.4842.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { activation, parallel, relu, tanh } from "thalweg/nn"
 *
 * const both = parallel({ relu: activation(relu), tanh: activation(tanh) })
 * const none = { relu: [], tanh: [] } as const
 * assert.deepStrictEqual(toArray(both.apply(none, none, tensor([[0, 0]]), { training: false })[0]), [[0, 0, 0, 0]])
 */
export const parallel = <
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a layer is contravariant in its parameters
  const K extends Readonly<Record<string, Layer<any, any, Tensor, Tensor, any>>>
>(
  parts: K
): Layer<PartsParams<K>, PartsState<K>, Tensor, Tensor, ContextsOf<K[keyof K]>> => {
  const layer = connect("parallel", parts, (call: Calls<K>, input: Tensor) =>
    concat(
      Object.values<(input: Tensor) => Tensor>(call as never).map(run => run(input)),
      -1
    )
  )
  return frozen({ ...layer, spec: specOf("parallel", { of: layer.layers }) })
}

/** A context that does not hide what a mode says. */
const checkContext = <C extends object>(context: C): C => {
  if (!isRecord(context)) fail("DataError", "providing", "a context in a record", describeValue(context))
  const hidden = ["training", "key"].find(name => Object.hasOwn(context, name))
  return hidden === undefined
    ? context
    : fail(
        "DataError",
        "providing",
        "a context without training and key, which modes have",
        describeKeys(Object.keys(context))
      )
}

/**
 * Gives a layer its context: `f` makes of another input what the layer takes, and what it looks at besides. Masks begin here.
 *
 * `f`: from the input, and the mode with the context `D` that is given from outside, to `[input, context]`. The layer sees that
 * context and no other: what is outside, it sees where `f` gives it. Whether it is trained, and by which key, it is told as
 * ever. Parameters and state are those of the layer. A pair of another form is a `TreeError`; a context that is no record, or that has `training` or `key`, a
 * `DataError`.
 *
 * @example
 * import assert from "node:assert"
 * import { mul, ne, cast, tensor, toArray, type Tensor } from "thalweg"
 * import { providing, stateless } from "thalweg/nn"
 *
 * const masked = stateless("masked", (x: Tensor, { mask }: { readonly mask: Tensor }) => mul(x, cast(mask, "f32")))
 * const closed = providing((x: Tensor) => [x, { mask: ne(x, 7) }] as const)(masked)
 * assert.deepStrictEqual(toArray(closed.apply([], [], tensor([[1, 7]]), { training: false })[0]), [[1, 0]])
 */
export const providing = <J extends object, I extends object, C extends object, D extends object = object>(
  f: (input: J, mode: Mode & D) => readonly [input: I, context: C]
) => {
  checkFunction("providing", f, "a function from an input to [input, context]")
  const provide = (input: J, mode: Mode & D): readonly [I, C] => {
    const [own, context] = checkPair("providing", "[input, context]", f(input, mode))
    return [own, checkContext(context)]
  }
  return <P extends object, S extends object, O extends object>(layer: Layer<P, S, I, O, C>): Layer<P, S, J, O, D> => {
    const inner = checkLayer("providing", layer)
    const { name, layers } = inner
    return frozen({
      name,
      ...(layers && { layers }),
      spec: specOf("providing", { of: inner }),
      init: ((key: Tensor, input: J, outer?: D): Initial<P, S> => {
        const [own, context] = provide(input, { training: false, ...outer })
        return initLayer(inner, key, own, context)
      }) as unknown as Layer<P, S, J, O, D>["init"],
      apply: (params, state, input, mode) => {
        const [own, context] = provide(input, mode)
        return applyInner(inner, params, state, own, withContext(mode, context))
      }
    })
  }
}
