import { add, at, cast, concat, expandDims, flip, not, mul, ones, Tree, type Tensor } from "thalweg"
import { recurrentLaws, type Recurring } from "thalweg/laws"
import {
  bidirectional,
  recurrent,
  stateful,
  type BidirectionalOptions,
  type InitialContext,
  type Layer,
  type Mode,
  type MaskContext,
  type RecurrentOptions,
  type WithState
} from "thalweg/nn"
import { key } from "thalweg/random"
import { mutant, type Mutants } from "./mutant.js"

type Cell = Layer<Tree, Tree>
type Context = MaskContext & InitialContext<Tree>
type Run = Layer<Tree, Tree, Tensor, Tensor, Context>
type Make = (options?: RecurrentOptions) => (cell: Cell) => Run
type Apply = (run: Run["apply"], options: RecurrentOptions) => Run["apply"]

const suite = (wrong: Partial<Recurring>) => recurrentLaws({ recurrent, stateful, bidirectional, ...wrong })

/** A way to run cells that goes wrong at some place. */
const wrongly =
  (make: unknown, apply: Apply): Make =>
  (options = {}) =>
  cell => {
    const layer = (make as Make)(options)(cell)
    return { ...layer, apply: apply(layer.apply, options) }
  }

const recurring = (apply: Apply) => suite({ recurrent: wrongly(recurrent, apply) as unknown as typeof recurrent })
const keeping = (apply: Apply) => suite({ stateful: wrongly(stateful, apply) as unknown as typeof stateful })
const inBoth = (apply: Apply) =>
  suite({ bidirectional: wrongly(bidirectional, apply) as unknown as typeof bidirectional })

/** Another mode. */
const under =
  (change: (mode: Mode & Context) => Mode & Context): Apply =>
  run =>
  (params, state, x, mode) =>
    run(params, state, x, change(mode))

/** Other options. */
const optioned = (change: (options: RecurrentOptions) => RecurrentOptions) => {
  const changed = (options: RecurrentOptions = {}) => recurrent(change(options))
  return suite({ recurrent: changed as unknown as typeof recurrent })
}

/** A cell that begins otherwise. */
const begun =
  (change: (state: Tree) => Tree): Make =>
  (options = {}) =>
  cell =>
    recurrent(options)({
      ...cell,
      init: (key, x) => {
        const { params, state } = cell.init(key, x)
        return { params, state: change(state) }
      }
    }) as unknown as Run

const tied = (params: Tree): Tree => {
  const { forward } = params as { readonly forward: Tree }
  return { forward, backward: forward }
}

/** Ends in another state, where that is given. */
const ended =
  (change: (state: Tree, initial: Tree | undefined) => Tree): Apply =>
  (run, { give }) =>
  (params, before, x, mode) => {
    const [y, after] = run(params, before, x, mode)
    if (give !== "withState") return [y, after]
    const { outputs, state } = y as unknown as WithState<Tree>
    return [{ outputs, state: change(state, mode.initial) } as unknown as Tensor, after]
  }

/** Of each of the parts of a state of two, that of the other. */
const crossed = (state: Tree): Tree => {
  const { forward, backward } = state as { readonly forward: Tree; readonly backward: Tree }
  return { forward: backward, backward: forward }
}

/** Sets to 0 what is not there, but lets the state go on. */
const zeroed: Apply =
  (run, { give }) =>
  (params, state, x, { mask, ...mode }) => {
    const [y, after] = run(params, state, x, mode)
    if (mask === undefined || give === "last") return [y, after]
    const there = (outputs: Tensor): Tensor => mul(outputs, expandDims(cast(mask, "f64"), 2))
    if (give !== "withState") return [there(y), after]
    const given = y as unknown as WithState<Tree>
    return [{ ...given, outputs: there(given.outputs) } as unknown as Tensor, after]
  }

