import { checkFunction } from "../dataflow/check.js"
import { describeKeys, describeValue, isRecord } from "../dataflow/describe.js"
import { fail, underPath } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isTensor } from "../dataflow/tensor.js"
import { foldIn } from "../random/index.js"
import type { Tree } from "../tree/index.js"
import { checkKey } from "../tree/tree.js"
import {
  applyLayer,
  checkLayer,
  checkMode,
  checkOutput,
  frozen,
  initLayer,
  type ContextOf,
  type Initial,
  type InputOf,
  type Layer,
  type Mode,
  type OutputOf,
  type ParamsOf,
  type Parts,
  type SomeLayer,
  type StateOf
} from "./layer.js"
import { applyPart } from "./observe.js"

// `extends infer O` shows the record itself where one hovers, and not the name of an alias with its argument
/** The parameters of parts, by name or by place. */
export type PartsParams<K> = { readonly [N in keyof K]: ParamsOf<K[N]> } extends infer O extends object ? O : never
/** The state of parts, by name or by place. */
export type PartsState<K> = { readonly [N in keyof K]: StateOf<K[N]> } extends infer O extends object ? O : never
/** What meets all members of a union. */
type Meet<U> = (U extends unknown ? (member: U) => void : never) extends (all: infer I) => void
  ? { [K in keyof I]: I[K] } extends infer O extends object
    ? O
    : object
  : object
/** What any of some layers looks at. */
export type ContextsOf<L> = Meet<ContextOf<L>>

/** The parts of a layer as functions: parameters, state, keys and context are handed over. */
export type Calls<K extends Parts> = { readonly [N in keyof K]: (input: InputOf<K[N]>) => OutputOf<K[N]> }

type Trees = Readonly<Record<string, Tree>>

/** The FNV-1a hash of a name in 31 bits: what a part draws depends on its name, and not on its neighbours. */
export const hashOf = (name: string): number =>
  Array.from(name).reduce((hash, c) => Math.imul(hash ^ (c.codePointAt(0) ?? 0), 16777619) >>> 0, 2166136261) &
  0x7fffffff

/** Names that draw apart, or an error that names two that would draw the same. */
export const checkApart = (operation: string, names: readonly string[]): void => {
  const known = new Map<number, string>()
  for (const name of names) {
    const same = known.get(hashOf(name))
    if (same !== undefined)
      fail("DataError", operation, "names of different hashes, by which keys are drawn (call one otherwise)", `"${same}" and "${name}"`) // prettier-ignore
    known.set(hashOf(name), name)
  }
}

/** A record of one tree for each part. */
export const checkTrees = (name: string, what: string, parts: readonly string[], trees: unknown): Trees => {
  const keys = isRecord(trees) && !isTensor(trees) ? Object.keys(trees) : undefined
  if (keys?.length === parts.length && parts.every(part => keys.includes(part))) return trees as Trees
  const received = keys === undefined ? describeValue(trees) : describeKeys(keys)
  return fail("TreeError", name, `${what} of the parts ${describeKeys(parts)}`, received)
}

/** Parts that nobody can change. */
const checkParts = <K extends Parts>(name: string, parts: K): K => {
  if (!isRecord(parts)) fail("DataError", name, "a record of layers", describeValue(parts))
  checkApart(name, Object.keys(parts))
  const own = Object.entries(parts).map(([part, layer]) => [part, checkLayer(name, layer, checkKey(name, part))])
  return Object.freeze(Object.fromEntries(own) as K)
}

/** JavaScript sorts names that look like numbers. */
const checkNames = (name: string, parts: Parts): void => {
  const numeric = isRecord(parts) ? Object.keys(parts).find(part => /^\d+$/.test(part)) : undefined
  if (numeric !== undefined)
    fail("TreeError", name, "names that do not look like numbers, whose order would be lost", `"${numeric}"`)
}

/** The parts as functions that do what is said, at the path of the part. */
const callsOf = <K extends Parts>(parts: K, run: (part: string, layer: SomeLayer, input: Tree) => Tree): Calls<K> => {
  const call = ([part, layer]: readonly [string, SomeLayer]) =>
    [part, (input: Tree) => underPath(part, () => run(part, layer, input))] as const
  return Object.fromEntries(Object.entries(parts).map(call)) as unknown as Calls<K>
}

