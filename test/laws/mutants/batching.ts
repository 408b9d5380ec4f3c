import { add, broadcastTo, mul, stopGradient, take, Tree, vmap, type Tensor } from "thalweg"
import { batchingLaws, type Batching } from "thalweg/laws"
import { mutant, read, type Mutants } from "./mutant.js"

type Many = (inputs: readonly Tensor[]) => Tree
type Axes = readonly [readonly (number | null)[]]

const broken = (how: (f: Many, axes: Axes | undefined, inputs: readonly Tensor[]) => Tree) => {
  const other = (f: Many, axes?: Axes) => (inputs: readonly Tensor[]) => how(f, axes, inputs)
  return batchingLaws({ vmap: other as unknown as Batching["vmap"] })
}

/** Its type is of any function, which is too much for the compiler to spell out here. */
const right = (f: Many, axes: Axes | undefined, inputs: readonly Tensor[]): Tree =>
  (vmap as unknown as (f: Many, axes?: Axes) => Many)(f, axes)(inputs)

const eachResult = (change: (t: Tensor) => Tensor) =>
  broken((f, axes, inputs) => Tree.map(change)(right(f, axes, inputs)))

/** Every example has the result of the first. */
const ofTheFirst = (t: Tensor): Tensor => broadcastTo(take(t, [0]), t.shape)

/** What one example adds to the next, which a sum over a batch would. */
const mixed = (t: Tensor): Tensor => (t.dtype === "f64" ? add(t, mul(1e-3, take(t, [1, 2, 0]))) : t)

const isLast = (axes: Axes | undefined): boolean => axes?.[0].includes(-1) === true

export const batchingMutants: Mutants = {
  "every example is as it is alone": [
    mutant("takes the first example for all", eachResult(ofTheFirst)),
    mutant(
      "gives examples in reverse",
      eachResult(t => take(t, [2, 1, 0]))
    )
  ],
  "it does not matter along which axis examples lie": [
    mutant(
      "forgets to turn what lies along the last axis",
      broken((f, axes, inputs) => {
        const found = right(f, axes, inputs)
        return isLast(axes) ? Tree.map(t => take(t, [1, 2, 0]))(found) : found
      })
    )
  ],
  "what is mapped compiles": [
    mutant(
      "reads values",
      eachResult(t => read(t)),
      "UnboundInputError"
    )
  ],
  "what is mapped twice is mapped over both axes": [
    mutant(
      "maps the inner axis only, where it is mapped itself",
      broken((f, axes, inputs) => {
        const found = right(f, axes, inputs)
        return Tree.leaves(found).some(t => t.shape[0] === 2)
          ? Tree.map(t => broadcastTo(take(t, [0]), t.shape))(found)
          : found
      })
    )
  ],
  "gradients can be mapped": [mutant("mixes gradients of examples", eachResult(mixed))],
  "derivatives in a direction can be mapped": [mutant("mixes derivatives of examples", eachResult(mixed))],
  "what is mapped has a gradient": [
    mutant("is a constant to derivatives", eachResult(stopGradient)),
    mutant(
      "shares what is mapped with all examples",
      eachResult(t => (t.shape.length === 0 ? t : ofTheFirst(t)))
    )
  ]
}
