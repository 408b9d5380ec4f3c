import * as E from "fp-ts/lib/Either.js"
import type { Errors } from "io-ts"
import { describeValue, isRecord } from "../dataflow/describe.js"
import { isFloat } from "../dataflow/dtype.js"
import { cast } from "../dataflow/elementwise.js"
import { fail, underPath } from "../dataflow/error.js"
import { didYouMean } from "../dataflow/nearest.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sameShape, showShape } from "../dataflow/shape.js"
import { isTensor } from "../dataflow/tensor.js"
import { evaluate, toTyped } from "../engine/index.js"
import type { Initial, Layer } from "../nn/layer.js"
import { functionField, type OptionsOf } from "../options/fields.js"
import { resolve } from "../options/resolve.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { problem } from "./problem.js"
import { prepare, readFrom, written, type Own, type Wanted } from "./torch-plan.js"
import type { Named } from "./torch-layouts.js"
import { titleOf } from "./torch-sites.js"

const fields = {
  /** From the name that a tensor has by our rule to the one that it has in the file, for modules that are called otherwise. */
  rename: functionField<(name: string) => string, (name: string) => string>(name => name)
}

/** What modules are called. */
export interface TorchOptions extends OptionsOf<typeof fields> {}

/** So many problems of each kind are listed. */
const MAX_PROBLEMS = 10

/** Notes in brackets, if there are any. */
const notes = (...parts: readonly (string | undefined)[]): string => {
  const said = parts.filter(part => part !== undefined)
  return said.length === 0 ? "" : ` (${said.join("; ")})`
}

const layerAt = ({ site: { layer, path } }: Wanted): string =>
  path === "" ? titleOf(layer) : `${titleOf(layer)} at "${path}"`

/** What is missing or has another shape, for which layer, and what there is too much; names that are near are told. */
const misfits = (wanted: readonly Wanted[], found: Named): Errors => {
  const own = (name: string): unknown => (Object.hasOwn(found, name) ? found[name] : undefined)
  const known = new Set(wanted.map(({ name }) => name))
  const surplus = Object.keys(found).filter(name => !known.has(name))
  const isMissing = ({ name }: Wanted): boolean => own(name) === undefined
  const bad = wanted.filter(one => {
    const there = own(one.name)
    return isMissing(one) ? !one.isBeside : !(isTensor(there) && sameShape(there.shape, one.tensor.shape))
  })
  const missing = bad.filter(isMissing).map(({ name }) => name)
  const misfit = (one: Wanted) => {
    const { name, tensor } = one
    const near = isMissing(one) ? didYouMean(name, surplus) : undefined
    return problem([], [name], own(name), `a tensor ${showShape(tensor.shape)}${notes(layerAt(one), near)}`)
  }
  const extra = (name: string) => problem([], [name], own(name), `no tensor${notes(didYouMean(name, missing))}`)
  return [...bad.slice(0, MAX_PROBLEMS).map(misfit), ...surplus.slice(0, MAX_PROBLEMS).map(extra)]
}

/** Tensors of which each has a name of its own, or a `DataError` that says which two layers have the same. */
const requireOwnNames = (operation: string, wanted: readonly Wanted[]): readonly Wanted[] => {
  const known = new Map<string, Wanted>()
  for (const one of wanted) {
    const other = known.get(one.name)
    if (other !== undefined) {
      const both = `${JSON.stringify(one.name)} for ${layerAt(other)} and ${layerAt(one)}`
      fail("DataError", operation, "a name of its own for each tensor", both)
    }
    known.set(one.name, one)
  }
  return wanted
}

/** Tensors by their names in the file, which a function of the user's gives. */
const renamed = (operation: string, wanted: readonly Wanted[], rename: (name: string) => string): readonly Wanted[] =>
  wanted.map(one => {
    const name: unknown = rename(one.name)
    if (typeof name !== "string")
      return fail("DataError", operation, `a rename that gives a name for "${one.name}"`, describeValue(name))
    return { ...one, name }
  })

/** A tensor as the model has it, whose numbers may be rounded, but integers remain what they are, and nothing becomes infinite. */
const castAs = (one: Wanted, found: Tensor): { readonly tensor: Tensor; readonly problems: Errors } => {
  const { dtype } = one.tensor
  const tensor = cast(found, dtype)
  if (found.dtype === dtype) return { tensor, problems: [] }
  const [before, after] = [toTyped(found), toTyped(tensor)]
  const isRounded = isFloat(found.dtype) && isFloat(dtype)
  const isLost = (value: number, i: number): boolean =>
    isRounded ? Number.isFinite(value) && !Number.isFinite(after[i]) : value !== after[i]
  const lost = before.findIndex(isLost)
  if (lost < 0) return { tensor, problems: [] }
  return { tensor, problems: [problem([], [one.name], before[lost], `numbers that ${dtype} can hold${notes(layerAt(one))}`)] } // prettier-ignore
}

