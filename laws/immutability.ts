import fc from "fast-check"
import {
  add,
  cast,
  flatten,
  flip,
  reshape,
  scalar,
  take,
  toTyped,
  type compile,
  type evaluate,
  type foldBatches,
  type Tensor,
  type Tree
} from "thalweg"
import { fit } from "./arbitrary/draw.js"
import { arbShape, sizeOf } from "./arbitrary/numbers.js"
import { arbProgram } from "./arbitrary/program.js"
import { arbTensor } from "./arbitrary/tensor.js"
import type { Equality } from "./equality.js"
import { law, type Law } from "./law.js"

/** What makes steps. */
interface Running {
  readonly compile: typeof compile
  readonly evaluate: typeof evaluate
  readonly foldBatches: typeof foldBatches
}

type State = readonly Tensor[]

/** What a step takes, and where it looks something up: at 0, or outside, so that it throws. */
interface Batch extends Readonly<Record<string, Tensor>> {
  readonly x: Tensor
  readonly at: Tensor
}

/** A few and many elements: what is small is read at once. */
const shapes = arbShape({ sizes: [1, 3, 5, 17], mostElements: 150 })

/** A program, a state and inputs of one type, and which of all values are the next state, and which are yielded. */
const arbRun = fc
  .tuple(shapes, fc.constantFrom("f32" as const, "f64" as const, "i32" as const))
  .chain(([shape, dtype]) => {
    const value = arbTensor({ shape: fc.constant(shape), dtypes: [dtype] })
    return fc.record({
      program: arbProgram(),
      state: fc.array(value, { minLength: 1, maxLength: 3 }),
      inputs: fc.array(value, { minLength: 2, maxLength: 4 }),
      next: fc.array(fc.nat(30), { minLength: 3, maxLength: 3 }),
      yielded: fc.array(fc.nat(30), { minLength: 1, maxLength: 2 }),
      early: fc.nat(4)
    })
  })

type Run = typeof arbRun extends fc.Arbitrary<infer A> ? A : never

/** The same elements in the same order. */
const viewed = (t: Tensor): Tensor => reshape(flatten(t), t.shape)

/** A step whose results are whatever it came upon: what it was given and what it computed, or a view of that. */
const stepOf =
  ({ program, next, yielded }: Run) =>
  (state: State, { x, at }: Batch): readonly [State, State] => {
    const given = [...state, x]
    const isLike = (t: Tensor): boolean => t.dtype === x.dtype && t.shape.join() === x.shape.join()
    const results = program.build(given).map(t => (isLike(t) ? t : cast(fit(t, x.shape), x.dtype)))
    const values = [...given, ...results, ...results.map(t => add(t, given[0] as Tensor))]
    const all = [...values, ...values.map(viewed)]
    const pick = (n: number): Tensor => all[n % all.length] as Tensor
    return [state.map((_, i) => pick(next[i] as number)), [...yielded.map(pick), take(flatten(values.at(-1) ?? x), at)]]
  }

/** Each step, with what the one before led to. */
const pathOf = (
  run: (state: State, batch: Batch) => readonly [State, State],
  state: State,
  batches: readonly Batch[]
): readonly (readonly [State, State])[] =>
  batches.reduce<readonly (readonly [State, State])[]>(
    (path, batch) => [...path, run(path.at(-1)?.[0] ?? state, batch)],
    []
  )

/** Compiled functions and folds as what they mean. */
const meaning = ({ evaluate }: Running): Pick<Running, "compile" | "foldBatches"> => ({
  compile: (f =>
    (...args: never) =>
      evaluate(f(...args) as Tree)) as typeof compile,
  foldBatches: ((step: (state: State, batch: Batch) => readonly [State, State]) =>
    (state: State, batches: readonly Batch[]) => {
      const path = pathOf((s, b) => evaluate(step(s, b)), state, batches)
      return [path.at(-1)?.[0] ?? state, path.map(([, yielded]) => yielded)]
    }) as never
})

/** Throws where something does not. */
const mustThrow = (run: () => unknown): void => {
  try {
    run()
  } catch {
    return
  }
  throw new Error("no error was thrown")
}

/**
 * All that a caller holds who folds, makes the same steps one by one, and folds on from one of the states between; of it
 * only what the step yields is read before the end, at one place. A caller who stumbles tries everything with a last step
 * that throws before.
 */
const held = ({ compile, foldBatches }: Pick<Running, "compile" | "foldBatches">, run: Run, stumbles = false): Tree => {
  const turned = compile((all: readonly Tensor[]) => all.map(t => flip(t)))
  const [state, inputs] = [turned(run.state), turned(run.inputs)]
  const at = (x: Tensor, index: number): Batch => ({ x, at: scalar(index, "i32") })
  const batches = inputs.map(x => at(x, 0))
  const outside = ({ x }: Batch): Batch => at(x, sizeOf(x.shape))
  const tried = <A>(failing: () => unknown, make: () => A): A => {
    if (stumbles) mustThrow(failing)
    return make()
  }
  const onStep = (yielded: State, i: number): void => {
    if (i === run.early) yielded.forEach(toTyped)
  }
  const [step, fold] = [compile(stepOf(run)), foldBatches(stepOf(run), { onStep })]
  const folded = (from: State): Tree =>
    tried(
      () => fold(from, [...batches, ...batches.slice(0, 1).map(outside)]),
      () => fold(from, batches)
    )
  const stepped = (from: State, batch: Batch): readonly [State, State] =>
    tried(
      () => step(from, outside(batch)),
      () => step(from, batch)
    )
  const whole = folded(state)
  const path = pathOf(stepped, state, batches)
  const middle = path[run.early % path.length]?.[0] ?? state
  return [state, inputs, whole, path, folded(middle)]
}

/** The laws of what a caller holds. */
export const immutabilityLaws = (engine: Running, equality: Equality): readonly Law[] => [
  law("what a caller can see never changes", equality, arbRun, run => [held(engine, run), held(meaning(engine), run)]),
  law("a step that throws changes nothing", equality, arbRun, run => [
    held(engine, run, true),
    held(meaning(engine), run)
  ])
]
