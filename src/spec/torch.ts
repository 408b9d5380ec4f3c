import * as E from "fp-ts/lib/Either.js"
import type { Errors } from "io-ts"
import { checkRecord } from "../dataflow/check.js"
import { stack } from "../dataflow/concat.js"
import { describeValue } from "../dataflow/describe.js"
import { cast } from "../dataflow/elementwise.js"
import { fail, underPath } from "../dataflow/error.js"
import { at } from "../dataflow/indexing.js"
import { argsOf, isLoop, type Tensor, type Vertex } from "../dataflow/primitive.js"
import { range, sameShape, showShape, type Shape } from "../dataflow/shape.js"
import { isTensor } from "../dataflow/tensor.js"
import { evaluate } from "../engine/index.js"
import { checkLayer, type Initial, type Layer, type SomeLayer } from "../nn/layer.js"
import { observe, type Observed } from "../nn/observe.js"
import { functionField, type OptionsOf } from "../options/fields.js"
import { resolve } from "../options/resolve.js"
import { key } from "../random/index.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { problem } from "./problem.js"
import { partNames, rules, type Named, type Own } from "./torch-rules.js"

const fields = {
  /** From the name that a tensor has by our rule to the one that it has in the file, for modules that are called otherwise. */
  rename: functionField<(name: string) => string, (name: string) => string>(name => name)
}

/** What modules are called. */
export interface TorchOptions extends OptionsOf<typeof fields> {}

/** Where a layer stands: its path here, what its tensors begin with there, and what cells append. */
interface Spot {
  readonly path: string
  readonly prefix: string
  readonly suffix: string
}

/** The shapes of examples that were put on one axis, by the path of the dense layer that takes them. */
type Flattened = ReadonlyMap<string, Shape>

/** How what a layer has is written under names, and read from them. */
interface Plan {
  readonly write: (own: Own) => Named
  readonly read: (named: Named, like: Own) => Own
}

const join = (path: string, name: string): string => (path === "" ? name : `${path}/${name}`)

/** A layer that has a rule, or none and nothing to write. */
const leafPlan = (layer: SomeLayer, title: string, { path, prefix, suffix }: Spot, flattened: Flattened): Plan => {
  const rule = rules[title]
  const place = { suffix, flattened: flattened.get(path), options: layer.spec?.options ?? {} }
  const bare = (own: Own): Named =>
    Tree.leaves(own.params).length === 0
      ? {}
      : fail("DataError", "torch", `one of ${Object.keys(rules).join(", ")}, or what is made of them`, title, path)
  if (rule === undefined) return { write: bare, read: (_, like) => like }
  return {
    write: own =>
      Object.fromEntries(Object.entries(rule.to(own, place)).map(([name, tensor]) => [prefix + name, tensor])),
    read: (named, like) => {
      const own = Object.keys(rule.to(like, place)).map(name => [name, named[prefix + name] as Tensor])
      return rule.from(Object.fromEntries(own) as Named, place, like)
    }
  }
}

/** Trees under names, or in a list. */
type Branch = Readonly<Record<string, Tree>>

const partOf = ({ params, state }: Own, part: string): Own => ({
  params: (params as Branch)[part] ?? [],
  state: (state as Branch)[part] ?? []
})

const likeOf = (like: Tree, entries: readonly (readonly [string, Tree])[]): Tree =>
  Array.isArray(like) ? entries.map(([, tree]) => tree) : Object.fromEntries(entries)

/** Layers beside each other. What has no state of its own has none of its parts either. */
const partsPlan = (plans: readonly (readonly [string, Plan])[]): Plan => ({
  write: own => Object.assign({}, ...plans.map(([part, plan]) => plan.write(partOf(own, part)))) as Named,
  read: (named, like) => {
    const read = plans.map(([part, plan]) => [part, plan.read(named, partOf(like, part))] as const)
    const isStateless = Tree.leaves(like.state).length === 0
    return {
      params: likeOf(
        like.params,
        read.map(([part, { params }]) => [part, params])
      ),
      state: isStateless
        ? like.state
        : likeOf(
            like.state,
            read.map(([part, { state }]) => [part, state])
          )
    }
  }
})

const slice = ({ params, state }: Own, i: number): Own => ({
  params: Tree.map((leaf: Tensor) => at(leaf, i))(params),
  state: Tree.map((leaf: Tensor) => at(leaf, i))(state)
})

const stacked = ([first = [], ...others]: readonly Tree[]): Tree =>
  Tree.zipWith((...leaves: readonly [Tensor, ...Tensor[]]) => stack(leaves))(first, ...others)