/** Tensors by name, which bytes are not, nor what `decodeTensors` returns before one looks whether it is a `Right`. */
const checkNamed = (tensors: Named): void => {
  const values = isRecord(tensors) && !isTensor(tensors) ? Object.values(tensors) : undefined
  if (values === undefined || (values.length > 0 && !values.some(isTensor)))
    fail("DataError", "fromTorch", "tensors by name, such as right of what decodeTensors(bytes) returned", describeValue(tensors)) // prettier-ignore
}

/**
 * Makes a function that turns the tensors of a PyTorch `state_dict`, as `decodeTensors` reads them from the file that
 * `safetensors.torch.save_file(model.state_dict(), path)` writes, into parameters and state of a model. `input`: a batch as the
 * model takes it, of which only the shapes matter. Each tensor is cast to the dtype that the model has at its place.
 *
 * Names are those of the model's parts, with dots between: `sequential` by place is `nn.Sequential`; by name, and any `connect`, a
 * module with attributes of these names. `repeat` is a `ModuleList` (or `nn.Sequential`) of its depths; `residual`, `withParams`,
 * `providing` and `inference` add no name. What is called otherwise is for `rename`. The table in
 * [the page of layers](../nn/README.md#weights-from-pytorch-and-back) has the names and the layout of every layer.
 *
 * A layer of the user's, that no recipe of ours made, has its tensors as they are, parameters and state: `a/b` of the part `scale`
 * is `scale.a.b`, of the same shape (that of one depth in `repeat`). Where a module has them transposed or under other names, the
 * tensors or `rename` say so. Parameters that are not under a name, or that a layer has beside those of its parts, are a `DataError`.
 *
 * Channels are first in PyTorch, so that on one axis its places vary fastest, and ours slowest. Where places and channels were put
 * on one axis, or will be taken from one, dense layers, and normalizations by batch, layer and RMS and `prelu` between, are put in
 * order, each depth of `repeat` by itself. This is read off what the layers compute, through what is elementwise or broadcasts,
 * through products, sums and loops. Images are taken to be channels first; sequences `[batch, places, features]` where a
 * convolution, a pooling, or a normalization by batch or group is beside them, and as they are here next to dense layers,
 * embeddings, cells and attention; what a model itself turned to channels first is as it is. Where it cannot be told (a flattened
 * sequence that comes from outside, a norm by group of flattened images, a part of them, or other features beside them, a layer of
 * the user's with parameters among them) it is a `DataError` at the layer. So is what looks at the order of such features, by the
 * name of the operation: `cumSum`, `argMax`, `concat`, `gather`, another constant for each of them, and whatever is not known to
 * leave them as they are. What is read as a model of its own, on rows, is read as it is.
 *
 * A `Left` lists what is missing or has another shape, with the layer that it is for, and what is too much, each by its name in
 * the file, with the name that is near, if there is one (10 of each); or else the tensors with numbers that the dtype of the model
 * cannot hold: floats may be rounded, but not become infinite, and integers stay what they are. Two tensors of one name are a
 * `DataError`, as parts with dots in their names may have. `rename` may give two the same name: both read it; one that gives no
 * name is a `DataError`.
 *
 * Of a file with more, a part is read by its own tensors, `Object.fromEntries(Object.entries(tensors).filter(([name]) =>
 * name.startsWith("encoder.")))`, and a `rename` that puts `encoder.` before names.
 *
 * `toTorch` is the way back: `fromTorch(model, x)(toTorch(model, x)({ params, state }))` is `Right({ params, state })`, but for the
 * sign of zeros in the biases of cells.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, zeros } from "thalweg"
 * import { activation, dense, relu, sequential } from "thalweg/nn"
 * import { fromTorch, report } from "thalweg/spec"
 *
 * const model = sequential(dense({ units: 2 }), activation(relu), dense({ units: 1 })) // nn.Sequential(Linear(1, 2), ReLU(), …)
 * const first = { "0.weight": tensor([[1], [2]]), "0.bias": tensor([0, 1]) }
 * const read = fromTorch(model, zeros([1, 1]))({ ...first, "2.weight": tensor([[3, 4]]), "2.bias": tensor([5]) })
 * assert.ok(read._tag === "Right")
 * const [y] = model.apply(read.right.params, read.right.state, tensor([[1]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[20]])
 *
 * const bad = fromTorch(model, zeros([1, 1]))({ ...first, "2.weight": tensor([[3], [4]]), "3.bias": tensor([5]) })
 * assert.ok(bad._tag === "Left")
 * assert.deepStrictEqual(report(bad.left), [
 *   '2.weight: expected a tensor [1, 2] (dense at "2"); got a tensor f32[2, 1]',
 *   '2.bias: expected a tensor [1] (dense at "2"; did you mean "3.bias"?); got undefined',
 *   '3.bias: expected no tensor (did you mean "2.bias"?); got a tensor f32[1]'
 * ])
 */
