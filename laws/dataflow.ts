import fc from "fast-check"
import {
  at,
  cast,
  type compile,
  type cond,
  type evaluate,
  expandDims,
  eq,
  flip,
  flatten,
  type foldBatches,
  lt,
  add,
  sum,
  take,
  scalar,
  type scan,
  stack,
  type stepBatches,
  type Tensor,
  Tree,
  type TreeLike,
  type whileLoop
} from "thalweg"
import { fit } from "./arbitrary/draw.js"
import { range } from "./arbitrary/numbers.js"
import { arbProgram, type Program } from "./arbitrary/program.js"
import { arbTensor, copyOf } from "./arbitrary/tensor.js"
import { exact, unfused, type Equality } from "./equality.js"
import { immutabilityLaws } from "./immutability.js"
import { law, type Law } from "./law.js"
import { outline, truth } from "./sides.js"

/** The functions that give expressions their meaning, as an engine provides them. */
export interface Dataflow {
  readonly evaluate: typeof evaluate
  readonly compile: typeof compile
  readonly foldBatches: typeof foldBatches
  readonly stepBatches: typeof stepBatches
  readonly scan: typeof scan
  readonly whileLoop: typeof whileLoop
  readonly cond: typeof cond
}

const program = arbProgram()
const inputs = fc.array(arbTensor(), { minLength: 1, maxLength: 3 })

const evaluation = ({ evaluate }: Dataflow, equality: Equality): readonly Law[] => [
  law("evaluate gives literals", exact, program, p => {
    const results = evaluate(p.build(p.inputs))
    return [results.map(t => truth(t.op.kind === "literal")), results.map(() => truth(true))]
  }),
  law("evaluate keeps structure, shapes and dtypes", exact, program, p => {
    const nested = { results: p.build(p.inputs), first: [p.inputs] }
    return [outline(evaluate(nested)), outline(nested)]
  }),
  law("evaluate is idempotent", exact, program, p => {
    const once = evaluate([p.build(p.inputs)])
    return [evaluate(once), once]
  }),
  law("evaluate leaves inputs unchanged", exact, program, p => {
    const before = copyOf(p.inputs)
    evaluate(p.build(p.inputs))
    return [before, p.inputs]
  }),
  law("the same inputs give the same bits", exact, program, p => [
    evaluate(p.build(p.inputs)),
    evaluate(p.build(copyOf(p.inputs)))
  ]),
  law("sharing does not matter", equality, fc.tuple(program, program), ([p, after]) => {
    const shared = p.build(p.inputs)
    return [
      evaluate([after.build([...shared, ...shared]), shared, shared]),
      evaluate([after.build([...p.build(p.inputs), ...p.build(p.inputs)]), p.build(p.inputs), p.build(p.inputs)])
    ]
  }),
  law("what was evaluated before does not matter", equality, fc.tuple(program, program), ([p, after]) => {
    const build = (shared: readonly Tensor[]): readonly Tensor[] => after.build([...shared, ...shared])
    const shared = p.build(p.inputs)
    const before = build(shared)
    evaluate(shared)
    const fresh = evaluate(build(p.build(p.inputs)))
    return [evaluate([before, build(shared)]), [fresh, fresh]]
  }),
  law("evaluate gives the same together and apart", equality, fc.tuple(program, program), ([p, q]) => {
    const [a, b] = [p.build(p.inputs), q.build(p.inputs)]
    const apart = [evaluate(p.build(p.inputs)), evaluate(q.build(p.inputs))]
    return [evaluate([a, b]), apart]
  })
]

