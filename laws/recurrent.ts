import fc from "fast-check"
import { add, any, at, concat, expandDims, flip, ne, ones, pad, sliceAxis, tensor, Tree, type Tensor } from "thalweg"
import {
  dropout,
  gruCell,
  lengthMask,
  lstmCell,
  rnnCell,
  sequential,
  type bidirectional,
  type Initializer,
  type Layer,
  type recurrent,
  type RecurrentOptions,
  type stateful,
  type WithState
} from "thalweg/nn"
import { key, normal } from "thalweg/random"
import { still, trainedBy } from "./arbitrary/model.js"
import { cycle, range } from "./arbitrary/numbers.js"
import { exact } from "./equality.js"
import { law, type Law } from "./law.js"
import { truth } from "./sides.js"

/** The functions that run cells along sequences. */
export interface Recurring {
  readonly recurrent: typeof recurrent
  readonly stateful: typeof stateful
  readonly bidirectional: typeof bidirectional
}

type Cell = Layer<Tree, Tree>

/** Nothing is 0, where it might hide a mistake. */
const drawn: Initializer = (own, shape, dtype = "f32") => normal(own, shape, { dtype })

const kinds = { rnnCell, lstmCell, gruCell }

/** A cell as data: counterexamples show it. */
interface Kind {
  readonly kind: keyof typeof kinds
  readonly units: number
  readonly bias: boolean
}

const arbKind: fc.Arbitrary<Kind> = fc.record({
  kind: fc.constantFrom("rnnCell", "lstmCell", "gruCell"),
  units: fc.integer({ min: 1, max: 3 }),
  bias: fc.boolean()
})

/** One cell, or two in one. */
const cellOf = ([first, second]: readonly Kind[]): Cell => {
  const one = ({ kind, units, bias }: Kind) =>
    (kinds[kind] as typeof rnnCell)({ units, bias: bias && drawn }) as unknown as Cell
  if (first === undefined || second === undefined) return one(first as Kind)
  return sequential({ first: one(first), second: one(second) }) as unknown as Cell
}

/** A cell, how it is run, and sequences with lengths. */
const running = fc.record({
  cells: fc.array(arbKind, { minLength: 1, maxLength: 2 }),
  reverse: fc.boolean(),
  give: fc.constantFrom("all" as const, "last" as const),
  batch: fc.integer({ min: 1, max: 3 }),
  places: fc.integer({ min: 1, max: 5 }),
  features: fc.integer({ min: 1, max: 3 }),
  lengths: fc.array(fc.nat(5), { minLength: 1, maxLength: 3 }),
  seed: fc.nat()
})

/** How a cell that draws is run. */
const drawing = fc.record({
  reverse: fc.boolean(),
  kept: fc.boolean(),
  places: fc.integer({ min: 2, max: 4 }),
  seed: fc.nat()
})

type Sample = typeof running extends fc.Arbitrary<infer A> ? A : never

/** Sequences, the cell's parameters and first state, and how many places of each example are there. */
const given = ({ cells, batch, places, features, lengths, seed }: Sample) => {
  const x = normal(key(seed), [batch, places, features], { dtype: "f64" })
  const real = cycle(lengths, batch).map(n => Math.min(n, places))
  const mask = lengthMask(tensor(real, { dtype: "i32" }), places)
  const cell = cellOf(cells)
  return { x, real, mask, cell, ...cell.init(key(seed + 1), at(x, 0, 1)) }
}

const optionsOf = ({ reverse, give }: Sample): RecurrentOptions<"all" | "last"> => ({ reverse, give })
const example = (x: Tensor, i: number): Tensor => sliceAxis(x, 0, i, i + 1)

