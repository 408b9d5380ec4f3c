import fc from "fast-check"
import { add, concat, grad, mul, sum, type Tensor, type Tree } from "thalweg"
import type { branch, connect, Layer, observe, parallel, providing, repeat, residual, sequential } from "thalweg/nn"
import { key } from "thalweg/random"
import { draw, drawing, given, inTurn, settled, training, type Begun } from "./arbitrary/layers.js"
import { still, upTo, type Made } from "./arbitrary/model.js"
import { exact, rounded } from "./equality.js"
import { law, type Law } from "./law.js"
import { outline, plus } from "./sides.js"

/** The functions that make layers of layers. */
export interface Composing {
  readonly connect: typeof connect
  readonly sequential: typeof sequential
  readonly residual: typeof residual
  readonly branch: typeof branch
  readonly parallel: typeof parallel
  readonly providing: typeof providing
  readonly repeat: typeof repeat
  readonly observe: typeof observe
}

type Trees = Readonly<Record<string, Tree>>
type Layers = Readonly<Record<string, Made>>

type Pair = { readonly a: Tensor; readonly b: Tensor }

/** A layer that looks at a gain besides. */
const gaining = (layer: Made): Layer<Tree, Tree, Tensor, Tensor, { readonly gain: Tensor }> => ({
  name: "gaining",
  init: (key, x, { gain }) => layer.init(key, mul(x, gain)),
  apply: (params, state, x, mode) => layer.apply(params, state, mul(x, mode.gain), mode)
})

const sharing = ({ connect }: Composing): readonly Law[] => {
  const twiceOf = (part: Made): Made =>
    connect("twice", { part }, ({ part }, { a, b }: Pair) => ({ a: part(a), b: part(b) })) as unknown as Made
  const apartOf = (one: Made, other: Made): Made =>
    connect("apart", { one, other }, ({ one, other }, { a, b }: Pair) => ({
      a: one(a),
      b: other(b)
    })) as unknown as Made
  return [
    law(
      "the gradient of a shared part is the sum of those of its places, of which it has one set of parameters",
      rounded,
      drawing,
      sample => {
        const { x, z, first, params, state } = given(sample)
        const pair = { a: x, b: z } as unknown as Tensor
        const [twice, apart] = [twiceOf(first), apartOf(first, first)]
        const lossOf = (layer: Made, state: Tree) => (params: Tree) => {
          const { a, b } = layer.apply(params, state, pair, still)[0] as unknown as Pair
          return add(sum(mul(a, a)), sum(mul(b, z)))
        }
        const shared = grad(lossOf(twice, { part: state }))({ part: params }) as Trees
        const { one = [], other = [] } = grad(lossOf(apart, { one: state, other: state }))({ one: params, other: params }) as Trees // prettier-ignore
        return [
          [outline(twice.init(key(0), pair).params), shared["part"] ?? []],
          [outline<Tree>({ part: params }), plus<Tree>(one, other)]
        ]
      }
    ),
    law("the state of a shared part goes through its places, one after the other", exact, settled, sample => {
      const { x, z, first, params, state } = given(sample)
      const [outputs, after] = twiceOf(first).apply({ part: params }, { part: state }, { a: x, b: z } as unknown as Tensor, training) // prettier-ignore
      const [a, between] = first.apply(params, state, x, training)
      const [b, part] = first.apply(params, between, z, training)
      return [
        [outputs, after],
        [{ a, b }, { part }]
      ]
    }),
    law(
      "what parts draw does not depend on the others, at the start and while training",
      exact,
      fc.tuple(drawing, fc.nat(3)),
      ([sample, place]) => {
        const { x, layers } = given(sample)
        const [a, b, c] = layers
        const some: Layers = { a, b, c }
        const beside = (extra: Made): Layers => {
          const names = Object.entries(some)
          return Object.fromEntries([...names.slice(0, place), ["extra", extra] as const, ...names.slice(place)])
        }
        const nothing: Made = { name: "nothing", init: () => ({ params: [], state: [] }), apply: (_, s, x) => [x, s] }
        const chained = (parts: Layers): Made =>
          connect("chained", parts, (call, x: Tensor) =>
            Object.keys(parts).reduce((x, name) => (call[name] as (x: Tensor) => Tensor)(x), x)
          ) as unknown as Made
        const without = ({ extra: _, ...others }: Trees): Tree => others
        const begin = (extra: Made): Begun => chained(beside(extra)).init(key(sample.seed), x)
        const { params, state } = chained(some).init(key(sample.seed), x)
        const drawn = [begin(a), begin(nothing)].map(({ params }) => without(params as Trees))
        const more = (trees: Tree): Tree => ({ ...(trees as Trees), extra: [] })
        const y = chained(beside(nothing)).apply(more(params), more(state), x, training)[0]
        return [
          [drawn, y],
          [[params, params], chained(some).apply(params, state, x, training)[0]]
        ]
      }
    )
  ]
}

