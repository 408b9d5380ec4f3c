import { add, cast, isTensor, item, mul, scalar, Tree, type Tensor } from "thalweg"
import { chainLaws, transformLaws, type AnyTransform } from "thalweg/laws"
import {
  chain,
  globalNorm,
  identity,
  scale,
  type Clock,
  type StateFamily,
  type StatelessF,
  type Transform
} from "thalweg/transform"
import { mutant, type Mutants } from "./mutant.js"

interface CountF extends StateFamily {
  readonly type: { readonly count: Tensor }
}

/** Halves updates, and counts them. */
const counted: Transform<CountF> = {
  init: () => ({ count: scalar(0, "i32") }),
  update: (updates, state) => [Tree.map(u => mul(u, 0.5))(updates), next(state)]
}

const broken = (parts: Partial<AnyTransform>) => transformLaws({ ...(counted as AnyTransform), ...parts })

const updating = (how: (updates: Tree, state: { count: Tensor }) => readonly [Tree, Tree]) =>
  broken({ update: how as never })

const times = (factor: number | Tensor): ((tree: Tree) => Tree) =>
  Tree.map(t => mul(t, typeof factor === "number" ? factor : cast(factor, t.dtype)))

const next = ({ count }: { readonly count: Tensor }): { readonly count: Tensor } => ({ count: add(count, 1) })

const counting = () => {
  let calls = 0
  return updating((updates, state) => [times(calls++)(updates), next(state)])
}

const besideTheState = () => {
  const velocities = new WeakMap<object, Tree>()
  return updating((updates, state) => {
    const before = velocities.get(state)
    const velocity = before === undefined ? updates : Tree.zipWith((a: Tensor, b: Tensor) => add(a, b))(before, updates)
    const after = next(state)
    velocities.set(after, velocity)
    return [velocity, after]
  })
}

/** A factor for each key, by the order in which the keys were added. */
const byPlace = (updates: Tree): Tree =>
  isTensor(updates) || Array.isArray(updates)
    ? updates
    : Object.fromEntries(Object.entries(updates).map(([key, child], place) => [key, times(place + 1)(child)]))

export const transformMutants: Mutants = {
  "updates keep structure, shapes and dtypes": [
    mutant(
      "computes in f64",
      updating((updates, state) => [Tree.map(u => cast(u, "f64"))(updates), next(state)])
    ),
    mutant(
      "gives a list of leaves",
      updating((updates, state) => [Tree.leaves(updates), next(state)])
    )
  ],
  "update keeps the state's structure, shapes and dtypes": [
    mutant(
      "keeps a history",
      updating((updates, state) => [updates, { ...state, history: updates }])
    ),
    mutant(
      "counts in floats",
      updating((updates, state) => [updates, { count: cast(next(state).count, "f32") }])
    )
  ],
  "update leaves arguments unchanged": [
    mutant(
      "counts in place",
      updating((updates, state) => {
        state.count = add(state.count, 1)
        return [updates, state]
      })
    )
  ],
  "update has no memory but its state": [
    mutant("counts its calls", counting()),
    mutant("finds its velocity by the identity of the state", besideTheState())
  ],
  "update compiles": [
    mutant(
      "reads the norm to decide",
      updating((updates, state) => [item(globalNorm(updates)) > 1 ? times(0.5)(updates) : updates, next(state)]),
      "UnboundInputError"
    )
  ],
  "the order of keys does not matter to update": [
    mutant(
      "goes by the order in which keys were added",
      updating((updates, state) => [byPlace(updates), next(state)])
    )
  ]
}

type Chain = (...parts: readonly AnyTransform[]) => AnyTransform

const chained = (how: Chain) => chainLaws({ chain: how, identity })
const right: Chain = (...parts) => chain(...parts)

/** A chain that hands every part the state of the first that it could be. */
const sharedState: Chain = (...parts) => ({
  ...right(...parts),
  update: ((updates: Tree, state: readonly Tree[], params: Tree, now: Clock) => {
    const like = (own: Tree): Tree => state.find(other => Tree.sameStructure(own, other)) ?? own
    const made = parts.reduce<readonly [Tree, readonly Tree[]]>(
      ([current, after], part, i) => {
        const [next, own] = part.update(current, like(state[i] ?? []), params, now)
        return [next, [...after, own]]
      },
      [updates, []]
    )
    return made
  }) as never
})

/** A chain that runs its parts side by side. */
const sideBySide: Chain = (...parts) => ({
  ...right(...parts),
  update: ((updates: Tree, state: readonly Tree[], params: Tree, now: Clock) => {
    const made = parts.map((part, i) => part.update(updates, state[i] ?? [], params, now))
    const total = made
      .map(([own]) => own)
      .reduce((a, b) => Tree.zipWith((x: Tensor, y: Tensor) => add(x, y))<Tree>(a, b))
    return [times(1 / parts.length)(total), made.map(([, after]) => after)]
  }) as never
})

const rated = (combine: (rates: readonly Tensor[]) => Tensor): Chain => {
  return (...parts) => ({
    ...right(...parts),
    rate: (state: readonly Tree[], now: Clock) =>
      combine(parts.flatMap((part, i) => part.rate?.(state[i] ?? [], now) ?? []))
  })
}

const zeros: Transform<StatelessF> = scale(0)

export const chainMutants: Mutants = {
  "chain is associative": [
    mutant("mixes up states that look alike", chained(sharedState)),
    mutant("averages what its parts make of the same updates", chained(sideBySide))
  ],
  "chain of three is chain of two and one": [
    mutant(
      "takes two parts",
      chained((...parts) => right(...parts.slice(0, 2)))
    )
  ],
  "identity is a left unit of chain": [
    mutant(
      "drops the last part",
      chained((...parts) => right(...parts.slice(0, -1)))
    ),
    mutant("has a unit that gives zeros", chainLaws({ chain, identity: zeros }))
  ],
  "identity is a right unit of chain": [
    mutant(
      "drops the first part",
      chained((...parts) => right(...parts.slice(1)))
    )
  ],
  "chain of nothing is the identity": [
    mutant(
      "gives zeros for no parts",
      chained((...parts) => (parts.length === 0 ? zeros : right(...parts)))
    )
  ],
  "chain applies from left to right": [
    mutant(
      "applies from right to left",
      chained((...parts) => right(...parts.toReversed()))
    )
  ],
  "the rate of a chain is the product of its rates": [
    mutant("adds rates", chained(rated(rates => rates.reduce(add, scalar(0, "f64"))))),
    mutant("gives the last rate", chained(rated(rates => rates.at(-1) ?? scalar(1, "f64"))))
  ]
}
