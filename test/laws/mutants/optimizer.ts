import { add, cast, isTensor, item, mul, sub, sum, square, Tree, type Tensor } from "thalweg"
import { optimizerLaws } from "thalweg/laws"
import { type AnyOptimizer, sgd } from "thalweg/optimizer"
import { type AnyState } from "./combinator/wrap.js"
import { mutant, type Mutants } from "./mutant.js"

const right: AnyOptimizer = sgd({ learningRate: 0.5, momentum: 0.9 })
type Step = (params: Tree, state: AnyState, grads: Tree) => readonly [Tree, AnyState]

const broken = (parts: { readonly [K in keyof AnyOptimizer]?: unknown }) =>
  optimizerLaws({ ...right, ...parts } as AnyOptimizer)

const stepping = (how: Step) => broken({ step: how })

const plus = Tree.zipWith((a: Tensor, b: Tensor) => add(a, b))
const minus = Tree.zipWith((a: Tensor, b: Tensor) => sub(a, b))

/** Gradients accumulated beside the state, found again by its identity. */
const besideTheState = (): Step => {
  const velocities = new WeakMap<object, Tree>()
  return (params, state, grads) => {
    const before = velocities.get(state)
    const velocity = before === undefined ? grads : plus<Tree>(before, grads)
    const after = right.update(grads, state, params)[1]
    velocities.set(after, velocity)
    return [minus<Tree>(params, velocity), after]
  }
}

const inPlace: Step = (params, state, grads) => {
  const [next, after] = right.step(params, state, grads)
  if (!isTensor(params)) Object.assign(params, next)
  return [next, after]
}

/** The tree, each entry of a record scaled by the order in which its key was added. */
const byPlace = (tree: Tree): Tree =>
  isTensor(tree) || Array.isArray(tree)
    ? tree
    : Object.fromEntries(
        Object.entries(tree).map(([key, child], place) => [key, Tree.map(t => mul(t, place + 1))(child)])
      )

const lenient: Step = (params, state, grads) => {
  const given = Tree.leaves(grads)
  const flat = Tree.flatten(params)
  return [Tree.unflatten<Tree>(flat.structure)(flat.leaves.map((p, i) => sub(p, given[i] ?? 0))), state]
}

export const optimizerMutants: Mutants = {
  "step keeps structure, shapes and dtypes": [
    mutant(
      "gives parameters of f64",
      stepping((params, state, grads) => {
        const own = Tree.zipWith((p: Tensor, g: Tensor) => cast(p, g.dtype))(params, grads) // also of a step before
        const [next, after] = right.step(own, state, grads)
        return [Tree.map(t => cast(t, "f64"))(next), after]
      })
    )
  ],
  "step leaves arguments unchanged": [mutant("writes into the parameters", stepping(inPlace))],
  "N steps are a steps and then N - a": [
    mutant("finds its velocity by the identity of the state", stepping(besideTheState()))
  ],
  "an empty tree stays empty": [
    mutant(
      "gives a list for what has no leaves",
      stepping((params, state, grads) => {
        const [next, after] = right.step(params, state, grads)
        return [Tree.leaves(next).length === 0 ? [] : next, after]
      })
    )
  ],
  "step compiles": [
    mutant(
      "skips a step where the gradients are 0",
      stepping((params, state, grads) =>
        Tree.leaves(grads).every(g => item(sum(square(g))) === 0) ? [params, state] : right.step(params, state, grads)
      ),
      "UnboundInputError"
    )
  ],
  "the order of keys does not matter to step": [
    mutant(
      "goes by the order in which keys were added",
      stepping((params, state, grads) => right.step(params, state, byPlace(grads)))
    )
  ],
  "step moves by the displacement of update": [
    mutant(
      "subtracts the displacement",
      stepping((params, state, grads) => {
        const [displacement, after] = right.update(grads, state, params)
        return [minus<Tree>(params, displacement), after]
      })
    ),
    mutant(
      "steps twice",
      stepping((params, state, grads) => {
        const [next, after] = right.step(params, state, grads)
        return right.step(next, after, grads)
      })
    )
  ],
  "the rate is a scalar of f64": [
    mutant("says the rate in f32", broken({ rate: (state: AnyState) => cast(right.rate(state), "f32") }))
  ],
  "gradientPoint and evalParams look like the parameters": [
    mutant("evaluates at a list of leaves", broken({ evalParams: (params: Tree) => Tree.leaves(params) })),
    mutant("takes gradients at parameters of f64", broken({ gradientPoint: Tree.map(t => cast(t, "f64")) }))
  ],
  "finish holds nothing back: a second one changes nothing": [
    mutant("steps on", broken({ finish: (params: Tree, state: AnyState) => right.step(params, state, params) }))
  ],
  "finish before the first step changes nothing": [
    mutant("steps on", broken({ finish: (params: Tree, state: AnyState) => right.step(params, state, params) }))
  ],
  "an epoch that ends keeps the layout of a state": [
    mutant("gives what is inside alone", broken({ endEpoch: ({ inner }: AnyState) => inner }))
  ],
  "step refuses gradients unlike the parameters": [mutant("takes as many leaves as there are", stepping(lenient))],
  "step refuses a state unlike its own": [mutant("does not look at its state", stepping(lenient))]
}