const chaining = ({ sequential }: Composing): readonly Law[] => {
  const places = (...layers: readonly Made[]): Made => sequential(...(layers as readonly never[])) as unknown as Made
  return [
    law("sequential is its layers one after the other, however they are grouped", exact, settled, sample => {
      const { x, layers, begun } = given(sample)
      const [a, b, c] = layers
      const [p, q, r] = begun.map(({ params }) => params) as [Tree, Tree, Tree]
      const [s, t, u] = begun.map(({ state }) => state) as [Tree, Tree, Tree]
      const [y, states] = inTurn(layers, begun, x)
      const [first, second, third] = states as [Tree, Tree, Tree]
      return [
        [
          places(a, b, c).apply([p, q, r], [s, t, u], x, training),
          places(places(a, b), c).apply([[p, q], r], [[s, t], u], x, training),
          places(a, places(b, c)).apply([p, [q, r]], [s, [t, u]], x, training)
        ],
        [
          [y, [first, second, third]],
          [y, [[first, second], third]],
          [y, [first, [second, third]]]
        ]
      ]
    }),
    law("sequential by place is sequential by name, but for the names", exact, settled, sample => {
      const { x, layers, begun } = given(sample)
      const [z, m, a] = layers
      const named = sequential({ z, m, a }) as unknown as Made
      const listOf = (tree: Tree): Tree => {
        const { z = [], m = [], a = [] } = tree as Trees
        return [z, m, a]
      }
      const recordOf = (of: "params" | "state"): Tree => ({ z: begun[0][of], m: begun[1][of], a: begun[2][of] })
      const [y, after] = named.apply(recordOf("params"), recordOf("state"), x, training)
      const [byPlace, byName] = [places(z, m, a).init(key(0), x), named.init(key(0), x)]
      const [params, state] = [begun.map(({ params }) => params), begun.map(({ state }) => state)]
      return [
        [y, listOf(after), outline(listOf(byName.params))],
        [...places(z, m, a).apply(params, state, x, training), outline(byPlace.params)]
      ]
    }),
    law("sequential of nothing changes nothing", exact, fc.tuple(upTo(3), fc.nat()), ([batch, seed]) => {
      const x = draw(seed, batch)
      return [places().apply([], [], x, training), [x, []]]
    })
  ]
}

const joining = ({ sequential, residual, branch, parallel, providing, repeat, observe }: Composing): readonly Law[] => [
  law("residual adds what the layer takes to what it gives", exact, drawing, sample => {
    const { x, first, params, state } = given(sample)
    const [y, after] = first.apply(params, state, x, training)
    const layer = residual(first)
    const begun = layer.init(key(sample.seed + 2), x)
    return [
      [...layer.apply(params, state, x, training), begun.params, begun.state],
      [add(x, y), after, params, state]
    ]
  }),
  law("what is observed is what is applied, part by part", exact, settled, sample => {
    const { x, layers, begun } = given(sample)
    const [z, m, a] = layers
    const model = sequential({ z, m, a }) as unknown as Made
    const recordOf = (of: "params" | "state"): Tree => ({ z: begun[0][of], m: begun[1][of], a: begun[2][of] })
    const own = [recordOf("params"), recordOf("state"), x, training] as const
    const [y, after, parts] = observe(model)(...own)
    const first = layers[0].apply(begun[0].params, begun[0].state, x, training)[0]
    const [seen, , last] = ["z", "m", "a"].map(name => parts.filter(({ path }) => path === name))
    return [
      [y, after, (seen ?? []).map(({ output }) => output), (last ?? []).map(({ output }) => output)],
      [...model.apply(...own), [first], [y]]
    ]
  }),
  law("branch gives what its parts give, parallel joins it", exact, settled, sample => {
    const { x, layers, begun } = given(sample)
    const [z, m, a] = layers
    const parts: Layers = { z, m, a }
    const recordOf = (trees: readonly Tree[]): Tree => ({ z: trees[0] ?? [], m: trees[1] ?? [], a: trees[2] ?? [] })
    const [params, state] = [recordOf(begun.map(b => b.params)), recordOf(begun.map(b => b.state))]
    const each = layers.map((layer, i) => layer.apply(begun[i]?.params ?? [], begun[i]?.state ?? [], x, training))
    const [outputs, after] = [each.map(([y]) => y), recordOf(each.map(([, state]) => state))]
    const [branches, joined] = [branch(parts), parallel(parts)] as unknown as readonly [Made, Made]
    return [
      [branches.apply(params, state, x, training), joined.apply(params, state, x, training)],
      [
        [recordOf(outputs), after],
        [concat(outputs, -1), after]
      ]
    ]
  }),
  law("providing gives a layer its input and what it looks at besides, also in a loop", exact, drawing, sample => {
    const { x, first } = given(sample)
    const { seed } = sample
    const doubled = (x: Tensor) => [mul(x, 2), { gain: add(sum(x), 1) }] as const
    const deep = repeat(2)(gaining(first))
    const closed = providing(doubled)(deep)
    const [input, context] = doubled(x)
    const { params, state } = deep.init(key(seed), input, context)
    const begun = closed.init(key(seed), x)
    return [
      [...closed.apply(params, state, x, training), begun.params, begun.state],
      [...deep.apply(params, state, input, { ...training, ...context }), params, state]
    ]
  })
]

/**
 * Lists the laws of what makes layers of layers, over random models in f64: what shared parts have in common, that parts draw by
 * their names, that `sequential` does not see how it is grouped, and what stands beside each other, around a shortcut and in a
 * context, and that watching changes nothing.
 *
 * @example
 * import assert from "node:assert"
 * import * as nn from "thalweg/nn"
 * import { checkAll, compositionLaws } from "thalweg/laws"
 *
 * assert(checkAll(compositionLaws(nn), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const compositionLaws = (nn: Composing): readonly Law[] => [...sharing(nn), ...chaining(nn), ...joining(nn)]
