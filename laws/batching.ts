import fc from "fast-check"
import {
  compile,
  evaluate,
  grad,
  jvp,
  moveAxis,
  mul,
  reshape,
  roll,
  stack,
  sum,
  take,
  type Tensor,
  type vmap
} from "thalweg"
import { arbProgram, arbSmoothProgram, lossOf, type Program } from "./arbitrary/program.js"
import { exact, rounded, unfused } from "./equality.js"
import { law, type Law } from "./law.js"

/** What maps over examples, and is held to laws. */
export interface Batching {
  readonly vmap: typeof vmap
}

const SIZE = 3

/** A program, and its inputs for several examples: of each input either one for every example, or one for all. */
interface Examples {
  readonly program: Program
  readonly axes: readonly (0 | null)[]
  /** The inputs of every example. */
  readonly apart: readonly (readonly Tensor[])[]
  /** The inputs of all of them at once. */
  readonly all: readonly Tensor[]
}

const turned = (t: Tensor, by: number): Tensor => reshape(roll(reshape(t, [-1]), by), t.shape)

const arbExamples = (programs: fc.Arbitrary<Program>): fc.Arbitrary<Examples> =>
  fc.tuple(programs, fc.array(fc.boolean(), { minLength: 3, maxLength: 3 })).map(([program, flags]) => {
    const axes = program.inputs.map((_, i) => (i === 0 || flags[i] === true ? 0 : null))
    const apart = Array.from({ length: SIZE }, (_, k) =>
      program.inputs.map((t, i) => (axes[i] === 0 && t.shape.every(n => n > 0) ? turned(t, k) : t))
    )
    const all = program.inputs.map((t, i) => (axes[i] === 0 ? stack(apart.map(xs => xs[i] as Tensor)) : t))
    return { program, axes, apart, all }
  })

const stacked = (apart: readonly (readonly Tensor[])[]): readonly Tensor[] =>
  (apart[0] ?? []).map((_, i) => stack(apart.map(xs => xs[i] as Tensor)))

type Point = readonly Tensor[]

const pointwise = ({ vmap }: Batching): readonly Law[] => [
  law("every example is as it is alone", exact, arbExamples(arbProgram()), ({ program, axes, apart, all }) => [
    vmap(program.build, [axes])(all),
    stacked(apart.map(program.build))
  ]),
  law("it does not matter along which axis examples lie", exact, arbExamples(arbProgram()), e => {
    const last = e.axes.map(axis => (axis === null ? null : -1))
    const moved = e.all.map((t, i) => (e.axes[i] === null ? t : moveAxis(t, 0, -1)))
    return [vmap(e.program.build, [last])(moved), vmap(e.program.build, [e.axes])(e.all)]
  }),
  law("what is mapped compiles", exact, arbExamples(arbProgram()), ({ program, axes, all }) => {
    const mapped = vmap(program.build, [axes])
    return [compile(mapped, unfused)(all), evaluate(mapped(all))]
  }),
  law("what is mapped twice is mapped over both axes", exact, arbExamples(arbProgram()), ({ program, axes, all }) => {
    const mapped = vmap(program.build, [axes])
    const orders = [[0, 1, 2], [2, 0, 1]] // prettier-ignore
    const ordered = orders.map(order => all.map((t, i) => (axes[i] === 0 ? take(t, order) : t)))
    const twice = all.map((t, i) => (axes[i] === 0 ? stack(ordered.map(xs => xs[i] as Tensor)) : t))
    return [vmap(mapped, [axes])(twice), stacked(ordered.map(xs => mapped(xs)))]
  })
]

const derivatives = ({ vmap }: Batching): readonly Law[] => [
  law("gradients can be mapped", rounded, arbExamples(arbSmoothProgram()), ({ program, axes, apart, all }) => {
    const slope = grad(lossOf(program))
    return [vmap(slope, [axes])(all), stacked(apart.map(slope))]
  }),
  law("derivatives in a direction can be mapped", rounded, arbExamples(arbSmoothProgram()), e => {
    const push = (x: Point): Point => jvp(e.program.build)(x, x)[1]
    return [vmap(push, [e.axes])(e.all), stacked(e.apart.map(push))]
  }),
  law("what is mapped has a gradient", rounded, arbExamples(arbSmoothProgram()), ({ program, axes, apart, all }) => {
    const loss = lossOf(program)
    const total = (x: Point): Tensor => mul(sum(vmap(loss, [axes])(x)), 0.5)
    const each = stacked(apart.map(grad((x: Point) => mul(loss(x), 0.5))))
    return [grad(total)(all), each.map((t, i) => (axes[i] === 0 ? t : sum(t, { axes: 0 })))]
  })
]

/**
 * Lists the laws of mapping over examples: `vmap(f)(xs)[i] = f(xs[i])` over random programs, to the last bit; wherever
 * the axis of examples lies; compiled; mapped again; and with derivatives inside and outside (within 1e-12, the rounding
 * of sums in another order).
 *
 * @example
 * import assert from "node:assert"
 * import * as thalweg from "thalweg"
 * import { batchingLaws, checkAll } from "thalweg/laws"
 *
 * assert(checkAll(batchingLaws(thalweg), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const batchingLaws = (batching: Batching): readonly Law[] => [...pointwise(batching), ...derivatives(batching)]