export const fromTorch = <P extends object, S extends object, I extends object, O extends object>(
  model: Layer<P, S, I, O>,
  input: I,
  options: TorchOptions = {}
) => {
  const { rename } = resolve("fromTorch", fields, options)
  const prepared = prepare("fromTorch", model, input)
  const wanted = requireOwnNames("fromTorch", written(prepared, prepared.like))
  const files = renamed("fromTorch", wanted, rename)
  return (tensors: Named): E.Either<Errors, Initial<P, S>> => {
    checkNamed(tensors)
    const errors = misfits(files, tensors)
    if (errors.length > 0) return E.left(errors)
    const read = files.flatMap((file, i) =>
      file.isBeside ? [] : [{ name: wanted[i]?.name, ...castAs(file, tensors[file.name] as Tensor) }]
    )
    const problems = read.flatMap(({ problems }) => problems)
    if (problems.length > 0) return E.left(problems.slice(0, MAX_PROBLEMS))
    const named = read.map(({ name, tensor }) => [name, tensor] as const)
    const own: unknown = evaluate(readFrom(prepared, Object.fromEntries(named) as Named))
    return E.right(own as Initial<P, S>) // of the structure of what init gave
  }
}

/** Parameters and state, or a `DataError`. */
const checkOwn = (initial: unknown): Own =>
  isRecord(initial) && Object.hasOwn(initial, "params") && Object.hasOwn(initial, "state")
    ? (initial as Own)
    : fail("DataError", "toTorch", "{ params, state }, as init gives them", describeValue(initial))

/**
 * Makes a function that turns parameters and state of a model into tensors as a `state_dict` of PyTorch has them, by the names
 * and layouts that `fromTorch` says. Written by `encodeTree`, they are a file for `model.load_state_dict(load_file(path))`, which is
 * strict.
 *
 * What PyTorch has and we do not: of two biases of a cell the second becomes zeros (for `gruCell`, but for its last third), and
 * `num_batches_tracked`, an i32 that PyTorch casts, is 0. It counts the batches that a batch norm was trained on, and PyTorch looks
 * at it only where `momentum=None`, which `batchNorm` has not.
 *
 * What is no `{ params, state }` is a `DataError`, other parameters than the model has on that input a `TreeError` or a
 * `ShapeError`, two tensors that `rename` gives one name
 * a `DataError`; what else is an error, `fromTorch` says.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, zeros } from "thalweg"
 * import { dense } from "thalweg/nn"
 * import { toTorch } from "thalweg/spec"
 *
 * const line = { params: { kernel: tensor([[1, 2, 3]]), bias: tensor([0, 0, 0]) }, state: [] as const }
 * const { weight } = toTorch(dense({ units: 3 }), zeros([1, 1]))(line)
 * assert.ok(weight !== undefined)
 * assert.deepStrictEqual(toArray(weight), [[1], [2], [3]])
 */
export const toTorch = <P extends TreeLike<P>, S extends TreeLike<S>, I extends object, O extends object>(
  model: Layer<P, S, I, O>,
  input: I,
  options: TorchOptions = {}
) => {
  const { rename } = resolve("toTorch", fields, options)
  const prepared = prepare("toTorch", model, input)
  const { like } = prepared
  requireOwnNames("toTorch", renamed("toTorch", written(prepared, like), rename))
  return (initial: Initial<P, S>): Named => {
    const own = checkOwn(initial)
    for (const part of ["params", "state"] as const)
      underPath(part, () => {
        Tree.requireSameStructure("toTorch", like[part], own[part])
        const leaves = Tree.leaves(own[part])
        Tree.leaves(like[part]).forEach((leaf, i) => {
          if (!sameShape(leaf.shape, leaves[i]?.shape ?? []))
            fail("ShapeError", "toTorch", showShape(leaf.shape), describeValue(leaves[i]), Tree.paths(like[part])[i])
        })
      })
    const named = renamed("toTorch", written(prepared, own), rename).map(({ name, tensor }) => [name, tensor] as const)
    return evaluate(Object.fromEntries(named))
  }
}