/** Draws the parameters of every part where it is first called. */
const starting = <K extends Parts, I extends object>(
  name: string,
  parts: K,
  wiring: (call: Calls<K>, input: I) => unknown,
  key: Tensor,
  input: I,
  context: object | undefined
): Initial<Trees, Trees> => {
  const drawn = new Map<string, Initial<Tree, Tree>>()
  const run = (part: string, layer: Layer<Tree, Tree, Tree, Tree>, input: Tree): Tree => {
    const own = drawn.get(part) ?? initLayer(layer, foldIn(key, hashOf(part)), input, context)
    drawn.set(part, own)
    return applyLayer(layer, own.params, own.state, input, { training: false, ...context })[0]
  }
  checkOutput(name, wiring(callsOf(parts, run), input), "a wiring")
  const unused = Object.keys(parts).find(part => !drawn.has(part))
  if (unused !== undefined) fail("TreeError", name, "every part to be called", `"${unused}", which is not`)
  const pick = (field: "params" | "state"): Trees =>
    Object.fromEntries(Object.keys(parts).map(part => [part, drawn.get(part)?.[field] as Tree]))
  return { params: pick("params"), state: pick("state") }
}

/** The mode of one call of a part, of which there were `time` before: what it draws depends on both. */
const modeOf = (mode: Mode, part: string, time: number): Mode =>
  mode.training ? { ...mode, key: foldIn(foldIn(mode.key, hashOf(part)), time) } : mode

/** `connect`, of parts that may stand under their places. */
export const connectParts = <const K extends Parts, I extends object, O extends object>(
  name: string,
  given: K,
  wiring: (call: Calls<K>, input: I) => O
): Layer<PartsParams<K>, PartsState<K>, I, O, ContextsOf<K[keyof K]>> => {
  const parts = checkParts(name, given)
  const names = Object.keys(parts)
  checkFunction(name, wiring, "a function of the parts and the input")
  const apply = (params: object, state: object, input: I, mode: Mode): readonly [O, Trees] => {
    checkMode(name, mode)
    const own = checkTrees(name, "parameters", names, params)
    let after = checkTrees(name, "a state", names, state)
    const times = new Map<string, number>()
    const run = (part: string, layer: Layer<Tree, Tree, Tree, Tree>, input: Tree): Tree => {
      const time = (times.get(part) ?? 0) + 1
      times.set(part, time)
      const inner = modeOf(mode, part, time)
      const [output, next] = applyPart(part, layer, own[part] as Tree, after[part] as Tree, input, inner)
      after = { ...after, [part]: next }
      return output
    }
    const output = checkOutput(name, wiring(callsOf(parts, run), input), "a wiring")
    return [output, after]
  }
  return frozen({
    name,
    layers: parts,
    init: (key: Tensor, input: I, context?: object) => starting(name, parts, wiring, key, input, context),
    apply
  }) as unknown as Layer<PartsParams<K>, PartsState<K>, I, O, ContextsOf<K[keyof K]>>
}

/**
 * Makes a layer of named layers and a function that calls them. Every layer of layers is made by this one: `sequential`,
 * `branch`, the blocks of a Transformer.
 *
 * `wiring`: from the parts as functions, and the input, to the output. `init` and `apply` run the same function. A part that is
 * called twice shares its parameters between the calls, and its state goes through both. Parameters and state are records with
 * the names of the parts. What a part draws depends on its name and on how often it was called, not on the other parts.
 * Mistakes inside a part are said to be at its name. A part that is never called is a `TreeError`, and so is a name that no key
 * of a tree may be or that looks like a number, since JavaScript would sort it; wiring that returns no tree is a `DataError`, and
 * so are two names of one hash (of 31 bits: a rare chance), whose parts would draw alike.
 *
 * @example
 * import assert from "node:assert"
 * import { mul, sum, Tree, zeros, type Tensor } from "thalweg"
 * import { connect, dense } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * // one tower for both sides: how alike are they?
 * type Sides = { readonly left: Tensor; readonly right: Tensor }
 * const siamese = connect("siamese", { tower: dense({ units: 3 }) }, ({ tower }, { left, right }: Sides) =>
 *   sum(mul(tower(left), tower(right)), { axes: -1 })
 * )
 * const sides = { left: zeros([4, 8]), right: zeros([4, 8]) }
 * const { params, state } = siamese.init(key(0), sides)
 * assert.deepStrictEqual(Tree.paths(params), ["tower/bias", "tower/kernel"])
 * assert.deepStrictEqual(siamese.apply(params, state, sides, { training: false })[0].shape, [4])
 */
export const connect = <const K extends Parts, I extends object, O extends object>(
  name: string,
  parts: K,
  wiring: (call: Calls<K>, input: I) => O
): Layer<PartsParams<K>, PartsState<K>, I, O, ContextsOf<K[keyof K]>> => {
  checkNames(name, parts)
  return connectParts(name, parts, wiring)
}
