import { stack } from "../dataflow/concat.js"
import { fail } from "../dataflow/error.js"
import { at } from "../dataflow/indexing.js"
import type { Tensor } from "../dataflow/primitive.js"
import { reshape } from "../dataflow/structure.js"
import { checkLayer, initLayer, ownSpec, type Initial, type Layer } from "../nn/layer.js"
import { observeDepths } from "../nn/observe.js"
import { key } from "../random/index.js"
import { Tree } from "../tree/index.js"
import { featuresOf, type Around, type Features } from "./torch-order.js"
import type { Named, Order, Place, Rule } from "./torch-layouts.js"
import { asItIs, rules } from "./torch-rules.js"
import { join, kindOf, sitesOf, titleOf, type Site } from "./torch-sites.js"

/** What a model has. */
export type Own = { readonly params: Tree; readonly state: Tree }

/** A layer that has tensors. */
interface Owning extends Site {
  readonly owned: Owned
}

/** The same with its rule, how it is laid out, and where. */
interface Placed extends Owning {
  readonly rule: Rule
  readonly place: Place
}

/** What a model begins with, and its layers that have something. */
export interface Prepared {
  readonly like: Own
  readonly sites: readonly Placed[]
}

/** A tensor as PyTorch has it, and the layer that it belongs to. */
export interface Wanted {
  readonly name: string
  readonly tensor: Tensor
  readonly site: Placed
  /** PyTorch keeps it and we do not: it may be missing. */
  readonly isBeside: boolean
}

/** All tensors of a model, by their paths. */
const leavesOf = (own: Own): Named => {
  const [paths, leaves] = [Tree.paths(own), Tree.leaves(own)]
  return Object.fromEntries(paths.map((path, i) => [path, leaves[i] as Tensor]))
}

/** The name of a tensor in a layer, and its path in all. */
type Owned = readonly (readonly [name: string, whole: string])[]

/** What is below each path: every tensor is noted at all that lead to it, so that nobody has to look for it. */
const belowOf = (wholes: readonly string[]): ReadonlyMap<string, Owned> => {
  const below = new Map<string, (readonly [string, string])[]>()
  for (const whole of wholes)
    for (let end = whole.indexOf("/"); end >= 0; end = whole.indexOf("/", end + 1)) {
      const path = whole.slice(0, end)
      const owned = below.get(path) ?? []
      owned.push([whole.slice(end + 1), whole])
      below.set(path, owned)
    }
  return below
}

/** The tensors of a layer. */
const ownedBy = (below: ReadonlyMap<string, Owned>, { path }: Site): Owned =>
  ["params", "state"].flatMap(part => below.get(path === "" ? part : join(part, path)) ?? [])

const ownOf = (leaves: Named, { owned, depths }: Placed): Named =>
  Object.fromEntries(
    owned.map(([name, whole]) => [name, depths.reduce((leaf, depth) => at(leaf, depth), leaves[whole] as Tensor)])
  )

const nameIn = ({ prefix, suffix }: Site, name: string): string => `${prefix}${name}${suffix}`

/** All that a model has, as PyTorch names it. */
export const written = ({ sites }: Prepared, own: Own): readonly Wanted[] => {
  const leaves = leavesOf(own)
  return sites.flatMap(site => {
    const named = (tensors: Named, isBeside: boolean): readonly Wanted[] =>
      Object.entries(tensors).map(([name, tensor]) => ({ name: nameIn(site, name), tensor, site, isBeside }))
    const { to, besides = {} } = site.rule
    return [...named(to(ownOf(leaves, site), site.place), false), ...named(besides, true)]
  })
}

/** The way back. What no layer reads (the caches of a generator) is as it was; what is repeated is stacked. */
export const readFrom = ({ like, sites }: Prepared, named: Named): Own => {
  const leaves = leavesOf(like)
  const found = new Map<string, Tensor[]>()
  for (const site of sites) {
    const [own, wholes] = [ownOf(leaves, site), new Map(site.owned)]
    const theirs = Object.keys(site.rule.to(own, site.place)).map(name => [name, named[nameIn(site, name)] as Tensor])
    const read = site.rule.from(Object.fromEntries(theirs) as Named, site.place, own)
    for (const [name, tensor] of Object.entries(read)) {
      const whole = wholes.get(name) ?? ""
      const depths = found.get(whole) ?? []
      depths.push(tensor)
      found.set(whole, depths)
    }
  }
  return Tree.unflatten<Own>(Tree.flatten(like).structure)(
    Object.entries(leaves).map(([path, leaf]) => {
      const tensors = found.get(path)
      return tensors === undefined ? leaf : reshape(stack(tensors), leaf.shape)
    })
  )
}

const isOrder = (features: Features): features is Order | undefined => features === undefined || "places" in features

/** The order of the features around a layer, which it must be able to follow. */
const placeOf = ({ path, layer }: Site, rule: Rule, { inputs, outputs }: Around): Place => {
  const title = titleOf(layer)
  if (isOrder(inputs) && isOrder(outputs) && (rule.isOrdered || (inputs ?? outputs) === undefined))
    return { options: ownSpec(layer)?.options ?? {}, inputs, outputs }
  const expected =
    "features whose order in PyTorch can be told, of one flatten of channels into a dense layer or a norm"
  const because = [inputs, outputs].flatMap(features => (isOrder(features) ? [] : (features.because ?? [])))[0]
  const through = because === undefined || because === title ? "" : `, because of ${because}`
  return fail("DataError", "torch", expected, `others around ${title}${through}`, path)
}

/** Parameters that are no layer's, or that have no name in it, are an error. */
const requireOwned = (sites: readonly Owning[], params: Tree): void => {
  const known = new Set(sites.flatMap(({ owned }) => owned.map(([, whole]) => whole)))
  const stray = Tree.paths({ params }).find(whole => !known.has(whole))
  if (stray !== undefined)
    fail("DataError", "torch", "parameters by name, of layers that are not made of others", "others", stray)
}

/** Tensors of a user's layer that would have one name are an error. */
const requireApart = ({ layer, path, owned }: Owning): void => {
  const names = owned.map(([name]) => name.replaceAll("/", "."))
  const seen = new Set<string>()
  const twice = names.find(name => seen.size === seen.add(name).size)
  if (twice !== undefined)
    fail("DataError", "torch", `a name of its own for each tensor of ${titleOf(layer)}`, `"${twice}" twice`, path)
}

/** A model as it begins, and how its layers are named and laid out. */
export const prepare = <P extends object, S extends object, I extends object, O extends object>(
  operation: string,
  model: Layer<P, S, I, O>,
  input: I
): Prepared => {
  const like = initLayer(checkLayer(operation, model), key(0), input) as Initial<object, object> as Own
  const rows = observeDepths(model, like.params as P, like.state as S, input)
  const below = belowOf(Tree.paths(like))
  const owning = sitesOf(model, { path: "", depths: [], prefix: "" })
    .map(site => ({ ...site, owned: ownedBy(below, site) }))
    .filter(({ owned }) => owned.length > 0)
  requireOwned(owning, like.params)
  const { around, lost } = featuresOf(like, input as Tree, rows)
  const sites = owning.map(site => {
    const rule = rules[kindOf(site.layer)] ?? asItIs
    if (rule === asItIs) requireApart(site)
    return { ...site, rule, place: placeOf(site, rule, around(site)) }
  })
  if (lost !== undefined)
    fail(
      "DataError",
      "torch",
      "operations that do not look at the order of flattened features, which is another in PyTorch",
      lost
    )
  return { like, sites }
}