/** One layer at several depths: each is a module of a list. */
const repeatPlan = (plans: readonly Plan[]): Plan => ({
  write: own => Object.assign({}, ...plans.map((plan, i) => plan.write(slice(own, i)))) as Named,
  read: (named, like) => {
    const read = plans.map((plan, i) => plan.read(named, slice(like, i)))
    return { params: stacked(read.map(({ params }) => params)), state: stacked(read.map(({ state }) => state)) }
  }
})

const titleOf = ({ spec, name }: SomeLayer): string => spec?.layer ?? name

/** Cells on top of each other are the layers of one module. */
const cellPlan = (cell: SomeLayer, spot: Spot, suffix: string, flattened: Flattened): Plan =>
  cell.layers === undefined
    ? planOf(cell, { ...spot, suffix: `_l0${suffix}` }, flattened)
    : partsPlan(
        Object.entries(cell.layers).map(([part, layer], i) => [
          part,
          planOf(layer, { ...spot, path: join(spot.path, part), suffix: `_l${i}${suffix}` }, flattened)
        ])
      )

const planOf = (layer: SomeLayer, spot: Spot, flattened: Flattened): Plan => {
  const [title, { path, prefix }] = [titleOf(layer), spot]
  const options = layer.spec?.options ?? {}
  const of = options["of"] as SomeLayer
  if (title === "recurrent" || title === "stateful") return cellPlan(of, spot, "", flattened)
  if (title === "bidirectional")
    return partsPlan([
      ["forward", cellPlan(of, spot, "", flattened)],
      ["backward", cellPlan(of, spot, "_reverse", flattened)]
    ])
  if (title === "repeat") {
    const each = { ...spot, path: join(path, "each") }
    const depth = (i: number): Plan => planOf(of, { ...each, prefix: `${prefix}${i}.` }, flattened)
    return partsPlan([["each", repeatPlan(range(options["times"] as number).map(depth))]])
  }
  if (rules[title] !== undefined || layer.layers === undefined) return leafPlan(layer, title, spot, flattened)
  const parts = Object.entries(layer.layers).map(([part, inner]) => {
    const name = partNames[title]?.[part] ?? part
    return [
      part,
      planOf(inner, { path: join(path, part), prefix: `${prefix}${name}.`, suffix: "" }, flattened)
    ] as const
  })
  return partsPlan(parts)
}

/** What keeps every element where it is. */
const keeping: readonly string[] = ["unary", "binary", "select", "cast", "stopGradient", "customVjp"]

/** The shape `[…places, channels]` of the examples that a row was made of, through what keeps their elements in place. */
const flattenedOf = (x: Tensor): Shape | undefined => {
  const rows = x.shape
  const seen = new Set<Vertex>()
  const open: Vertex[] = [x]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next) || isLoop(next)) continue
    seen.add(next)
    const args = argsOf(next).filter(arg => !isLoop(arg))
    const [before] = args
    if (next.op.kind === "reshape" && before !== undefined && before.shape.length > 2 && before.shape[0] === rows[0])
      return before.shape.slice(1)
    if (keeping.includes(next.op.kind)) open.push(...args.filter(({ shape }) => sameShape(shape, rows)))
  }
  return undefined
}

const inputOf = ({ input }: Observed): Tensor | undefined => {
  const x = isTensor(input) ? input : (input as Branch)["x"]
  return isTensor(x) ? x : undefined
}

/** Which dense layers take examples with places and channels that were put on one axis. */
const findFlattened = (rows: readonly Observed[]): Flattened =>
  new Map(
    rows.flatMap(row => {
      const x = titleOf(row.layer) === "dense" ? inputOf(row) : undefined
      const shape = x?.shape.length === 2 ? flattenedOf(x) : undefined
      return shape === undefined ? [] : [[row.path, shape] as const]
    })
  )

/** A model as it begins, and how what it has is named. */
const prepare = <P extends object, S extends object, I extends object, O extends object>(
  operation: string,
  model: Layer<P, S, I, O>,
  input: I
): { readonly like: Own; readonly plan: Plan } => {
  const { params, state } = checkLayer(operation, model).init(key(0), input)
  const [, , rows] = observe(model)(params, state, input, { training: false })
  return {
    like: { params, state } as Own,
    plan: planOf(model, { path: "", prefix: "", suffix: "" }, findFlattened(rows))
  }
}

const renamed = (named: Named, rename: (name: string) => string): readonly (readonly [string, Tensor])[] =>
  Object.entries(named).map(([name, tensor]) => [rename(name), tensor])

/** So many problems of each kind are listed. */
const MAX_PROBLEMS = 10