export const recurrentMutants: Mutants = {
  "a sequence of one place is the cell": [
    mutant("begins with ones", suite({ recurrent: begun(Tree.map(t => add(t, 1))) as unknown as typeof recurrent })),
    mutant(
      "keeps the state as it was",
      keeping(run => (params, state, x, mode) => [run(params, state, x, mode)[0], state])
    )
  ],
  "reverse is the run over reversed places, reversed": [
    mutant(
      "does not reverse",
      optioned(options => ({ ...options, reverse: false }))
    ),
    mutant(
      "leaves outputs in the order in which they come",
      recurring((run, { reverse, give }) => (params, state, x, mode) => {
        const [y, after] = run(params, state, x, mode)
        return [reverse === true && give !== "last" ? flip(y, [1]) : y, after]
      })
    )
  ],
  "both directions are forward beside the reversed run, each by parameters of its own": [
    mutant(
      "swaps the directions",
      inBoth(
        run =>
          (params, ...rest) =>
            run(crossed(params), ...rest)
      )
    ),
    mutant(
      "shares parameters",
      inBoth(
        run =>
          (params, ...rest) =>
            run(tied(params), ...rest)
      )
    ),
    mutant("forgets the mask", inBoth(under(({ mask: _, ...mode }) => mode)))
  ],
  "both directions added are the sum of their halves": [
    mutant(
      "averages both",
      suite({
        bidirectional: ((options: BidirectionalOptions = {}) => {
          const apply: Apply = run => (params, state, x, mode) => {
            const [y, after] = run(params, state, x, mode)
            return [options.merge === "sum" ? mul(y, 0.5) : y, after]
          }
          return wrongly(bidirectional, apply)(options)
        }) as unknown as typeof bidirectional
      })
    )
  ],
  "a mask of places that are all there changes nothing": [
    mutant(
      "takes true for what is not there, as PyTorch's attention does",
      recurring(under(mode => (mode.mask === undefined ? mode : { ...mode, mask: not(mode.mask) })))
    ),
    mutant(
      "forgets the last place of a mask",
      keeping(
        under(mode => {
          if (mode.mask === undefined) return mode
          const [batch = 0, places = 0] = mode.mask.shape
          const cut = concat([cast(ones([batch, places - 1]), "bool"), cast(mul(ones([batch, 1]), 0), "bool")], 1)
          return { ...mode, mask: cut }
        })
      )
    )
  ],
  "each example is run over the places that are there": [
    mutant("lets the state go on where nothing is there", recurring(zeroed)),
    mutant(
      "gives the state after all places, whether they are there or not",
      recurring((run, { give }) => (params, before, x, given) => {
        const [y, after] = run(params, before, x, given)
        if (give !== "withState") return [y, after]
        const { mask: _, ...mode } = given
        const { state } = run(params, before, x, mode)[0] as unknown as WithState<Tree>
        return [{ ...(y as unknown as WithState<Tree>), state } as unknown as Tensor, after]
      })
    ),
    mutant("forgets the mask", recurring(under(({ mask: _, ...mode }) => mode)))
  ],
  "the last output is the last of all that are there": [
    mutant(
      "gives the output at the last place, whether it is there or not",
      suite({
        recurrent: ((options: RecurrentOptions = {}) =>
          (cell: Cell) => {
            const all = recurrent({ ...options, give: "all" })(cell)
            if (options.give !== "last") return all
            const apply: (typeof all)["apply"] = (params, state, x, mode) => {
              const [y, after] = all.apply(params, state, x, mode)
              return [at(y, options.reverse === true ? 0 : -1, 1), after]
            }
            return { ...all, apply }
          }) as unknown as typeof recurrent
      })
    ),
    mutant(
      "gives the output at the last place walked backwards, too",
      optioned(options => (options.give === "last" ? { ...options, reverse: false } : options))
    )
  ],
  "while training, a cell draws at each place anew, or at all as it does alone": [
    mutant(
      "draws alike at all places",
      optioned(options => ({ ...options, variational: true }))
    ),
    mutant(
      "always draws anew",
      optioned(options => ({ ...options, variational: false }))
    ),
    mutant("draws by a key of its own", recurring(under(mode => (mode.training ? { ...mode, key: key(1) } : mode)))),
    mutant("does not train", keeping(under(({ mask }) => ({ training: false, ...(mask && { mask }) }))))
  ],
  "chunks, one after the other, are one run": [
    mutant(
      "begins anew at every call",
      keeping(
        run =>
          (params, state, ...rest) =>
            run(params, Tree.map(t => mul(t, 0))(state), ...rest)
      )
    ),
    mutant(
      "goes on with the state before the chunk",
      keeping(run => (params, state, ...rest) => [run(params, state, ...rest)[0], state])
    )
  ],
  "a run is one over its first part, and then, from the state given, over the rest": [
    mutant("begins afresh", recurring(under(({ initial: _, ...mode }) => mode))),
    mutant(
      "begins with all but the last of the states",
      recurring(
        under(({ initial, ...mode }) => {
          if (initial === undefined) return mode
          const { structure, leaves } = Tree.flatten(initial)
          const last = leaves.length - 1
          return { ...mode, initial: Tree.unflatten(structure)(leaves.map((t, i) => (i < last ? t : mul(t, 0)))) }
        })
      )
    ),
    mutant("gives the state in which it began", recurring(ended((state, initial) => initial ?? state)))
  ],
  "both directions begin and end as each does": [
    mutant(
      "begins each with the other's state",
      inBoth(under(mode => (mode.initial === undefined ? mode : { ...mode, initial: crossed(mode.initial) })))
    ),
    mutant("gives each the other's state", inBoth(ended(crossed))),
    mutant("begins both afresh", inBoth(under(({ initial: _, ...mode }) => mode))),
    mutant("forgets the mask", inBoth(under(({ mask: _, ...mode }) => mode)))
  ]
}