const compilation = ({ compile, evaluate }: Dataflow, equality: Equality): readonly Law[] => [
  law("compile agrees with evaluate", equality, program, p => [
    compile(p.build, unfused)(p.inputs),
    evaluate(p.build(p.inputs))
  ]),
  law("one compiled function serves every signature", equality, fc.tuple(program, inputs), ([p, others]) => {
    const run = compile(p.build, unfused)
    const floats = p.inputs.map(t => cast(t, t.dtype === "f32" ? "f64" : "f32"))
    const calls = [p.inputs, others, floats, p.inputs]
    return [calls.map(call => run(call)), calls.map(call => evaluate(p.build(call)))]
  }),
  law("compiled functions compose", equality, fc.tuple(program, program), ([f, g]) => [
    compile(g.build)(compile(f.build)(f.inputs)),
    compile((xs: readonly Tensor[]) => g.build(f.build(xs)))(f.inputs)
  ]),
  law("a compiled function can be compiled", equality, program, p => {
    const inner = compile(p.build)
    return [
      compile((xs: readonly Tensor[]) => inner([...inner(xs), ...xs]), unfused)(p.inputs),
      p.build([...p.build(p.inputs), ...p.inputs])
    ]
  }),
  law("evaluate changes nothing inside a compiled function", equality, fc.tuple(program, program), ([f, g]) => [
    compile((xs: readonly Tensor[]) => g.build(evaluate(f.build(xs))), unfused)(f.inputs),
    evaluate(g.build(f.build(f.inputs)))
  ]),
  law("compile leaves arguments unchanged", exact, program, p => {
    const before = copyOf(p.inputs)
    compile(p.build)(p.inputs)
    return [before, p.inputs]
  }),
  law("a compiled function has no memory", exact, program, p => {
    const run = compile(p.build)
    const first = run(p.inputs)
    const kept = copyOf(first)
    run(p.inputs.map(t => flip(t)))
    return [
      [first, run(p.inputs)],
      [kept, kept]
    ]
  })
]

/** A random transition: a program of state and batch, its last result fitted to the state. */
const transition =
  ({ build }: Program) =>
  (state: { readonly x: Tensor }, batch: readonly Tensor[]): readonly [{ readonly x: Tensor }, readonly Tensor[]] => {
    const results = build([...batch, state.x])
    const last = results.at(-1) ?? state.x
    return [{ x: cast(fit(last, state.x.shape), state.x.dtype) }, results]
  }

const folding = fc.record({
  program,
  state: arbTensor({ dtypes: ["f32", "f64"] }).map(x => ({ x })),
  batches: fc.array(inputs, { maxLength: 4 })
})

type Folding = typeof folding extends fc.Arbitrary<infer A> ? A : never
type Folded = readonly [state: { readonly x: Tensor }, yielded: readonly (readonly Tensor[])[]]

/** As many as can be stopped between two of them. */
const several = folding.filter(({ batches }) => batches.length > 1)

/** The fold of what each step evaluates to. */
const plainFold = ({ evaluate }: Dataflow, { program: p, state, batches }: Folding): Folded =>
  batches.reduce<Folded>(
    ([current, yielded], batch) => {
      const [next, value] = evaluate(transition(p)(current, batch))
      return [next, [...yielded, value]]
    },
    [state, []]
  )

/** What some steps yield as they are asked for, and the state that is returned after them. */
const stepped = ({ stepBatches }: Dataflow, { program: p, state, batches }: Folding, steps: number) => {
  const running = stepBatches(transition(p), unfused)(state, batches)
  const yielded = range(steps).map(() => running.next().value)
  return [running.next(steps < batches.length ? "stop" : undefined).value, yielded]
}

const folds = (engine: Dataflow, equality: Equality): readonly Law[] => [
  law("foldBatches is the plain fold", equality, folding, ({ program: p, state, batches }) => [
    engine.foldBatches(transition(p), unfused)(state, batches),
    plainFold(engine, { program: p, state, batches })
  ]),
  law("stepBatches makes the steps of the plain fold", equality, folding, sample => [
    stepped(engine, sample, sample.batches.length),
    plainFold(engine, sample)
  ]),
  law("stepBatches that is told to stop returns the state of its steps", equality, several, sample => {
    const batches = sample.batches.slice(0, -1)
    return [stepped(engine, sample, batches.length), plainFold(engine, { ...sample, batches })]
  }),
  law("foldBatches tells onStep what it yields", exact, folding, ({ program: p, state, batches }) => {
    const told: Tree[] = []
    const onStep = (value: Tree, index: number): unknown => told.push([value, scalar(index, "i32")])
    const [, yielded] = engine.foldBatches(transition(p), { onStep })(state, batches)
    return [told, yielded.map((value, i) => [value, scalar(i, "i32")])]
  })
]

const looping = fc.record({
  program,
  init: arbTensor({ dtypes: ["f32", "f64"] }),
  xs: arbTensor({ dtypes: ["f32", "i32"] }).map(t => (t.shape.length === 0 ? expandDims(t, 0) : t)),
  reverse: fc.boolean()
})

