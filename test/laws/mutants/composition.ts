import { add, concat, mul, stopGradient, Tree, type Tensor } from "thalweg"
import { compositionLaws, type Composing } from "thalweg/laws"
import * as nn from "thalweg/nn"
import { foldIn } from "thalweg/random"
import { mutant, type Mutants } from "./mutant.js"

type Made = nn.Layer<Tree, Tree>
type Parts = Readonly<Record<string, Made>>
type Trees = Readonly<Record<string, Tree>>
type Wiring = (calls: Readonly<Record<string, (x: Tree) => Tree>>, input: Tree) => Tree
type Connect = (name: string, parts: Parts, wiring: Wiring) => Made

const broken = (wrong: { readonly [K in keyof Composing]?: unknown }) =>
  compositionLaws({ ...nn, ...wrong } as Composing)
const connect = nn.connect as unknown as Connect
const sequential = nn.sequential as unknown as (...layers: readonly (Made | Parts)[]) => Made

const mapped = (trees: object, f: (name: string, i: number) => string): Trees =>
  Object.fromEntries(Object.entries(trees as Trees).map(([name, tree], i) => [f(name, i), tree]))

/** Layers whose parts have the names of their places, as far as what they draw goes. */
const byPlace: Connect = (name, parts, wiring) => {
  const names = Object.keys(parts)
  const placeOf = (own: string): string => `place${names.indexOf(own)}`
  const numbered = Object.fromEntries(Object.entries(parts).map(([own, part]) => [placeOf(own), part]))
  const inner = connect(name, numbered, (calls, x) =>
    wiring(Object.fromEntries(names.map(own => [own, calls[placeOf(own)] as (x: Tree) => Tree])), x)
  )
  const back = (tree: Tree): Tree => mapped(tree, own => names[Number(own.slice(5))] ?? own)
  return {
    ...inner,
    init: (key, x) => {
      const { params, state } = inner.init(key, x)
      return { params: back(params), state: back(state) }
    },
    apply: (params, state, x, mode) => {
      const [y, after] = inner.apply(mapped(params, placeOf), mapped(state, placeOf), x, mode)
      return [y, back(after)]
    }
  }
}

/** A part that has parameters of its own for a second call, which are made of those for the first. */
const unshared =
  (again: (p: Tensor) => Tensor = p => p): Connect =>
  (name, parts, wiring) => {
    const copies = Object.fromEntries(Object.entries(parts).map(([own, part]) => [`${own}Again`, part]))
    const inner = connect(name, { ...parts, ...copies }, (calls, x) => {
      const told = new Set<string>()
      const once = (own: string) => (x: Tree) => {
        const call = calls[told.has(own) ? `${own}Again` : own] as (x: Tree) => Tree
        told.add(own)
        return call(x)
      }
      return wiring(Object.fromEntries(Object.keys(parts).map(own => [own, once(own)])), x)
    })
    const both = (trees: Tree): Tree => ({
      ...(trees as Trees),
      ...Tree.map(again)(mapped(trees, own => `${own}Again`))
    })
    return { ...inner, apply: (params, state, x, mode) => inner.apply(both(params), both(state), x, mode) }
  }

/** A function of layers, of one of which something is wrong. */
const wrongly = (make: unknown, change: (layer: Made) => Partial<Made>) =>
  ((...args: readonly unknown[]) => {
    const layer = (make as (...args: readonly unknown[]) => Made)(...args)
    return { ...layer, ...change(layer) }
  }) as unknown

/** Layers that keep their state as it was. */
const still = (layer: Made): Partial<Made> => ({
  apply: (params, state, x, mode) => [layer.apply(params, state, x, mode)[0], state]
})

const unkept: Connect = (name, parts, wiring) =>
  connect(name, Object.fromEntries(Object.entries(parts).map(([own, p]) => [own, { ...p, ...still(p) }])), wiring)

/** Layers in the opposite order. */
const backwards = (...layers: readonly Made[]): Made => {
  const inner = sequential(...layers.toReversed())
  const turned = (tree: Tree): Tree => (tree as readonly Tree[]).toReversed()
  return {
    ...inner,
    init: (key, x) => {
      const { params, state } = inner.init(key, x)
      return { params: turned(params), state: turned(state) }
    },
    apply: (params, state, x, mode) => {
      const [y, after] = inner.apply(turned(params), turned(state), x, mode)
      return [y, turned(after)]
    }
  }
}

type Seen = readonly [output: Tensor, state: Tree, parts: readonly nn.Observed[]]

/** Watching that goes wrong. */
const observing = (change: (run: (mode: nn.Mode) => Seen, mode: nn.Mode) => Seen) =>
  broken({
    observe: (layer: Made) => (params: Tree, state: Tree, x: Tensor, mode: nn.Mode) =>
      change(own => nn.observe(layer)(params, state, x, own), mode)
  })