/**
 * Lists the laws of what runs cells along sequences, over cells of all kinds, with biases and without, one or two in one:
 * what directions, lengths, chunks and initial states are to one plain run, and where what is trained draws anew. Exact.
 *
 * @example
 * import assert from "node:assert"
 * import { bidirectional, recurrent, stateful } from "thalweg/nn"
 * import { checkAll, recurrentLaws } from "thalweg/laws"
 *
 * const suite = recurrentLaws({ recurrent, stateful, bidirectional })
 * assert(checkAll(suite, { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const recurrentLaws = ({ recurrent, stateful, bidirectional }: Recurring): readonly Law[] => {
  type Outputs = RecurrentOptions<"all" | "last">
  const run = (cell: Cell, options: Outputs, params: Tree, x: Tensor, mask?: Tensor): Tensor =>
    recurrent(options)(cell).apply(params, [], x, mask === undefined ? still : { ...still, mask })[0]
  return [
    law("a sequence of one place is the cell", exact, running, sample => {
      const { x, cell, params, state } = given({ ...sample, places: 1 })
      const [y, after] = cell.apply(params, state, at(x, 0, 1), still)
      return [
        [run(cell, optionsOf(sample), params, x), stateful(optionsOf(sample))(cell).apply(params, state, x, still)[1]],
        [sample.give === "last" ? y : expandDims(y, 1), after]
      ]
    }),
    law("reverse is the run over reversed places, reversed", exact, running, sample => {
      const { x, cell, params } = given(sample)
      const back = run(cell, {}, params, flip(x, [1]))
      return [run(cell, { reverse: true }, params, x), flip(back, [1])]
    }),
    law(
      "both directions are forward beside the reversed run, each by parameters of its own",
      exact,
      running,
      sample => {
        const { x, cell, params: forward, mask } = given(sample)
        const { params: backward } = given({ ...sample, seed: sample.seed + 2 })
        const { give } = sample
        const state = { forward: [], backward: [] } as const
        const [y] = bidirectional({ give })(cell).apply({ forward, backward }, state, x, { ...still, mask })
        const halves = [run(cell, { give }, forward, x, mask), run(cell, { give, reverse: true }, backward, x, mask)]
        return [y, concat(halves, -1)]
      }
    ),
    law("both directions added are the sum of their halves", exact, running, sample => {
      const { x, cell, params: forward, mask } = given(sample)
      const { params: backward } = given({ ...sample, seed: sample.seed + 2 })
      const { give } = sample
      const state = { forward: [], backward: [] } as const
      const both = (merge: "sum" | "concat"): Tensor =>
        bidirectional({ give, merge })(cell).apply({ forward, backward }, state, x, { ...still, mask })[0]
      const joined = both("concat")
      const units = (joined.shape.at(-1) ?? 0) / 2
      return [both("sum"), add(sliceAxis(joined, -1, 0, units), sliceAxis(joined, -1, units, 2 * units))]
    }),
    law("a mask of places that are all there changes nothing", exact, running, sample => {
      const { x, cell, params, state, mask } = given({ ...sample, lengths: [sample.places] })
      const [options, layer] = [optionsOf(sample), stateful(optionsOf(sample))(cell)]
      return [
        [run(cell, options, params, x, mask), layer.apply(params, state, x, { ...still, mask })],
        [run(cell, options, params, x), layer.apply(params, state, x, still)]
      ]
    }),
    law("each example is run over the places that are there", exact, running, sample => {
      const lengths = sample.lengths.map(n => Math.max(1, n))
      const { x, cell, params, real, mask } = given({ ...sample, lengths })
      const { reverse, places } = sample
      const layer = recurrent({ reverse, give: "withState" })(cell)
      const alone = (n: number, i: number): WithState<Tree> => {
        const { outputs, state } = layer.apply(params, [], sliceAxis(example(x, i), 1, 0, n), still)[0]
        return { outputs: pad(outputs, [[0, 0], [0, places - n], [0, 0]]), state } // prettier-ignore
      }
      const join = (a: Tree, b: Tree): Tree => Tree.zipWith((a: Tensor, b: Tensor) => concat([a, b]))(a, b)
      return [layer.apply(params, [], x, { ...still, mask })[0], real.map<Tree>(alone).reduce(join)]
    }),
    law("the last output is the last of all that are there", exact, running, sample => {
      const { x, cell, params, real, mask } = given(sample)
      const { reverse } = sample
      const all = run(cell, { reverse }, params, x, mask)
      const lasts = real.map((n, i) => at(example(all, i), reverse || n === 0 ? 0 : n - 1, 1)) // 0 where nothing is there
      return [run(cell, { reverse, give: "last" }, params, x, mask), concat(lasts)]
    }),
    law("while training, a cell draws at each place anew, or at all as it does alone", exact, drawing, sample => {
      const { reverse, kept, places, seed } = sample
      const cell = dropout({ rate: 0.5 })
      const x = ones([2, 1, 64])
      const run = (variational: boolean, seed: number): readonly Tensor[] => {
        const options = { reverse, variational }
        const layer = kept ? stateful(options)(cell) : recurrent(options)(cell)
        const [y] = layer.apply(
          [],
          [],
          concat(
            range(places).map(() => x),
            1
          ),
          trainedBy(seed)
        )
        return range(places).map(place => at(y, place, 1))
      }
      const anew = run(false, seed)
      const pairs = anew.flatMap((a, i) => [...anew.slice(i + 1), ...run(false, seed + 1)].map(b => any(ne(a, b))))
      const [alone] = cell.apply([], [], at(x, 0, 1), trainedBy(seed))
      return [
        [pairs, run(true, seed)],
        [pairs.map(() => truth(true)), range(places).map(() => alone)]
      ]
    }),
    law("chunks, one after the other, are one run", exact, fc.tuple(running, fc.nat(4)), ([sample, n]) => {
      const { x, cell, params, state, mask } = given({ ...sample, places: sample.places + 1 })
      const cut = 1 + (n % sample.places)
      const layer = stateful()(cell)
      const part = (start: number, stop: number) =>
        [sliceAxis(x, 1, start, stop), { ...still, mask: sliceAxis(mask, 1, start, stop) }] as const
      const [head, between] = layer.apply(params, state, ...part(0, cut))
      const [tail, after] = layer.apply(params, between, ...part(cut, sample.places + 1))
      const [whole, end] = layer.apply(params, state, ...part(0, sample.places + 1))
      return [
        [concat([head, tail], 1), after, whole],
        [whole, end, run(cell, {}, params, x, mask)]
      ]
    }),
    law(
      "a run is one over its first part, and then, from the state given, over the rest",
      exact,
      fc.tuple(running, fc.nat(4)),
      ([sample, n]) => {
        const { x, cell, params, state, mask } = given({ ...sample, places: sample.places + 1 })
        const { reverse, seed } = sample
        const cut = 1 + (n % sample.places)
        const layer = recurrent({ reverse, give: "withState" })(cell)
        const part = ([start, stop]: readonly [number, number], initial: Tree) => {
          const context = { mask: sliceAxis(mask, 1, start, stop), initial }
          return layer.apply(params, [], sliceAxis(x, 1, start, stop), { ...still, ...context })[0]
        }
        const start = Tree.map((t: Tensor) => normal(key(seed + 2), t.shape, { dtype: "f64" }))(state)
        const [before, after] = [[0, cut] as const, [cut, sample.places + 1] as const]
        const head = part(reverse ? after : before, start)
        const tail = part(reverse ? before : after, head.state)
        const outputs = [head.outputs, tail.outputs]
        const joined = concat(reverse ? outputs.toReversed() : outputs, 1)
        return [{ outputs: joined, state: tail.state }, part([0, sample.places + 1], start)]
      }
    ),
    law("both directions begin and end as each does", exact, running, sample => {
      const { x, cell, params: forward, state, mask } = given(sample)
      const { params: backward } = given({ ...sample, seed: sample.seed + 2 })
      const begun = (seed: number): Tree =>
        Tree.map((t: Tensor) => normal(key(sample.seed + seed), t.shape, { dtype: "f64" }))(state)
      const initial = { forward: begun(3), backward: begun(4) }
      const both = bidirectional({ give: "withState" })(cell)
      const none = { forward: [], backward: [] } as const
      const each = (params: Tree, initial: Tree, reverse: boolean) =>
        recurrent({ give: "withState", reverse })(cell).apply(params, [], x, { ...still, mask, initial })[0]
      const [ahead, back] = [each(forward, initial.forward, false), each(backward, initial.backward, true)]
      return [
        both.apply({ forward, backward }, none, x, { ...still, mask, initial })[0],
        {
          outputs: concat([ahead.outputs, back.outputs], -1),
          state: { forward: ahead.state, backward: back.state }
        }
      ]
    })
  ]
}