const loops = ({ evaluate, scan }: Dataflow, equality: Equality): readonly Law[] => [
  law("scan is the unrolled loop", equality, looping, ({ program: p, init, xs, reverse }) => {
    const body = (c: { readonly x: Tensor }, x: Tensor) => {
      const [next] = transition(p)(c, [x])
      return [next, fit(next.x, [2])] as const
    }
    const length = xs.shape[0] ?? 0
    const places = reverse ? range(length).toReversed() : range(length)
    const [last, ys] = places.reduce<readonly [{ readonly x: Tensor }, readonly (readonly [number, Tensor])[]]>(
      ([c, found], place) => {
        const [next, y] = body(c, at(xs, place))
        return [next, [...found, [place, y]]]
      },
      [{ x: init }, []]
    )
    const stacked = ys.toSorted(([a], [b]) => a - b).map(([, y]) => y)
    const [carry, all] = scan(body, { x: init }, xs, { reverse })
    return [evaluate([carry, all]), evaluate([last, length === 0 ? all : stack(stacked)])]
  })
]

const repeating = fc.record({
  program,
  init: arbTensor({ dtypes: ["f32", "f64"] }),
  xs: inputs,
  times: fc.nat(4),
  max: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined })
})

/** An index that is none. */
const NOWHERE = 999

/** What cannot be computed: its results have no such element, which is not known before `x` is. */
const failing = <T extends TreeLike<T>>(tree: T, x: Tensor): T => {
  const place = add(cast(eq(sum(x), sum(x)), "i32"), NOWHERE)
  return Tree.map(t => fit(take(flatten(t), place), t.shape))(tree)
}

const choosing = fc.record({
  program,
  state: arbTensor({ dtypes: ["f32", "f64"] }),
  xs: inputs,
  isTrue: fc.boolean()
})

const control = ({ evaluate, scan, whileLoop, cond }: Dataflow, equality: Equality): readonly Law[] => [
  law(
    "whileLoop that counts is the scan of that length",
    equality,
    repeating,
    ({ program: p, init, xs, times, max }) => {
      const step = (c: { readonly x: Tensor }) => transition(p)(c, xs)[0]
      const last = whileLoop(
        ({ n }) => lt(n, times),
        ({ n, c }) => ({ n: add(n, 1), c: step(c) }),
        { n: scalar(0, "i32"), c: { x: init } },
        max === undefined ? {} : { max }
      )
      const length = Math.min(times, max ?? times)
      const [c] = scan((before: { readonly x: Tensor }) => [step(before), []] as const, { x: init }, [], { length })
      return [evaluate([last.n, last.c]), evaluate([scalar(length, "i32"), c])]
    }
  ),
  law(
    "cond is the branch that it chooses, and runs no other",
    equality,
    choosing,
    ({ program: p, state, xs, isTrue }) => {
      const f = (x: Tensor, ...rest: readonly Tensor[]) => transition(p)({ x }, rest)
      const fails = (x: Tensor, ...rest: readonly Tensor[]) => failing(f(x, ...rest), x)
      const [yes, no] = isTrue ? [f, fails] : [fails, f]
      return [evaluate(cond(lt(scalar(isTrue ? 0 : 1), 1), yes, no, state, ...xs)), evaluate(f(state, ...xs))]
    }
  )
]

/**
 * Lists the laws of an engine over random programs: compiled, folded, looped and chosen expressions mean what the expression
 * means; inputs stay unchanged; nothing is remembered; sharing does not matter; what a caller holds never changes, nor
 * when a step throws.
 *
 * `equality` is what is claimed between two ways to run one expression: `exact` for the reference interpreter, some
 * `ulps` for an engine that contracts or reorders.
 *
 * @example
 * import assert from "node:assert"
 * import { compile, cond, evaluate, foldBatches, scan, stepBatches, whileLoop } from "thalweg"
 * import { checkAll, dataflowLaws } from "thalweg/laws"
 *
 * const suite = dataflowLaws({ compile, cond, evaluate, foldBatches, scan, stepBatches, whileLoop })
 * assert(checkAll(suite, { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const dataflowLaws = (engine: Dataflow, equality: Equality = exact): readonly Law[] => [
  ...evaluation(engine, equality),
  ...compilation(engine, equality),
  ...folds(engine, equality),
  ...loops(engine, equality),
  ...control(engine, equality),
  ...immutabilityLaws(engine, equality)
]
