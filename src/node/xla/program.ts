import { checkPair } from "../../dataflow/check.js"
import { fail } from "../../dataflow/error.js"
import { signature } from "../../engine/compile.js"
import { requireLike } from "../../tree/require-like.js"
import { METADATA } from "../../spec/header.js"
import { Tree, type TreeLike } from "../../tree/index.js"
import { flattenAs, type Structure } from "../../tree/tree.js"
import { toStableHlo, type StableHloLeaf } from "../../xla/index.js"
import { placeLeaves, type Mesh, type Placement, type Placements } from "./placement.js"

export type Step<S, B, M> = (state: S, batch: B) => readonly [state: S, yielded: M]

/** A tensor that a runner gets or gives. */
type Leaf = StableHloLeaf

/** An argument, and where it is. */
interface PlacedLeaf extends Leaf {
  readonly placement: Placement
}

/** A step as the runner gets it, for a state and batches of certain shapes. */
interface StepProgram {
  readonly text: string
  readonly mesh: Mesh
  readonly state: readonly PlacedLeaf[]
  readonly batch: readonly PlacedLeaf[]
  readonly metrics: readonly Leaf[]
}

/** The program of a step, as JSON of `StepProgram`, and what it yields. */
export interface Written {
  readonly text: string
  readonly metrics: readonly Leaf[]
  readonly yielded: Structure
}

/** The leaves below one argument or result of several, by their paths in it. */
const below = (leaves: readonly Leaf[], index: number): readonly Leaf[] =>
  leaves.flatMap(leaf => {
    const [first, ...rest] = leaf.path.split("/")
    return first === String(index) ? [{ ...leaf, path: rest.join("/") }] : []
  })

const under = (path: string, leaves: readonly Leaf[]): readonly Leaf[] =>
  leaves.map(leaf => ({ ...leaf, path: leaf.path === "" ? path : `${path}/${leaf.path}` }))

/** Refuses a tensor that can have no name in the files by which the runner gets it. */
const checkNames = (operation: string, path: string, leaves: readonly Leaf[]): void => {
  if (leaves.some(leaf => leaf.path === METADATA))
    fail("TreeError", operation, "a key that the safetensors format leaves free", `"${METADATA}"`, path)
}

/** On which devices the step runs, and what is where. */
interface Placing {
  readonly mesh: Mesh
  readonly place: Placements
}

/** Writes a step for a state and a batch like these, or says what in the step, or in the placement, does not fit. */
const writeProgram = <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
  operation: string,
  step: Step<S, B, M>,
  { mesh, place }: Placing,
  state: S,
  batch: B
): Written => {
  let structure: Structure | undefined
  const traced = (at: S, given: B) => {
    const [after, yielded] = checkPair(operation, "a step that returns [state, yielded]", step(at, given))
    requireLike(operation, "a next state", state, after)
    structure = Tree.flatten(yielded).structure
    return [after, yielded] as const
  }
  const { text, inputs, outputs } = toStableHlo(traced as (...args: never) => Tree, [state, batch] as never)
  const leaves = [below(inputs, 0), below(inputs, 1)] as const
  checkNames(operation, "state", leaves[0])
  checkNames(operation, "batch", leaves[1])
  const placements = placeLeaves(operation, mesh, place, [...under("state", leaves[0]), ...under("batch", leaves[1])])
  const placed = leaves.map((own, k) =>
    own.map((leaf, i) => ({ ...leaf, placement: placements[k === 0 ? i : i + leaves[0].length] ?? [] }))
  )
  const [ofState = [], ofBatch = []] = placed
  const metrics = below(outputs, 1)
  const program: StepProgram = { text, mesh, state: ofState, batch: ofBatch, metrics }
  return { text: JSON.stringify(program), metrics, yielded: structure as unknown as Structure }
}

/** What distinguishes the program for some tree from that for another. */
const kindOf = (operation: string, tree: Tree, what: string): string => {
  const { leaves, structure } = flattenAs(operation, tree, what)
  return signature(structure, leaves)
}

/** The programs of a step: the one for such a state and batch, written once. */
export const programsOf = <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
  operation: string,
  step: Step<S, B, M>,
  placing: Placing
): ((state: S) => (batch: B) => Written) => {
  const known = new Map<string, Written>()
  return state => {
    const ofState = kindOf(operation, state, "a state")
    return batch => {
      const name = `${ofState}\n\n${kindOf(operation, batch, "a batch")}`
      const written = known.get(name) ?? writeProgram(operation, step, placing, state, batch)
      known.set(name, written)
      return written
    }
  }
}
