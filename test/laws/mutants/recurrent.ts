import { add, at, cast, concat, expandDims, flip, not, mul, ones, Tree, type Tensor } from "thalweg"
import { recurrentLaws, type Recurring } from "thalweg/laws"
import {
  bidirectional,
  recurrent,
  stateful,
  type BidirectionalOptions,
  type Layer,
  type Mode,
  type MaskContext,
  type RecurrentOptions
} from "thalweg/nn"
import { key } from "thalweg/random"
import { mutant, type Mutants } from "./mutant.js"

type Cell = Layer<Tree, Tree>
type Run = Layer<Tree, Tree, Tensor, Tensor, MaskContext>
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
  (change: (mode: Mode & MaskContext) => Mode & MaskContext): Apply =>
  run =>
  (params, state, x, mode) =>
    run(params, state, x, change(mode))

/** Other options. */
const optioned = (change: (options: RecurrentOptions) => RecurrentOptions) =>
  suite({ recurrent: options => recurrent(change(options ?? {})) })

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

const swapped = (params: Tree): Tree => {
  const { forward, backward } = params as { readonly forward: Tree; readonly backward: Tree }
  return { forward: backward, backward: forward }
}

const tied = (params: Tree): Tree => {
  const { forward } = params as { readonly forward: Tree }
  return { forward, backward: forward }
}

/** Sets to 0 what is not there, but lets the state go on. */
const zeroed: Apply =
  (run, { give }) =>
  (params, state, x, { mask, ...mode }) => {
    const [y, after] = run(params, state, x, mode)
    return [mask === undefined || give === "last" ? y : mul(y, expandDims(cast(mask, "f64"), 2)), after]
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
            run(swapped(params), ...rest)
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
  ]
}