const isCounter = (name: string): boolean => /(^|\.)num_batches_tracked$/.test(name)

/** What is missing or has another shape, and what there is too much. */
const misfits = (wanted: readonly (readonly [string, Tensor])[], found: Named): Errors => {
  const wrong = wanted.filter(([name, { shape }]) => {
    const own = Object.hasOwn(found, name) ? found[name] : undefined
    return !isTensor(own) || !sameShape(own.shape, shape)
  })
  const known = new Set(wanted.map(([name]) => name))
  const surplus = Object.entries(found).filter(([name]) => !known.has(name) && !isCounter(name))
  return [
    ...wrong
      .slice(0, MAX_PROBLEMS)
      .map(([name, like]) => problem([], [name], found[name], `a tensor ${showShape(like.shape)}`)),
    ...surplus.slice(0, MAX_PROBLEMS).map(([name, own]) => problem([], [name], own, "no tensor"))
  ]
}

/**
 * Makes a function that turns the tensors of a PyTorch `state_dict`, as `decodeTensors` reads them from a safetensors file,
 * into parameters and state of a model; `input` is a batch as the model takes it, of which the shapes matter only.
 *
 * Names: those of the model's parts, with dots between them, so that `sequential` by place is `nn.Sequential`, and by name
 * a module with attributes of these names; `repeat` is a `ModuleList` (or `nn.Sequential`) of its depths, and the parts of a
 * `transformerBlock` are called `self_attn`, `linear1`, `linear2`, `norm1`, `norm2`. `recurrent(cell)` is `nn.RNN`, `nn.LSTM`
 * or `nn.GRU`, cells in a `sequential` its layers, `bidirectional(cell)` one that is so. What is called otherwise is for `rename`.
 *
 * Layouts: kernels are turned; biases of cells are added; the projections of attention are cut apart; running figures become
 * the state, and `num_batches_tracked` is left out. A dense layer that takes examples with places and channels which were put
 * on one axis gets its rows in our order, channels last: this is found by looking at what reaches it. Each tensor is cast to
 * the dtype that the model has at its place.
 *
 * A `Left` lists what is missing, has another shape or is too much, each by its name in the file (10 of each). Layers without a
 * rule that have parameters are a `DataError`.
 *
 * Law: `fromTorch(model, x)(toTorch(model, x)({ params, state })) ≡ Right({ params, state })`.
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
 *   "2.weight: expected a tensor [1, 2]; got a tensor f32[2, 1]",
 *   "2.bias: expected a tensor [1]; got undefined",
 *   "3.bias: expected no tensor; got a tensor f32[1]"
 * ])
 */
export const fromTorch = <P extends object, S extends object, I extends object, O extends object>(
  model: Layer<P, S, I, O>,
  input: I,
  options: TorchOptions = {}
) => {
  const { rename } = resolve("fromTorch", fields, options)
  const { like, plan } = prepare("fromTorch", model, input)
  const wanted = plan.write(like)
  return (tensors: Named): E.Either<Errors, Initial<P, S>> => {
    checkRecord("fromTorch", tensors)
    const errors = misfits(renamed(wanted, rename), tensors)
    if (errors.length > 0) return E.left(errors)
    const named = Object.fromEntries(
      Object.entries(wanted).map(([name, own]) => [name, cast(tensors[rename(name)] as Tensor, own.dtype)])
    )
    return E.right(evaluate(plan.read(named, like)) as unknown as Initial<P, S>) // of the structure of what init gave
  }
}

/**
 * Makes a function that turns parameters and state of a model into tensors as a `state_dict` of PyTorch has them, by the names
 * and layouts that `fromTorch` says; written by `encodeTree`, they are a safetensors file. Of two biases of a cell the second
 * becomes zeros.
 *
 * Other parameters than the model has on that input are a `TreeError` or a `ShapeError`, layers without a rule that have
 * parameters a `DataError`.
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
  const { like, plan } = prepare("toTorch", model, input)
  return ({ params, state }: Initial<P, S>): Named => {
    const own: Own = { params, state }
    for (const part of ["params", "state"] as const)
      underPath(part, () => {
        Tree.requireSameStructure("toTorch", like[part], own[part])
        const leaves = Tree.leaves(own[part])
        Tree.leaves(like[part]).forEach((leaf, i) => {
          if (!sameShape(leaf.shape, leaves[i]?.shape ?? []))
            fail("ShapeError", "toTorch", showShape(leaf.shape), describeValue(leaves[i]), Tree.paths(like[part])[i])
        })
      })
    return evaluate(Object.fromEntries(renamed(plan.write(own), rename)))
  }
}