const isLayer = (value: object): value is Made => "apply" in value

export const compositionMutants: Mutants = {
  "the gradient of a shared part is the sum of those of its places, of which it has one set of parameters": [
    mutant("has parameters of its own for every call", broken({ connect: unshared() })),
    mutant(
      "counts the first place only",
      broken({
        connect: ((...args) => ({
          ...connect(...args),
          apply: unshared(stopGradient)(...args).apply
        })) satisfies Connect
      })
    )
  ],
  "the state of a shared part goes through its places, one after the other": [
    mutant("forgets the state", broken({ connect: unkept })),
    mutant(
      "keeps that of the last place alone",
      broken({
        connect: ((name, parts, wiring) => {
          const inner = unshared()(name, parts, wiring)
          const last = (trees: Trees): Trees => Object.fromEntries(Object.keys(parts).map(own => [own, trees[`${own}Again`] ?? trees[own] ?? []])) // prettier-ignore
          return {
            ...inner,
            apply: (params, state, x, mode) => {
              const [y, after] = inner.apply(params, state, x, mode)
              return [y, last(after as Trees)]
            }
          }
        }) satisfies Connect
      })
    )
  ],
  "what parts draw does not depend on the others, at the start and while training": [
    mutant("draws by place", broken({ connect: byPlace })),
    mutant(
      "draws by place while training",
      broken({
        connect: ((...args) => {
          const { init } = connect(...args)
          return { ...byPlace(...args), init }
        }) satisfies Connect
      })
    )
  ],
  "sequential is its layers one after the other, however they are grouped": [
    mutant("goes the other way", broken({ sequential: backwards })),
    mutant("forgets the state", broken({ sequential: wrongly(sequential, still) })),
    mutant(
      "leaves the last of three out",
      broken({
        sequential: (...layers: readonly Made[]) =>
          sequential(
            ...layers.map((own, i) =>
              i === 2 ? { ...own, apply: (_: Tree, state: Tree, x: Tensor) => [x, state] as const } : own
            )
          )
      })
    )
  ],
  "sequential by place is sequential by name, but for the names": [
    mutant(
      "sorts names",
      broken({
        sequential: (first: Parts | Made, ...others: readonly Made[]) =>
          isLayer(first)
            ? sequential(first, ...others)
            : sequential(Object.fromEntries(Object.entries(first).sort(([a], [b]) => (a < b ? -1 : 1))))
      })
    )
  ],
  "sequential of nothing changes nothing": [
    mutant(
      "gives nothing",
      broken({
        sequential: wrongly(sequential, ({ apply }) => ({
          apply: (params, state, x, mode) => {
            const [y, after] = apply(params, state, x, mode)
            return [(params as readonly Tree[]).length === 0 ? mul(y, 0) : y, after]
          }
        }))
      })
    )
  ],
  "residual adds what the layer takes to what it gives": [
    mutant("gives what the layer gives", broken({ residual: (layer: Made) => layer })),
    mutant(
      "adds what the layer gives to itself",
      broken({
        residual: (layer: Made) => ({
          ...layer,
          apply: ((params, state, x, mode) => {
            const [y, after] = layer.apply(params, state, x, mode)
            return [add(y, y), after]
          }) satisfies Made["apply"]
        })
      })
    ),
    mutant(
      "draws from a key of its own",
      broken({ residual: wrongly(nn.residual, ({ init }) => ({ init: (own, x) => init(foldIn(own, 1), x) })) })
    )
  ],
  "what is observed is what is applied, part by part": [
    mutant(
      "does not train what it watches",
      observing((run, mode) => run({ ...mode, training: false }))
    ),
    mutant(
      "tells of the last part only",
      observing((run, mode) => {
        const [y, after, parts] = run(mode)
        return [y, after, parts.slice(-1)]
      })
    )
  ],
  "branch gives what its parts give, parallel joins it": [
    mutant("joins by name", broken({
      parallel: (parts: Parts) =>
        connect("parallel", parts, (calls, x) => concat(Object.keys(parts).sort().map(own => calls[own]?.(x) as Tensor), -1))
    })), // prettier-ignore
    mutant("gives each what the one before gave", broken({
      branch: (parts: Parts) =>
        connect("branch", parts, (calls, x) => {
          let y = x
          return Object.fromEntries(Object.keys(parts).map(own => [own, (y = calls[own]?.(y) as Tree)]))
        })
    })) // prettier-ignore
  ],
  "providing gives a layer its input and what it looks at besides, also in a loop": [
    mutant(
      "gives the context only",
      broken({
        providing: (f: (x: Tensor, mode: nn.Mode) => readonly [Tensor, object]) =>
          nn.providing((x: Tensor, mode) => [x, f(x, mode)[1]] as const)
      })
    )
  ]
}
